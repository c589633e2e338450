# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import struct

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import listener, process


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "192.0.2.7", "::", "::1", "2001:db8::17"])
def test_hosts_are_read_as_the_kernel_shows_them(host):
    octets = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    words = struct.unpack("=%dI" % (len(octets) // 4), octets)
    assert listener.numeric_host("".join("%08X" % word for word in words)) == host


def test_a_listening_socket_of_this_machine_is_found_and_a_bound_one_is_not():
    with socket.socket() as bound, socket.socket() as listening:
        for one in (bound, listening):
            one.bind(("127.0.0.1", 0))
        listening.listen(1)
        found = {one.address: one.inode for one in listener._listening_sockets()}
        assert os.readlink("/proc/self/fd/%d" % listening.fileno()) == "socket:[%s]" % found[listening.getsockname()]
        assert bound.getsockname() not in found


def test_a_socket_that_no_sshd_holds_is_nobodys():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert listener.listening({listening.getsockname()}, "/usr/sbin/sshd", "/no/pid", "/no/main") == []


def test_the_oldest_process_is_the_one_whose_parent_is_not_among_them():
    here, parent = os.getpid(), os.getppid()
    assert process.parent(here) == parent
    assert listener._oldest([here, parent]) == parent
    assert listener._oldest([here]) == here
    assert listener._oldest([]) is None
