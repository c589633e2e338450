# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Refusal
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import Outcome


def outcome(asked, opened, reached=None, refusal=None, lost=None):
    found = Outcome("exec", asked)
    found.opened, found.reached = opened, opened if reached is None else reached
    found.refusal, found.lost = refusal, lost
    found.connection = {"host": "h", "port": 22, "user": "u"}
    return found


def at_open(session, reason=2):
    return Refusal(session, "open", reason, "open failed")


KEPT = [  # (outcome, clone depth, exact, summary)
    (outcome(1, 1), 0, False, "0 clones: all 1 session opened on one connection."),
    (outcome(6, 6), 5, False, "5 clones: all 6 sessions opened on one connection."),
    (
        outcome(7, 6, refusal=at_open(7)),
        5,
        True,
        "5 clones on one connection; session 7 was refused, as it must be (open failed, reason 2 connect failed).",
    ),
    (outcome(101, 101), None, False, "At least 100 clones: all 101 sessions opened on one connection."),
    (
        outcome(9, 2, refusal=at_open(3, 1)),
        None,
        False,
        "1 clone on one connection; session 3 was refused (open failed, reason 1 administratively prohibited).",
    ),
]


@pytest.mark.parametrize(("found", "depth", "exact", "summary"), KEPT)
def test_kept(found, depth, exact, summary):
    assert _verdict.complaint(found, depth, exact) is None
    assert _verdict.summary(found, depth) == summary


BROKEN = [  # (outcome, clone depth, exact, parts of the complaint)
    (
        outcome(6, 3, refusal=at_open(4)),
        5,
        False,
        ["3 of 6 sessions opened on one connection to u@h port 22.", "session 4", "So MaxSessions is 3", "Match"],
    ),
    (outcome(1, 0, refusal=at_open(1)), 0, False, ["0 of 1 session opened", "So MaxSessions is 0"]),
    (outcome(7, 3, refusal=at_open(4)), 5, True, ["3 of 6 sessions"]),
    (outcome(6, 3, refusal=at_open(4, 4)), 5, False, ["reason 4 resource shortage", "not how sshd refuses"]),
    (outcome(6, 3, refusal=at_open(4, 77)), 5, False, ["reason 77 unknown"]),
    (outcome(7, 7), 5, True, ["5 clones opened, as promised", "MaxSessions is above 6"]),
    (
        outcome(401, 401, 338, Refusal(339, "exec", None, "exec request failed")),
        400,
        False,
        ["338 of 401 sessions", "session 339: exec request failed.", "not the reason: most likely the open-files"],
    ),
    (
        outcome(2, 2, 0, Refusal(1, "pty-req", None, "pty-req request failed")),
        1,
        False,
        ["PermitTTY no", "kernel.pty.max"],
    ),
    (outcome(6, 6, 2, lost="the connection ended"), 5, False, ["2 of 6 sessions", "Then: the connection ended."]),
    (outcome(101, 6, 2, lost="silence"), None, False, ["2 of 101 sessions", "Then: silence."]),
]


@pytest.mark.parametrize(("found", "depth", "exact", "parts"), BROKEN)
def test_broken(found, depth, exact, parts):
    complaint = _verdict.complaint(found, depth, exact)
    for part in parts:
        assert part in complaint


UNREACHED = [  # (ssh's words, part of the hint)
    ("u@h: Permission denied (publickey).", "Authentication failed"),
    ("Host key verification failed.", "known_hosts"),
    ("kex_exchange_identification: read: Connection reset by peer", "MaxStartups"),
    ("kex_exchange_identification: Connection closed by remote host", "MaxStartups"),
    ("ssh: connect to host h port 1: Connection refused", "Nothing listens"),
    ("not connected and logged in after 20 seconds; ssh asks: Verification code:", "Nobody can answer"),
    ("something new", "by hand"),
]


@pytest.mark.parametrize(("words", "hint"), UNREACHED)
def test_unreached(words, hint):
    said = _verdict.unreached("h", words)
    assert said.startswith("No connection to h, so no clone was tried. ssh said: ") and hint in said
    assert ".." not in said
