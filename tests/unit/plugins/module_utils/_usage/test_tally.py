# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import entry, tally
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.entry import Entry
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.tally import Tally

# What sshd 9.2 and 10.0 logged at VERBOSE as alice and root each opened four sessions at MaxSessions 4 and were refused two.
REAL = os.path.join(os.path.dirname(__file__), "../../../../fixtures/sshd_logs")
NAMES = {0: "root", 1001: "alice", 1002: "bob"}
NOON = 1769860800.0
CLIENT = "from 203.0.113.7 port 50122"


def counted(*entries):
    found = Tally(NAMES.get)
    for one in entries:
        found.add(one)
    return found


def by(found):
    return [(one["user"], one["peer"], one["count"]) for one in found.refused()["by"]]


def said(pid, uid, *texts):
    return [Entry(NOON, pid, uid, text) for text in texts]


@pytest.mark.parametrize("version", ["9.2", "10.0"])
@pytest.mark.parametrize("source", ["journal", "auth"])
def test_what_sshd_really_logged_comes_to_what_really_was(version, source):
    ending = "jsonl" if source == "journal" else "log"
    with open(os.path.join(REAL, f"{source}-{version}.{ending}"), "rb") as file:
        if source == "journal":
            entries = [entry.of_journal(json.loads(line), lambda path: False) for line in file]
        else:
            entries = [entry.of_line(line, NOON) for line in file]
    found = counted(*entries)
    assert by(found) == [("alice", "10.88.0.1", 2), ("root", "10.88.0.1", 2)]
    usage = found.peaks.result()
    assert [(one["user"], one["connections"], one["most"]) for one in usage["by_user"]] == [("alice", 1, 4), ("root", 1, 4)]
    assert (found.accepted, found.rejected) == (2, 0)


def test_without_verbose_lines_the_kernel_tells_whose_refusal_it_was():
    found = counted(*said(63, 0, f"Accepted publickey for alice {CLIENT} ssh2"), *said(74, 1001, "error: no more sessions"))
    assert by(found) == [("alice", None, 1)]


def test_without_them_a_plain_file_does_not():
    found = counted(*said(63, None, f"Accepted publickey for alice {CLIENT} ssh2"), *said(74, None, "no more sessions"))
    assert by(found) == [(None, None, 1)]


def test_roots_single_process_is_known_by_its_login():
    found = counted(*said(62, 0, f"Accepted publickey for root {CLIENT} ssh2", "error: no more sessions"))
    assert by(found) == [("root", "203.0.113.7", 1)]


def test_a_process_number_that_is_used_again_is_somebody_elses():
    found = counted(
        *said(63, 0, f"Accepted publickey for alice {CLIENT} ssh2", "User child is on pid 74"),
        *said(70, 0, "Accepted publickey for bob from ::1 port 7 ssh2", "User child is on pid 74"),
        *said(74, 1002, "error: no more sessions"),
    )
    assert by(found) == [("bob", "::1", 1)]


def test_the_kernels_word_goes_before_the_logs():
    found = counted(
        *said(63, 0, f"Accepted publickey for alice {CLIENT} ssh2", "User child is on pid 74"),
        *said(74, 1002, "error: no more sessions"),
    )
    assert by(found) == [("bob", None, 1)]


OTHERS = [
    f"Starting session: shell on pts/0 for root {CLIENT} id 9",
    f"Close session: user alice {CLIENT} id 9",
    f"Accepted password for root {CLIENT} ssh2",
    "User child is on pid 74",
    "Server listening on 0.0.0.0 port 22.",
    "drop connection #10 from [203.0.113.7]:1 on [192.0.2.1]:22 past MaxStartups",
    "exited MaxStartups throttling after 00:05:01, 999999 connections dropped",
    "error: PAM: pam_open_session(): Permission denied",
    "pam_limits(sshd:session): Too many logins (max 2) for alice",
]


@pytest.mark.parametrize("text", OTHERS)
def test_an_sshd_that_a_user_runs_tells_nothing_of_others(text):
    found = counted(*said(74, 1002, text))
    assert (found.rejected, found.accepted, found.has_sessions, found.other) == (1, 0, False, {})
    assert found.listened == {}
    assert found.peaks.result()["connections"] == 0


