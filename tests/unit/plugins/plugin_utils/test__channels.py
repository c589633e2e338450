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


MARKER = b"0123456789abcdef"


def opened(count, session="exec"):
    channels = _channels.Channels(session, MARKER)
    channels.open(count)
    for channel in range(count):
        channels.receive(confirmed(channel))
    return channels


def counts(channels):
    return channels.waiting, len(channels.opened), len(channels.started), len(channels.refused)


def first(channels):
    return next((each.refusal for each in channels.refused), None)


def test_all_open():
    assert counts(opened(3)) == (0, 3, 0, 0)
    assert counts(opened(3, "open")) == (0, 3, 3, 0)


def test_refusals_in_any_order():
    channels = _channels.Channels("open")
    channels.open(4)
    for each in (refused(3), confirmed(1), refused(2, 4, b"short\nof"), confirmed(0)):
        channels.receive(each)
    assert counts(channels) == (0, 2, 2, 2)
    assert vars(first(channels)) == {"session": 3, "request": "open", "reason_code": 4, "text": "short of"}


def test_only_what_is_open_is_started():
    channels = _channels.Channels("exec")
    channels.open(2)
    channels.receive(confirmed(0))
    channels.receive(refused(1))
    assert channels.start() == _mux.exec_request(100, b"cat")
    assert counts(channels) == (1, 1, 0, 1)
    channels.receive(body(_mux.SUCCESS, 0))
    assert counts(channels) == (0, 1, 1, 1)


STATUS = body(_mux.REQUEST, 0, tail=_mux.string(b"exit-status") + b"\0\0\0\0\1")
SIGNAL = body(_mux.REQUEST, 0, tail=_mux.string(b"exit-signal") + b"\0" + _mux.string(b"KILL") + b"\0")


def said(data, kind=_mux.DATA):
    return body(kind, 0, *([1] if kind == _mux.EXTENDED_DATA else []), tail=_mux.string(data))


YES, NO, EOF, CLOSE = (body(kind, 0) for kind in (_mux.SUCCESS, _mux.FAILURE, _mux.EOF, _mux.CLOSE))
CLOSED = "session closed before the %s request was answered"

STARTS = [  # (session, answers of the one channel, started, request of the refusal, its text)
    ("open", [], 1, None, None),
    ("exec", [YES], 1, None, None),
    ("exec", [YES, STATUS, CLOSE], 1, None, None),
    ("exec", [NO], 0, "exec", "exec request failed"),
    ("exec", [EOF, CLOSE], 0, "exec", CLOSED % "exec"),
    ("shell", [YES, YES], 1, None, None),
    ("shell", [NO, YES], 0, "pty-req", "pty-req request failed"),
    ("shell", [YES, NO], 0, "shell", "shell request failed"),
    ("shell", [YES, CLOSE], 0, "shell", CLOSED % "shell"),
    ("shell", [said(b"x"), NO, NO], 0, "pty-req", "pty-req request failed"),
    ("answer", [YES, YES, said(b"motd\r\n" + MARKER + b"\r\n")], 1, None, None),
    ("answer", [YES, YES, said(MARKER[:5]), said(MARKER[5:])], 1, None, None),
    ("answer", [YES, YES, said(MARKER, _mux.EXTENDED_DATA), CLOSE], 1, None, None),
    ("answer", [NO, YES, said(MARKER)], 0, "pty-req", "pty-req request failed"),
    ("answer", [YES, NO], 0, "exec", "exec request failed"),
    ("answer", [YES, CLOSE], 0, "exec", CLOSED % "exec"),
    ("answer", [YES, YES, EOF, CLOSE], 0, "answer", "it ended (without an exit status)"),
    ("answer", [YES, YES, STATUS, CLOSE], 0, "answer", "it ended (exit status 1)"),
    ("answer", [YES, YES, SIGNAL, CLOSE], 0, "answer", "it ended (signal KILL)"),
    (
        "answer",
        [YES, YES, STATUS, said(b"\x1b[1mNot\r\n\r\nfor you.\r\n"), CLOSE],
        0,
        "answer",
        "it ended (exit status 1; it said: [1mNot; for you)",
    ),
]


