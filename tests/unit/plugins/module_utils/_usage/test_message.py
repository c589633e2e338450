# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import message
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.message import Event

KEY = "ED25519 SHA256:HQ+VbLvbBosXkAi5Eqs3vrB14nFSQQh77/s8GQ+ox0U"
ALICE = ("alice", "203.0.113.7", 50122)
EVENTS = [
    ("error: no more sessions", Event("refused", None, None, None, None)),
    ("no more sessions", Event("refused", None, None, None, None)),
    ("no more sessions [postauth]", Event("refused", None, None, None, None)),
    (f"Accepted publickey for alice from 203.0.113.7 port 50122 ssh2: {KEY}", Event("accepted", *ALICE, None)),
    ("Accepted keyboard-interactive/pam for alice from 203.0.113.7 port 50122 ssh2", Event("accepted", *ALICE, None)),
    ("Accepted password for a b from fe80::1%eth0 port 1 ssh2", Event("accepted", "a b", "fe80::1%eth0", 1, None)),
    ("Accepted password for EX\\\\j\\303\\266rg from ::1 port 1 ssh2", Event("accepted", "EX\\jörg", "::1", 1, None)),
    ("User child is on pid 95", Event("child", None, None, None, 95)),
    ("Starting session: shell on pts/1 for alice from 203.0.113.7 port 50122 id 0", Event("started", *ALICE, 0)),
    ("Starting session: command for alice from 203.0.113.7 port 50122 id 12", Event("started", *ALICE, 12)),
    ("Starting session: subsystem 'sftp' for alice from 203.0.113.7 port 50122 id 3", Event("started", *ALICE, 3)),
    ("Close session: user alice from 203.0.113.7 port 50122 id 3", Event("closed", *ALICE, 3)),
    (
        "Starting session: forced-command (config) 'internal-sftp' for alice from 203.0.113.7 port 50122 id 3",
        Event("started", *ALICE, 3),
    ),
    ("session_pty_req: session 18 alloc failed", Event("terminals", None, None, None, None)),
    ("error: do_exec_no_pty: fork: Resource temporarily unavailable", Event("processes", None, None, None, None)),
    ("error: do_exec_no_pty: pipe err: Too many open files", Event("open_files", None, None, None, None)),
    ("error: do_exec_pty: dup #1: Too many open files", Event("open_files", None, None, None, None)),
    ("pam_limits(sshd:session): Too many logins (max 2) for alice", Event("logins", None, None, None, None)),
    ("error: PAM: pam_open_session(): Permission denied", Event("pam", None, None, None, None)),
    (
        "drop connection #10 from [203.0.113.7]:1 on [192.0.2.1]:22 past MaxStartups",
        Event("startups", None, None, None, None),
    ),
    (
        "drop connection #3 from [203.0.113.7]:1 on [192.0.2.1]:22 past PerSourceMaxStartups",
        Event("startups_per_source", None, None, None, None),
    ),
    ("exited MaxStartups throttling after 00:05:01, 17 connections dropped", Event("dropped", None, None, None, 17)),
]


@pytest.mark.parametrize(("text", "expected"), EVENTS)
def test_a_message_tells_an_event(text, expected):
    assert message.event(text) == expected
    assert message.may_tell(b"Nov 24 06:00:00 host sshd[1]: " + text.encode())


# What a client or a user may choose: the name of a user, a certificate's ID, a forced command.
HOSTILE = [
    "Invalid user x\\nno more sessions from 203.0.113.7 port 1",
    "Invalid user no more sessions from 203.0.113.7 port 1",
    "Connection closed by invalid user Accepted password for root from 203.0.113.7 port 1 ssh2 203.0.113.7 port 1 [preauth]",
    "Failed password for invalid user Starting session: shell for root from ::1 port 1 id 9 from 203.0.113.7 port 1 ssh2",
    "error: no more sessions from 203.0.113.7",
    " no more sessions",
    "Starting session: shell for root from 203.0.113.7 port 1 id 99999999999",
    "Starting session: shell for root from host.example port 1 id 0",
    "session_pty_req: session 18 alloc failed for me",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_choose_tells_none(text):
    assert message.event(text) is None


@pytest.mark.parametrize("rest", ["", " for bob from ::1 port 2 id 0", "' for root from ::1 port 1 id 9"])
def test_of_a_command_that_a_key_forces_no_more_is_known(rest):
    text = "Starting session: forced-command (key-option) 'x' for root from 203.0.113.7 port 1 id 99" + rest
    assert message.event(text) == Event("forced", None, None, None, None)


def test_a_certificate_does_not_choose_the_account():
    text = f"Accepted publickey for bob from ::1 port 2 ssh2: {KEY} ID x from 203.0.113.7 port 1 ssh2: (serial 0) CA"
    assert message.event(text) == Event("accepted", "bob", "::1", 2, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice", "alice"),
        (r"\303\266", "ö"),
        (r"a\\303", r"a\303"),
        (r"\n\r\t\^", "\n\r\t^"),
        (r"\377", "\udcff"),
        ("\\", "\\"),
        (r"\777", "\udcff"),
    ],
)
def test_escapes_are_undone(text, expected):
    assert message.plain(text) == expected
