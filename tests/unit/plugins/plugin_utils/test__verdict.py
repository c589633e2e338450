# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sentences: what they count must be what the result's numbers say."""

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import Outcome
from ansible_collections.multiplex.sshd.plugins.plugin_utils._session import Refusal


def outcome(asked, opened, reached=None, session="exec", **others):
    found = Outcome(session, asked)
    found.opened, found.reached = opened, opened if reached is None else reached
    found.connection = {"host": "h", "port": 22, "user": "u"}
    vars(found).update(others)
    found.refusal = found.not_started or found.not_opened
    return found


def at_open(session, reason=2):
    return Refusal(session, "open", reason, "open failed")


def later(session, request, text=None):
    return Refusal(session, request, None, text or f"{request} request failed")


KEPT = [  # (outcome, clone depth, exact, summary)
    (outcome(1, 1), 0, False, "0 clones on one connection: 1 of 1 session started a command."),
    (outcome(2, 2, session="open"), 1, False, "1 clone on one connection: 2 of 2 sessions opened."),
    (outcome(6, 6, session="shell", ended=0), 5, False, "5 clones on one connection: 6 of 6 sessions started a shell."),
    (outcome(6, 6, session="answer"), 5, False, "5 clones on one connection: 6 of 6 sessions answered."),
    (
        outcome(7, 6, not_opened=at_open(7)),
        5,
        True,
        "5 clones on one connection; session 7 was refused, as it must be (open failed, reason 2 connect failed).",
    ),
    (outcome(101, 101), None, False, "At least 100 clones on one connection: 101 of 101 sessions started a command."),
    (
        outcome(9, 2, not_opened=at_open(3, 1)),
        None,
        False,
        "1 clone on one connection; session 3 was refused (open failed, reason 1 administratively prohibited).",
    ),
    (
        outcome(9, 7, 4, not_opened=at_open(8), not_started=later(3, "exec")),
        None,
        False,
        "3 clones on one connection: 7 sessions opened, and 4 of them started a command. "
        "Session 3 was the first that did not start: exec request failed.",
    ),
    (
        outcome(9, 2, not_opened=at_open(3), session="shell", ended=2, farewell="(exit status 1; it said: no)"),
        None,
        False,
        "1 clone on one connection; session 3 was refused (open failed, reason 2 connect failed). "
        "But 2 of 2 sessions ended at once (exit status 1; it said: no), as under a nologin shell or a ForceCommand: "
        "MaxSessions allows these clones, and a person gets no shell in them.",
    ),
]


@pytest.mark.parametrize(("found", "depth", "exact", "summary"), KEPT)
def test_kept(found, depth, exact, summary):
    assert _verdict.complaint(found, depth, exact) is None
    assert _verdict.summary(found, depth) == summary


MAX_SESSIONS_IS_3 = (
    "So MaxSessions is 3 on this connection. Either sshd was not reloaded since the value was raised (reload it; "
    "connections that are open keep the old value), or a Match block sets it for this user or address: "
    "`sshd -T -C user=u,host=HOST,addr=ADDR,laddr=LADDR,lport=22 | grep -i maxsessions` on the server shows it."
)
LET_IN = "It was let in, so MaxSessions is not the reason:"
LOST = (
    "Either this connection's sshd on the server ended, or it or the network was too slow: see sshd's log there, and "
    "raise the option timeout if it was only slow."
)