@pytest.mark.parametrize(("session", "answers", "started", "request_", "text"), STARTS)
def test_starting(session, answers, started, request_, text):
    channels = opened(1, session)
    channels.start()
    for each in answers:
        assert channels.receive(each)[4:6] in (b"", struct.pack(">BB", 0, _mux.WINDOW_ADJUST))
    assert counts(channels) == (0, 1, started, 1 - started)
    assert (first(channels) and first(channels).request, first(channels) and first(channels).text) == (request_, text)


def test_who_does_not_answer():
    channels = opened(2, "answer")
    channels.start()
    for channel in (0, 1):
        channels.receive(body(_mux.SUCCESS, channel))
    channels.receive(YES)
    assert not channels.give_up("no answer"), "one request was not answered yet"
    channels.receive(body(_mux.SUCCESS, 1))
    channels.receive(said(b"Current password: "))
    assert channels.give_up("no answer") and counts(channels) == (0, 2, 0, 2)
    assert [each.refusal.text for each in channels.refused] == ["no answer; it said: Current password:", "no answer"]
    channels.receive(CLOSE)


def test_what_only_repeats_the_command_is_no_answer():
    channels = opened(1, "answer")
    sent = channels.start()
    assert sent.endswith(_mux.string(b'echo 01234567""89abcdef; cat'))
    for each in (YES, YES, said(sent)):
        channels.receive(each)
    assert channels.waiting == 1


def test_an_answer_that_takes_a_while_gets_the_room_for_it():
    channels = opened(1, "answer")
    channels.start()
    assert channels.receive(said(b"x" * 3000)) == _mux.window_adjust(100, 3000)
    assert len(channels.sessions[0].said) == 1024


def test_what_is_not_listened_to_gets_no_room():
    channels = opened(1, "exec")
    channels.start()
    assert channels.receive(said(b"x")) == b""


def test_who_ended_at_once():
    channels = opened(3, "shell")
    channels.start()
    for channel in range(3):
        for _request in range(2):
            channels.receive(body(_mux.SUCCESS, channel))
    assert (channels.running, channels.ended) == (3, [])
    channels.receive(STATUS)
    assert (channels.running, len(channels.ended)) == (3, 1)
    for _again in range(2):
        channels.receive(CLOSE)
    channels.receive(body(_mux.CLOSE, 2))
    assert (channels.running, [each.farewell() for each in channels.ended]) == (
        1,
        ["(exit status 1)", "(without an exit status)"],
    )


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
    (body(_mux.DATA, 0), "ends too soon"),
    (body(_mux.EXTENDED_DATA, 0, 1), "ends too soon"),
    (body(_mux.REQUEST, 0, tail=_mux.string(b"exit-status") + b"\0\0"), "ends too soon"),
    (body(_mux.REQUEST, 0, tail=KEEPALIVE), "ends too soon"),
]


@pytest.mark.parametrize(("message", "complaint"), NONSENSE)
def test_nonsense(message, complaint):
    with pytest.raises(_mux.WireError, match=complaint):
        opened(2).receive(message)


@pytest.mark.parametrize("kind", [_mux.SUCCESS, _mux.DATA, _mux.CLOSE, _mux.REQUEST])
def test_a_session_that_is_not_open(kind):
    channels = _channels.Channels("exec")
    channels.open(1)
    with pytest.raises(_mux.WireError, match="for session 1, which is not open"):
        channels.receive(body(kind, 0))


def test_a_third_answer():
    channels = opened(1, "answer")
    channels.start()
    channels.receive(YES)
    channels.receive(YES)
    with pytest.raises(_mux.WireError, match="a request that session 1 did not make"):
        channels.receive(YES)
