# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import struct

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _channels, _mux


def body(kind, *numbers, tail=b""):
    return struct.pack(f">BB{len(numbers)}I", 0, kind, *numbers) + tail


def confirmed(channel):
    return body(_mux.OPEN_CONFIRMATION, channel, 100 + channel, 0, 32768)


def refused(channel, reason=2, text=b"open failed"):
    return body(_mux.OPEN_FAILURE, channel, reason, tail=_mux.string(text) + _mux.string(b""))


def opened(count):
    channels = _channels.Channels()
    channels.open(count)
    for channel in range(count):
        channels.receive(confirmed(channel))
    return channels


def test_all_open():
    channels = opened(3)
    assert (channels.waiting, channels.opened, channels.refused, channels.refusal) == (0, 3, 0, None)


def test_refusals_in_any_order():
    channels = _channels.Channels()
    channels.open(4)
    for each in (refused(3), confirmed(1), refused(2, 4, b"short\nof"), confirmed(0)):
        channels.receive(each)
    assert (channels.waiting, channels.opened, channels.refused) == (0, 2, 2)
    assert vars(channels.refusal) == {"session": 3, "request": "open", "reason_code": 4, "text": "short of"}


def test_only_what_is_open_is_started():
    channels = _channels.Channels()
    channels.open(2)
    channels.receive(confirmed(0))
    channels.receive(refused(1))
    assert channels.start("exec") == _mux.exec_request(100, b"cat")
    assert channels.waiting == 1 and channels.started == 0
    channels.receive(body(_mux.SUCCESS, 0))
    assert channels.waiting == 0 and channels.started == 1


STARTS = [  # (session, answers of the one channel, started, request of the refusal, its text)
    ("open", [], 0, None, None),
    ("exec", [_mux.SUCCESS], 1, None, None),
    ("exec", [_mux.SUCCESS, _mux.CLOSE], 1, None, None),
    ("exec", [_mux.FAILURE], 0, "exec", "exec request failed"),
    ("exec", [_mux.EOF, _mux.CLOSE], 0, "exec", "session closed before the exec request was answered"),
    ("shell", [_mux.SUCCESS, _mux.SUCCESS], 1, None, None),
    ("shell", [_mux.FAILURE, _mux.SUCCESS], 0, "pty-req", "pty-req request failed"),
    ("shell", [_mux.SUCCESS, _mux.FAILURE], 0, "shell", "shell request failed"),
    ("shell", [_mux.SUCCESS, _mux.CLOSE], 0, "shell", "session closed before the shell request was answered"),
    ("shell", [_mux.DATA, _mux.FAILURE, _mux.FAILURE], 0, "pty-req", "pty-req request failed"),
]


@pytest.mark.parametrize(("session", "answers", "started", "request_", "text"), STARTS)
def test_starting(session, answers, started, request_, text):
    channels = opened(1)
    channels.start(session)
    for kind in answers:
        assert channels.receive(body(kind, 0)) == b""
    assert (channels.waiting, channels.started) == (0, started)
    assert channels.refused == (0 if started or session == "open" else 1)
    assert (channels.refusal and channels.refusal.request) == request_
    assert (channels.refusal and channels.refusal.text) == text


KEEPALIVE = _mux.string(b"keepalive@openssh.com")


@pytest.mark.parametrize(("wanted", "answer"), [(b"\1", _mux.failure(100)), (b"\0", b"")])
def test_request_of_the_server_is_answered_when_it_wants(wanted, answer):
    assert opened(1).receive(body(_mux.REQUEST, 0, tail=KEEPALIVE + wanted)) == answer


NONSENSE = [  # (body, complaint)
    (b"", "ends too soon"),
    (b"\0", "ends too soon"),
    (body(_mux.SUCCESS), "ends too soon"),
    (body(80, 0), "message 80"),
    (body(101, 0), "message 101"),
    (body(_mux.OPEN, 0), "message 90"),
    (confirmed(2), "session 3, which was never asked for"),
    (confirmed(0), "the opening of session 1 twice"),
    (refused(0), "the opening of session 1 twice"),
    (body(_mux.SUCCESS, 0), "a request that session 1 did not make"),
    (body(_mux.FAILURE, 1), "a request that session 2 did not make"),
    (body(_mux.REQUEST, 0, tail=KEEPALIVE), "ends too soon"),
]


@pytest.mark.parametrize(("message", "complaint"), NONSENSE)
def test_nonsense(message, complaint):
    with pytest.raises(_mux.WireError, match=complaint):
        opened(2).receive(message)
