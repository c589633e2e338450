# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import socket
import struct
import threading
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux, _proxy
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Channels

HELLO = _mux.string(struct.pack(">II", _mux.HELLO, 4))
GRANTED = _mux.string(struct.pack(">II", _mux.S_PROXY, 0))


@pytest.fixture
def master(tmp_path):
    """Return a function that serves one control socket with ``serve(socket)`` and returns its path."""
    threads = []

    def start(serve):
        path = str(tmp_path / "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()

        def accept():
            with listener, listener.accept()[0] as client:
                serve(client)

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return path

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def until_closed(client):
    while client.recv(1 << 16):
        pass


def confirm_all(count):
    """Answer every opening, but read nothing until all answers are sent, as a master with full buffers would."""

    def serve(client):
        answers = b"".join(
            _mux.message(_mux.OPEN_CONFIRMATION, struct.pack(">IIII", channel, channel, 0, 32768))
            for channel in range(count)
        )
        client.sendall(HELLO + GRANTED + answers)
        until_closed(client)

    return serve


def test_reads_while_writing(master):
    # Both directions exceed a socket's buffer: who only writes, or only reads, waits forever.
    count = 15000
    with _proxy.Proxy(master(confirm_all(count)), 5) as proxy:
        channels = Channels("open")
        proxy.settle(channels, channels.open(count))
    assert len(channels.opened) == count


def test_speaks_up_while_answers_come(master):
    # What carries the acknowledgement that the server's next answers wait for.
    def confirm(client, channel):
        client.sendall(_mux.message(_mux.OPEN_CONFIRMATION, struct.pack(">IIII", channel, channel, 0, 32768)))

    def serve(client):
        client.sendall(HELLO + GRANTED)
        confirm(client, 0)
        heard = b""
        while _mux.ignore() not in heard:
            heard += client.recv(1 << 16)
        confirm(client, 1)
        until_closed(client)

    with _proxy.Proxy(master(serve), 2) as proxy:
        channels = Channels("open")
        proxy.settle(channels, channels.open(2))
    assert len(channels.opened) == 2


def test_silence(master):
    def serve(client):
        client.sendall(HELLO + GRANTED)
        until_closed(client)

    begin = time.monotonic()
    with _proxy.Proxy(master(serve), 0.2) as proxy, pytest.raises(_proxy.Silence, match=r"no answer for 0\.2 seconds"):
        channels = Channels("open")
        proxy.settle(channels, channels.open(1))
    assert time.monotonic() - begin < 5


def test_chatter_is_no_answer(master):
    def serve(client):
        client.sendall(HELLO + GRANTED + _mux.message(_mux.OPEN_CONFIRMATION, struct.pack(">IIII", 0, 0, 0, 0)))
        adjust = _mux.message(_mux.WINDOW_ADJUST, struct.pack(">II", 0, 1))
        try:
            while True:
                client.sendall(adjust)
        except OSError:
            pass

    with _proxy.Proxy(master(serve), 0.2) as proxy, pytest.raises(_proxy.Lost, match="no answer"):
        channels = Channels("open")
        proxy.settle(channels, channels.open(2))


def test_who_asks_for_more_than_it_takes(master, monkeypatch):
    monkeypatch.setattr(_proxy, "MOST_UNSENT", 1 << 16)
    asking = _mux.message(_mux.REQUEST, struct.pack(">I", 0) + _mux.string(b"keepalive@openssh.com") + b"\1")

    def serve(client):
        client.sendall(HELLO + GRANTED + _mux.message(_mux.OPEN_CONFIRMATION, struct.pack(">IIII", 0, 0, 0, 0)))
        try:
            while True:
                client.sendall(asking * 100)
        except OSError:
            pass

    with _proxy.Proxy(master(serve), 30) as proxy, pytest.raises(_proxy.Lost, match="takes nothing"):
        channels = Channels("open")
        proxy.settle(channels, channels.open(2))


def test_watches_until_all_have_ended_or_none_does_any_more(master):
    confirmed = b"".join(
        _mux.message(_mux.OPEN_CONFIRMATION, struct.pack(">IIII", channel, channel, 0, 0)) for channel in (0, 1)
    )
    closed = [_mux.message(_mux.CLOSE, struct.pack(">I", channel)) for channel in (0, 1)]

    def serve(client):
        client.sendall(HELLO + GRANTED + confirmed)
        client.recv(1 << 16)
        client.sendall(closed[0])
        time.sleep(0.1)
        client.sendall(closed[1])
        until_closed(client)

    with _proxy.Proxy(master(serve), 5) as proxy:
        channels = Channels("open")
        proxy.settle(channels, channels.open(2))
        proxy.watch(channels, 30)
        assert channels.running == 0
        channels.running = 1
        proxy.watch(channels, 0.1)


ENDINGS = [  # (what the master sends before it hangs up, error, complaint)
    (b"", _proxy.Lost, "ended"),
    (HELLO, _proxy.Lost, "ended"),
    (HELLO + GRANTED, _proxy.Lost, "ended"),
    (HELLO + GRANTED + b"\0\0", _proxy.Lost, "ended"),
    (HELLO + GRANTED + _mux.message(1, b""), _mux.WireError, "message 1"),
    (HELLO + _mux.string(struct.pack(">II", _mux.S_FAILURE, 0) + _mux.string(b"no")), _mux.WireError, r"\(no\)"),
    (b"SSH-2.0-x", _mux.WireError, "frame of"),
]


@pytest.mark.parametrize(("sent", "error", "complaint"), ENDINGS)
def test_master_that_hangs_up(sent, error, complaint, master):
    def serve(client):
        client.sendall(sent)
        client.recv(1 << 16)

    channels = Channels("open")
    with pytest.raises(error, match=complaint), _proxy.Proxy(master(serve), 5) as proxy:
        proxy.settle(channels, channels.open(1))


def test_no_socket(tmp_path):
    with pytest.raises(_proxy.Lost, match="closed its control socket"):
        _proxy.Proxy(str(tmp_path / "s"), 1)