BROKEN = [  # (outcome, clone depth, exact, complaint)
    (
        outcome(6, 3, not_opened=at_open(4)),
        5,
        False,
        "3 of 6 sessions opened on one connection to u@h port 22. The server refused session 4: open failed, "
        "reason 2 connect failed. " + MAX_SESSIONS_IS_3,
    ),
    (
        outcome(7, 3, not_opened=at_open(4)),
        5,
        True,
        "3 of 6 sessions opened on one connection to u@h port 22. The server refused session 4: open failed, "
        "reason 2 connect failed. " + MAX_SESSIONS_IS_3,
    ),
    (
        outcome(1, 0, not_opened=at_open(1)),
        0,
        False,
        "0 of 1 session opened on one connection to u@h port 22. The server refused session 1: open failed, "
        "reason 2 connect failed. " + MAX_SESSIONS_IS_3.replace("is 3", "is 0"),
    ),
    (
        outcome(6, 3, 2, not_opened=at_open(4), not_started=later(2, "exec")),
        5,
        False,
        "3 of 6 sessions opened on one connection to u@h port 22, and 2 of them started a command. The server refused "
        f"session 4: open failed, reason 2 connect failed. {MAX_SESSIONS_IS_3} "
        "Session 2 was the first that did not start: exec request failed.",
    ),
    (
        outcome(6, 3, not_opened=at_open(4, 4)),
        5,
        False,
        "3 of 6 sessions opened on one connection to u@h port 22. The server refused session 4: open failed, "
        "reason 4 resource shortage. That is not how sshd refuses for MaxSessions: see its log.",
    ),
    (
        outcome(6, 3, not_opened=at_open(4, 77)),
        5,
        False,
        "3 of 6 sessions opened on one connection to u@h port 22. The server refused session 4: open failed, "
        "reason 77 unknown. That is not how sshd refuses for MaxSessions: see its log.",
    ),
    (
        outcome(7, 7),
        5,
        True,
        "5 clones opened, as promised, but the next one was let in too: MaxSessions is above 6 for this user. On the "
        "server, `sshd -T -C user=u,host=HOST,addr=ADDR,laddr=LADDR,lport=22 | grep -i maxsessions` shows it.",
    ),
    (
        outcome(401, 401, 338, not_started=later(339, "exec")),
        400,
        False,
        "401 sessions opened on one connection to u@h port 22, and 338 of them started a command; 401 must. "
        f"Session 339 was the first that did not start: exec request failed. {LET_IN} most likely {_verdict.OPEN_FILES}, "
        "or the processes that this user may have.",
    ),
    (
        outcome(7, 7, 0, not_started=later(1, "pty-req"), session="shell"),
        5,
        True,
        "7 sessions opened on one connection to u@h port 22, and 0 of them started a shell; 6 must. "
        f"Session 1 was the first that did not start: pty-req request failed. {LET_IN} PermitTTY no, no-pty on the key, "
        f"kernel.pty.max, or {_verdict.OPEN_FILES}.",
    ),
    (
        outcome(2, 2, 1, not_started=later(2, "answer", "it ended (exit status 1; it said: no)"), session="answer"),
        1,
        False,
        "2 sessions opened on one connection to u@h port 22, and 1 of them answered; 2 must. Session 2 was the first "
        f"that did not answer: it ended (exit status 1; it said: no). {LET_IN} a nologin shell, a ForceCommand or a "
        "command= on the key, a ChrootDirectory without a shell, an expired password, or a limit of PAM's. `ssh -t` by "
        "hand shows what a person gets.",
    ),
    (
        outcome(6, 6, 2, lost="the connection ended (closed by remote host)"),
        5,
        False,
        "6 sessions opened on one connection to u@h port 22, and 2 of them started a command; 6 must. "
        f"Then: the connection ended (closed by remote host). {LOST}",
    ),
    (
        outcome(101, 6, 0, lost="no answer for 3 seconds"),
        None,
        False,
        "6 of 101 sessions opened on one connection to u@h port 22, and 0 of them started a command. "
        f"Then: no answer for 3 seconds. {LOST}",
    ),
]


@pytest.mark.parametrize(("found", "depth", "exact", "complaint"), BROKEN)
def test_broken(found, depth, exact, complaint):
    assert _verdict.complaint(found, depth, exact) == complaint


def test_result():
    found = outcome(3, 2, not_opened=at_open(3), refused=1, seconds_opening=0.12345)
    assert _verdict.result(found, 1, True) == {
        "failed": False,
        "msg": "1 clone on one connection; session 3 was refused, as it must be (open failed, reason 2 connect failed).",
        "clones": 1,
        "opened": 2,
        "refused": 1,
        "refusal": {"session": 3, "request": "open", "reason_code": 2, "text": "open failed"},
        "ended": None,
        "seconds": 0.123,
        "connection": {"host": "h", "port": 22, "user": "u"},
    }
