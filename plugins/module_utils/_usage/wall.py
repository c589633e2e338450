# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends sessions or connections beside MaxSessions, and at how many sessions on one connection."""

from typing import NamedTuple, Optional

A_SESSION = 3  # descriptors that sshd keeps for one: pipes to its input, output and errors, or a terminal's
TO_START = 8  # descriptors that it needs to start one more
AT_REST = 9  # descriptors of a connection's sshd without a session
LIFTS = {
    "max_sessions": "Set it with multiplex.sshd.max_sessions",
    "open_files": "Raise 'nofile' in /etc/security/limits.conf, or LimitNOFILE of sshd's service, and connect anew",
    "processes": "Raise 'nproc' in /etc/security/limits.conf, and connect anew",
    "tasks": "Raise TasksMax of %s, or the limit of the container",
    "ptys": "Raise kernel.pty.max with sysctl",
    "logins": "Raise it there",
    "startups": "Raise MaxStartups in sshd_config",
    "startups_per_source": "Raise PerSourceMaxStartups in sshd_config",
}


class Wall(NamedTuple):
    """A limit on ``ends``, sessions or connections."""

    name: str
    ends: str
    limit: Optional[int]  # None where there is none, or it isn't shown
    in_use: Optional[int]
    sessions: Optional[int]  # on one connection when it ends them, None where it doesn't
    of: str  # whose it is

    @property
    def lift(self) -> str:
        """What to do about it."""
        lift = LIFTS[self.name]
        return lift % self.of if "%s" in lift else lift


def max_sessions(limit: int, of: Optional[str]) -> Wall:
    """Return MaxSessions itself; ``of`` is the line that gives it."""
    return Wall("max_sessions", "sessions", limit, None, limit, of or "sshd's default")


def open_files(limit: Optional[int], in_use: Optional[int], sessions: int, of: str) -> Wall:
    """Return the limit of open files of a process that has ``sessions`` open and ``in_use`` descriptors."""
    at_rest = AT_REST if in_use is None or not sessions else max(1, in_use - A_SESSION * sessions)
    most = None if limit is None else max(0, (limit - at_rest - TO_START) // A_SESSION + 1)
    return Wall("open_files", "sessions", limit, in_use, most, of)


def room(name: str, limit: Optional[int], in_use: Optional[int], sessions: int, of: str) -> Wall:
    """Return a limit of which each session takes one, as a process or a terminal, with ``sessions`` among its users."""
    most = None if limit is None else max(0, sessions + limit - (in_use or 0))
    return Wall(name, "sessions", limit, in_use, most, of)


def connections(name: str, limit: Optional[int], of: str) -> Wall:
    """Return a limit that ends connections and no session."""
    return Wall(name, "connections", limit, None, None, of)
