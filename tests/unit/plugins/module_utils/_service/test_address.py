# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import re
import socket
import threading

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import address


@pytest.mark.parametrize(("listening", "text"), [(("0.0.0.0", 22), "0.0.0.0:22"), (("::1", 22), "[::1]:22")])
def test_an_address_is_written_as_sshd_writes_it(listening, text):
    assert address.text(listening) == text


UNREACHABLE = [("fe80::17", 22)]  # without the interface on which it would be


def test_silence_is_no_answer_and_what_can_not_be_reached_is_left_out():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        assert address.greeted([*UNREACHABLE, silent.getsockname()], 0.05) is None
        assert address.greeted(UNREACHABLE, 0.05) is False


def test_who_greets_is_heard_beside_who_does_not():
    with socket.socket() as silent, socket.socket() as greeting:
        for one in (silent, greeting):
            one.bind(("127.0.0.1", 0))
            one.listen(1)
        addresses = [silent.getsockname(), greeting.getsockname()]
        answering = threading.Thread(target=lambda: greeting.accept()[0].sendall(b"SSH-2.0-x\r\n"))
        answering.start()
        assert address.greeted(addresses, 10) is True
        answering.join()


def test_who_is_greeted_comes_from_an_address_that_nobody_else_comes_from():
    with socket.socket() as greeting:
        greeting.bind(("127.0.0.1", 0))
        greeting.listen(1)
        found = []

        def greet():
            client, (host, _port) = greeting.accept()
            found.append(host)
            client.sendall(b"SSH-2.0-x\r\n")

        answering = threading.Thread(target=greet)
        answering.start()
        assert address.greeted([greeting.getsockname()], 10) is True
        answering.join()
    assert re.match(r"127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.", found[0])


def test_who_lets_nobody_in_is_no_silence():
    with socket.socket() as closing, socket.socket() as bound:
        for one in (closing, bound):
            one.bind(("127.0.0.1", 0))
        closing.listen(1)
        # It is tried from an address that nobody comes from, and from the host's own.
        answering = threading.Thread(target=lambda: [closing.accept()[0].shutdown(socket.SHUT_RDWR) for _each in range(2)])
        answering.start()
        assert address.greeted([bound.getsockname(), closing.getsockname()], 10) is False
        answering.join()
