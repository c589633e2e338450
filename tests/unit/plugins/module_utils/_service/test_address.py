# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import socket

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import address


@pytest.mark.parametrize(("listening", "text"), [(("0.0.0.0", 22), "0.0.0.0:22"), (("::1", 22), "[::1]:22")])
def test_an_address_is_written_as_sshd_writes_it(listening, text):
    assert address.text(listening) == text


def test_silence_is_no_banner():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert address.banner(listening.getsockname(), 0.05) == b""
