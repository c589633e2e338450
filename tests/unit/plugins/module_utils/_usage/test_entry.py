# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import calendar

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import entry, message
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.entry import Entry

NOON = calendar.timegm((2026, 1, 31, 12, 0, 0))
REFUSED = "error: no more sessions"
LINES = [
    (f"2026-01-31T12:00:00+00:00 db1 sshd[95]: {REFUSED}\n", Entry(NOON, 95, None, REFUSED)),
    (f"2026-01-31T12:00:00.5+00:00 db1 sshd-session[95]: {REFUSED}\n", Entry(NOON + 0.5, 95, None, REFUSED)),
    (f"2026-01-31T12:00:00Z db1 auth.err sshd[95]: {REFUSED}\n", Entry(NOON, 95, None, REFUSED)),
    (f"2026-01-31T12:00:00Z db1 sshd[95]: {'x' * 500}\n", Entry(NOON, 95, None, None)),
    (f"2026-01-31T12:00:00Z db1 sshd[95]: {message.FORCED}{'x' * 500}\n", Entry(NOON, 95, None, message.FORCED)),
    (f"2026-01-31T12:00:00Z db1 bash[95]: sshd[95]: {REFUSED}\n", None),
    (f"2026-01-31T12:00:00Z db1 root: Jan 31 12:00:00 db1 sshd[95]: {REFUSED}\n", None),
    (f"2026-01-31T12:00:00Z db1 mysshd[95]: {REFUSED}\n", None),
    (f"2026-01-31T12:00:00Z db1 sshd: {REFUSED}\n", None),
    (f"{REFUSED}\n", None),
    ("\xff\xfe\n", None),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_of_the_systems_log_says_who_said_what(line, expected):
    assert entry.of_line(line.encode("latin-1"), NOON) == expected


def test_a_line_of_sshds_own_file_has_only_words():
    assert entry.of_own_line(b"no more sessions\r\n") == Entry(None, None, None, "no more sessions")
    assert entry.of_own_line(b"x" * 1020 + b"\r\n").text is None


def journal(**fields):
    given = {"__REALTIME_TIMESTAMP": str(NOON * 10**6), "_PID": "95", "_UID": "1001", "_COMM": "sshd", "MESSAGE": REFUSED}
    given.update(fields)
    return {name: value for name, value in given.items() if value is not None}


SSHD = "/usr/lib/openssh/sshd-session"
COUNTED = [
    journal(),
    journal(_EXE=SSHD, _COMM="sshd-session"),
    journal(_EXE=SSHD, _COMM="anything"),
    journal(MESSAGE=list(REFUSED.encode())),
    journal(_UID="0", _COMM=None),
]
NOT_COUNTED = [
    journal(_COMM="logger"),
    journal(_EXE="/usr/bin/logger"),
    journal(_EXE="/home/alice/sshd"),
    journal(_EXE="/usr/bin/logger", _COMM="sshd"),
    journal(_COMM=None),
    journal(_UID=None),
    journal(_PID=None),
    journal(_PID="95x"),
    journal(MESSAGE=[REFUSED, REFUSED]),
    journal(MESSAGE=None),
    journal(MESSAGE="x" * 500),
    journal(_UID="0", _COMM="sudo"),
]


@pytest.mark.parametrize("fields", COUNTED)
def test_the_journals_word_for_an_sshd_is_taken(fields):
    found = entry.of_journal(fields, SSHD.__eq__)
    assert found == Entry(NOON, 95, int(fields["_UID"]), REFUSED)


@pytest.mark.parametrize("fields", NOT_COUNTED)
def test_what_the_journal_does_not_vouch_for_is_not_counted(fields):
    assert entry.of_journal(fields, SSHD.__eq__).text is None
