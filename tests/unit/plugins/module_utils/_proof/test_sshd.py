# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import EffectiveConfiguration

ADDRESSES = [
    (["0.0.0.0:22", "[::]:22"], {("0.0.0.0", 22), ("::", 22)}),
    (["127.0.0.1:2222"], {("127.0.0.1", 2222)}),
    (["[::1]:2222 rdomain 1"], {("::1", 2222)}),
    ([], set()),
]


@pytest.mark.parametrize(("values", "expected"), ADDRESSES)
def test_the_addresses_of_a_configuration_are_numbers(values, expected):
    text = "".join(f"listenaddress {value}\n" for value in values)
    assert EffectiveConfiguration(text).listen_addresses == expected


@pytest.mark.parametrize("text", ["port 22\nmaxsessions 7\npidfile /p\n", "Port 22\nMaxSessions 7\nPidFile /p\n"])
def test_keywords_are_read_in_any_case(text):
    effective = EffectiveConfiguration(text)
    assert (effective.max_sessions, effective.pid_file) == (7, "/p")


def test_what_is_no_sshd_says_no_max_sessions():
    assert EffectiveConfiguration("hello\n").max_sessions is None