def slots(pid, uid, *numbers):
    return said(pid, uid, *[f"Starting session: shell on pts/{slot} for alice {CLIENT} id {slot}" for slot in numbers])


def most(*entries, effective=4):
    found = Tally(NAMES.get, effective=effective)
    for one in entries:
        found.add(one)
    return found.peaks.result()["most"], found.rejected


def test_an_sshd_that_a_user_runs_makes_nobody_need_more_than_there_is():
    login = said(63, 0, f"Accepted publickey for alice {CLIENT} ssh2", "User child is on pid 74")
    # His own, and that of a connection from before what was read.
    assert most(*slots(99, 1001, 0, 3, 4, 9999, 1)) == (4, 2)
    assert most(*login, *slots(99, 1001, 0, 9999)) == (1, 1)
    assert most(*login, *slots(74, 1001, 0, 9)) == (10, 0)
    assert most(*slots(62, 0, 0, 9)) == (10, 0)
    assert most(*slots(62, None, 0, 9)) == (10, 0), "which is told to be forgeable"


def test_what_is_not_to_be_counted_is_said():
    assert counted(Entry(NOON, 74, 1002, None)).rejected == 1


FORCED = "Starting session: forced-command (key-option) 'x' for root from ::1 port 1 id 99"


@pytest.mark.parametrize(("uid", "connections"), [(1001, 1), (None, 1), (1002, 0)])
def test_a_command_that_a_key_forces_is_one_session_of_the_process(uid, connections):
    login = said(63, 0, f"Accepted publickey for alice {CLIENT} ssh2", "User child is on pid 74")
    usage = counted(*login, *said(74, uid, FORCED, FORCED)).peaks.result()
    assert (usage["connections"], usage["most"]) == (connections, 1 if connections else None)
    assert [one["user"] for one in usage["by_user"]] == ["alice"] * connections


def test_refusals_have_a_first_and_a_last_moment():
    found = counted(*[Entry(NOON + at, 74, 1001, "error: no more sessions") for at in (5, 0, 9)]).refused()
    assert (found["count"], found["first"], found["last"]) == (3, "2026-01-31T12:00:00Z", "2026-01-31T12:00:09Z")


def test_no_refusal_has_none():
    found = counted().refused()
    assert found == {"count": 0, "first": None, "last": None, "by": [], "other": []}


def test_a_log_without_times_is_counted_without():
    found = counted(Entry(None, None, None, "no more sessions")).refused()
    assert (found["count"], found["first"], found["by"][0]["user"]) == (1, None, None)


def test_a_login_that_pam_refused_is_told_once():
    texts = ["pam_limits(sshd:session): Too many logins (max 2) for alice"]
    texts.append("error: PAM: pam_open_session(): Permission denied")
    found = counted(*said(63, 0, *texts), *said(64, 0, texts[1])).refused()
    assert [(one["name"], one["count"]) for one in found["other"]] == [("logins", 1), ("pam", 1)]


@pytest.mark.parametrize(("lines", "dropped", "expected"), [(1, 17, 17), (18, 17, 18), (1, None, 1)])
def test_connections_that_were_dropped_are_told_one_by_one_or_in_all(lines, dropped, expected):
    texts = ["drop connection #10 from [203.0.113.7]:1 on [192.0.2.1]:22 past MaxStartups"] * lines
    texts += [f"exited MaxStartups throttling after 00:05:01, {dropped} connections dropped"] if dropped else []
    found = counted(*said(61, 0, *texts)).refused()
    assert [(one["name"], one["count"]) for one in found["other"]] == [("startups", expected)]


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(tally, "CLIENTS", 3)
    monkeypatch.setattr(tally, "LISTENERS", 3)
    found = Tally(NAMES.get)
    for number in range(20):
        for one in said(number, None, f"Starting session: shell for u{number} from ::1 port 1 id 0", "no more sessions"):
            found.add(one)
        found.add(Entry(NOON, number, 0, "Server listening on :: port 22."))
    refused = found.refused()
    assert refused["count"] == sum(one["count"] for one in refused["by"]) == 20
    assert len(refused["by"]) == 4
    assert len(found.listened) == 3
