# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service.service import Service

METHODS = [
    ((None, None, False), "none"),
    ((None, None, True), "socket"),
    ((7, None, False), "signal"),
    ((7, "ssh.service", False), "systemd"),
    ((7, "ssh.service", True), "systemd"),
    ((7, "ssh.service", False, ""), "signal"),
]


@pytest.mark.parametrize(("who", "expected"), METHODS)
def test_the_method_follows_from_who_runs_it(who, expected):
    assert Service("/main", set(), "/p", [], *who).method == expected
