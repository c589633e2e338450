# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many sessions one connection carries, and what the number means to a person."""

import re
from typing import Optional

from .._errors import Error

DEFAULT = 10  # DEFAULT_SESSIONS_MAX in servconf.h
LARGEST = 2147483647  # INT_MAX; sshd before 7.7 passes what it reads to atoi(), so nothing is left to it


def max_sessions_for(clone_depth: Optional[int] = None, extra_sessions: int = 0, max_sessions: Optional[int] = None) -> int:
    """Return MaxSessions for ``clone_depth`` clones beside the first session, or ``max_sessions`` as it is.

    All are counts of sessions on one connection. Raises Error for what sshd would refuse or misread.
    """
    for name, value in (("clone_depth", clone_depth), ("extra_sessions", extra_sessions), ("max_sessions", max_sessions)):
        if value is not None and value < 0:
            raise Error("%s is %d: it counts sessions, so give 0 or more" % (name, value))
    if max_sessions is None:
        total = 1 + (clone_depth or 0) + extra_sessions
    elif extra_sessions:
        raise Error("extra_sessions is added to clone_depth; max_sessions is the whole number already: drop one of them")
    else:
        total = max_sessions
    if total > LARGEST:
        shown = arithmetic(clone_depth, extra_sessions, total)
        raise Error("MaxSessions would be %s: the largest that sshd takes is %d" % (shown, LARGEST))
    return total


def arithmetic(clone_depth: Optional[int], extra_sessions: int, total: int) -> str:
    """Show how ``total`` came about."""
    return "%d" % total if clone_depth is None else "1 + %d + %d = %d" % (clone_depth, extra_sessions, total)


def clones(max_sessions: int) -> int:
    """Return how many sessions can be cloned from a connection's first one."""
    return max(0, max_sessions - 1)


def meaning(max_sessions: int) -> str:
    """Say in words what one connection may carry."""
    if max_sessions == 0:
        return "no session at all: no login, no command, no file copy, only port forwarding"
    if max_sessions == 1:
        return "the first session and no clone of it"
    return "the first session and %d clone%s of it" % (max_sessions - 1, "" if max_sessions == 2 else "s")


def meant(words: str) -> Optional[int]:
    """Return the MaxSessions whose ``meaning`` the ``words`` are, None if it is none's."""
    number = re.search(r"first session and (\d{1,10}|no) clones? of it", words)
    found = 0 if not number else 1 if number.group(1) == "no" else 1 + int(number.group(1))
    return found if meaning(found) == words else None
