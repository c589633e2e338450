# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import struct

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import _listener

WANTED = [
    (["0.0.0.0:22", "[::]:22"], {("0.0.0.0", 22), ("::", 22)}),
    (["127.0.0.1:2222"], {("127.0.0.1", 2222)}),
    (["[::1]:2222 rdomain 1"], {("::1", 2222)}),
    ([], set()),
]


@pytest.mark.parametrize(("values", "expected"), WANTED)
def test_the_addresses_of_a_configuration_are_numbers(values, expected):
    assert _listener.wanted({"listenaddress": values}) == expected


@pytest.mark.parametrize(("address", "text"), [(("0.0.0.0", 22), "0.0.0.0:22"), (("::1", 22), "[::1]:22")])
def test_an_address_is_written_as_sshd_writes_it(address, text):
    assert _listener.text(address) == text


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "192.0.2.7", "::", "::1", "2001:db8::17"])
def test_hosts_are_read_as_the_kernel_shows_them(host):
    octets = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    words = struct.unpack("=%dI" % (len(octets) // 4), octets)
    assert _listener._host("".join("%08X" % word for word in words)) == host


def test_a_listening_socket_of_this_machine_is_found_and_a_bound_one_is_not():
    with socket.socket() as bound, socket.socket() as listening:
        for one in (bound, listening):
            one.bind(("127.0.0.1", 0))
        listening.listen(1)
        found = {one.address: one.inode for one in _listener._sockets()}
        assert os.readlink("/proc/self/fd/%d" % listening.fileno()) == "socket:[%s]" % found[listening.getsockname()]
        assert bound.getsockname() not in found


def test_a_socket_that_no_sshd_holds_is_nobodys():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert _listener.listening({listening.getsockname()}) == []


def test_the_oldest_process_is_the_one_whose_parent_is_not_among_them():
    here, parent = os.getpid(), os.getppid()
    assert _listener._parent(here) == parent
    assert _listener._oldest([here, parent]) == parent
    assert _listener._oldest([here]) == here
    assert _listener._oldest([]) is None


def test_a_process_that_is_gone_has_no_arguments():
    assert _listener.arguments(2**22 + 1) == ""
    assert "python" in _listener.arguments(os.getpid()) or "pytest" in _listener.arguments(os.getpid())


def test_silence_is_no_banner():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert _listener.banner(listening.getsockname(), 0.05) == b""
