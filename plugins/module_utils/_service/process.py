# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process as /proc shows it: whether it is an sshd, and one that may be believed."""

import contextlib
import os
import re
import stat
from typing import Optional


def is_sshd(pid: int, program: str) -> bool:
    """Say whether process ``pid`` is an sshd of this system, or what ``program`` is, that root or this user started.

    What it was started with is acted upon, and any user may call a program sshd and bind a port above 1023.
    """
    # Not the path of the program: an upgrade replaces the file under a listener that goes on.
    name = first_line("/proc/%d/comm" % pid)
    named = {"sshd", *(os.path.basename(path)[:15] for path in (program, os.path.realpath(program)))}
    return name in named and is_here(pid) and _is_trusted(pid)


def is_here(pid: int) -> bool:
    """Say whether process ``pid`` has this one's root directory: who builds an image sees the host's processes too."""
    try:
        return os.path.samefile("/proc/%d/root" % pid, "/")
    except PermissionError:
        return True  # for all that can be seen
    except OSError:
        return False


def _is_trusted(pid: int) -> bool:
    ours = (0, os.geteuid())
    try:
        with open("/proc/%d/status" % pid) as file:
            # Each of them: whoever starts a program that is set-uid to root stays its real user.
            uids = re.search(r"(?m)^Uid:((?:\s+\d+)+)$", file.read()).group(1)
        if not all(int(uid) in ours for uid in uids.split()):
            return False
        program = os.stat("/proc/%d/exe" % pid)  # the very file, though it be deleted
    except PermissionError:
        return os.geteuid() != 0  # of root's it is hidden from others, who can't act upon it either
    except (OSError, ValueError):
        return False
    # sudo becomes root in full before it asks who is there, and may have any name.
    return program.st_uid in ours and not program.st_mode & (stat.S_ISUID | stat.S_ISGID)


def parent(pid: int) -> Optional[int]:
    """Return the process that started process ``pid``, None where there is none such."""
    # The name before it, in parentheses, may hold anything.
    fields = first_line("/proc/%d/stat" % pid).rpartition(")")[2].split()
    return int(fields[1]) if fields else None


def first_line(path: str) -> str:
    """Return the first line of the file at ``path``, empty if there is none."""
    with contextlib.suppress(OSError, ValueError), open(path) as file:
        return file.readline().strip()
    return ""
