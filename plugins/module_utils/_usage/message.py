# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One message of sshd's: what it tells of connections and sessions."""

import re
from typing import NamedTuple, Optional

from .._config.files import decode, encode


class Event(NamedTuple):
    """What a message tells."""

    kind: str  # the second of each of PATTERNS
    user: Optional[str]
    address: Optional[str]  # the client's
    port: Optional[int]
    number: Optional[int]  # the child's pid, the session's slot, or how many connections were dropped


CLIENT = r"(?P<address>[0-9A-Fa-f:.]+(?:%[\w.-]+)?) port (?P<port>\d{1,5})"
SLOT = r"(?P<number>\d{1,10})"
# Where a client's or a user's own words stand in a message, the pattern must not let them take the place of sshd's:
# the account is what comes before the first " from ADDRESS port PORT ssh2", since a certificate's words come behind it.
# A command that a key forces is the user's own text, and the message may be cut off behind it: no more is known of such a
# session than that it is one.
FORCED = "Starting session: forced-command (key-option) '"
TYPE = r"(?:shell|command|subsystem '[^']*'|forced-command \(config\) '.*')(?: on \S+)?"
PATTERNS = (
    ("Accepted ", "accepted", r"Accepted [\w/.-]+ for (?P<user>.+?) from %s ssh2(?:: .*)?\Z" % CLIENT),
    ("User child is on pid ", "child", r"User child is on pid (?P<number>\d{1,10})\Z"),
    ("Server listening on ", "listening", r"Server listening on \S+ port \d{1,5}\.\Z"),
    ("Starting session: ", "forced", re.escape(FORCED)),
    ("Starting session: ", "started", r"Starting session: %s for (?P<user>.+) from %s id %s\Z" % (TYPE, CLIENT, SLOT)),
    ("Close session: ", "closed", r"Close session: user (?P<user>.+) from %s id %s\Z" % (CLIENT, SLOT)),
    ("no more sessions", "refused", r"no more sessions\Z"),
    ("drop connection #", "startups_per_source", r"drop connection #.* past PerSourceMaxStartups\Z"),
    ("drop connection #", "startups", r"drop connection #.* past MaxStartups\Z"),
    ("drop connection #", "penalties", r"drop connection #.* penalty: "),
    ("exited MaxStartups throttling ", "dropped", r"exited MaxStartups .* (?P<number>\d{1,9}) connections dropped\Z"),
    ("session_pty_req: ", "terminals", r"session_pty_req: session \d+ alloc failed\Z"),
    ("do_exec", "processes", r"do_exec(?:_pty|_no_pty): fork: "),
    ("do_exec", "open_files", r"do_exec(?:_pty|_no_pty): (?:pipe|socketpair|dup) "),
    ("fatal: fork of ", "processes", r"fatal: fork of unprivileged child failed\Z"),
    ("pam_limits(", "logins", r"pam_limits\(sshd:session\): Too many (?:system )?logins "),
    ("PAM: ", "pam", r"PAM: pam_open_session\(\): "),
)
FIRST = tuple(sorted({start for start, _kind, _pattern in PATTERNS}))
COMPILED = {
    start: tuple((kind, re.compile(pattern)) for first, kind, pattern in PATTERNS if first == start) for start in FIRST
}
RELEVANT = re.compile("|".join(map(re.escape, FIRST)).encode())
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a", b"v": b"\v", b"f": b"\f", b"s": b" "}


def may_tell(line: bytes) -> bool:
    """Say whether a line of a log, whatever its form, may hold a message that tells an Event."""
    return RELEVANT.search(line) is not None


def event(text: str) -> Optional[Event]:
    """Return the Event that a message tells, None where it tells none. ``text`` is as sshd escaped it."""
    # At LogLevel ERROR and above syslog gets the level's name in front, a file of sshd's own (-E) doesn't.
    if text.startswith("error: "):
        text = text[7:]
    if text.endswith(" [postauth]"):
        text = text[:-11]
    if not text.startswith(FIRST):
        return None
    start = next(start for start in FIRST if text.startswith(start))
    for kind, pattern in COMPILED[start]:
        found = pattern.match(text)
        if found:
            parts = found.groupdict()
            user, port, number = parts.get("user"), parts.get("port"), parts.get("number")
            return Event(
                kind,
                plain(user) if user else None,
                parts.get("address"),
                int(port) if port else None,
                int(number) if number else None,
            )
    return None


def plain(text: str) -> str:
    """Return ``text`` without the escapes that strnvis(3) made of it in log.c."""
    if "\\" not in text:
        return text
    return decode(re.sub(rb"(?s)\\([0-7]{3}|.)", _octet, encode(text)))


def _octet(found) -> bytes:
    code = found.group(1)
    return bytes([int(code, 8) & 255]) if len(code) == 3 else ESCAPES.get(code, code)
