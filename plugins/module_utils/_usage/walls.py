# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walls that stand around a process of sshd's, and around all of this host's connections."""

import glob
import os
import re
from typing import Dict, Iterator, List, Optional

from . import process, wall
from .process import Process
from .wall import Wall

UNLIMITED = ("unlimited", "infinity", "max", "-1")
LIMITS_CONF = ("/etc/security/limits.conf", "/etc/security/limits.d/*.conf")


def around(one: Process, sessions: int, terminals: int, processes: Dict[int, Process]) -> List[Wall]:
    """Return the walls of a connection whose sshd is the process ``one``, with ``sessions`` open, ``terminals`` for some.

    A listener stands for a connection that it might accept, with none open.
    """
    of = "process %d of %s" % (one.pid, one.user) if one.user else "process %d, which listens" % one.pid
    opened = process.number_of_descriptors(one.pid)
    walls = [wall.open_files(_limit(one.pid, "Max open files"), opened, sessions, of)]
    if one.uid:
        # root is under no such limit; what the kernel counts for the others are threads.
        in_use = sum(each.threads for each in processes.values() if each.uid == one.uid)
        walls.append(wall.room("processes", _limit(one.pid, "Max processes"), in_use, sessions, of))
    walls += _tasks(one.pid, sessions)
    most, taken = (_number("/proc/sys/kernel/pty/" + name) for name in ("max", "nr"))
    walls.append(wall.room("ptys", most, taken, terminals, "kernel.pty.max"))
    return walls


def of_connections(max_startups: Optional[str], per_source: Optional[str]) -> List[Wall]:
    """Return what ends connections, by the arguments of MaxStartups and PerSourceMaxStartups, None where sshd has none."""
    walls = []
    for name, keyword, arguments in (
        ("startups", "MaxStartups", max_startups),
        ("startups_per_source", "PerSourceMaxStartups", per_source),
    ):
        if arguments is not None:
            walls.append(wall.connections(name, _integer(arguments.partition(":")[0]), "%s %s" % (keyword, arguments)))
    return walls + list(_logins())


def lowest(walls: List[Wall]) -> List[Wall]:
    """Return of each name the wall that ends first; those that end sessions in front, and the first of all first."""
    found: Dict[str, Wall] = {}
    for one in walls:
        if one.name not in found or _order(one) < _order(found[one.name]):
            found[one.name] = one
    return sorted(found.values(), key=_order)


def first(walls: List[Wall]) -> Optional[Wall]:
    """Return the wall that ends sessions first, None where none does."""
    known = [one for one in walls if one.sessions is not None]
    return min(known, key=_order) if known else None


def _order(one: Wall):
    return (one.ends != "sessions", one.sessions is None, one.sessions or 0, one.limit is None, one.limit or 0, one.name)


def _limit(pid: int, name: str) -> Optional[int]:
    """Return a soft limit of process ``pid`` by its name in /proc/PID/limits."""
    found = re.search(r"(?m)^%s +(\S+)" % name, process.text("/proc/%d/limits" % pid))
    return _integer(found.group(1)) if found else None


def _tasks(pid: int, sessions: int) -> Iterator[Wall]:
    """Yield the walls of the control groups that process ``pid`` is in."""
    found = re.search(r"(?m)^\d+:(?:[^:]*,)?(?:pids)(?:,[^:]*)?:(.*)$|^0::(.*)$", process.text("/proc/%d/cgroup" % pid))
    if not found:
        return
    root = "/sys/fs/cgroup/pids" if found.group(2) is None else "/sys/fs/cgroup"
    path = (found.group(1) or found.group(2) or "/").rstrip("/")
    while True:
        limit = _integer(process.text(root + path + "/pids.max").strip())
        if limit is not None:
            of = os.path.basename(path) or "the control group of all"
            yield wall.room("tasks", limit, _number(root + path + "/pids.current"), sessions, of)
        if not path:
            return
        path = path.rpartition("/")[0]


def _logins() -> Iterator[Wall]:
    """Yield the maxlogins of pam_limits, which refuses a connection and counts the terminals that are open."""
    for path in [name for pattern in LIMITS_CONF for name in sorted(glob.glob(pattern))]:
        for number, line in enumerate(process.text(path).splitlines(), 1):
            words = line.partition("#")[0].split()
            if len(words) == 4 and words[2] in ("maxlogins", "maxsyslogins") and words[3] not in UNLIMITED:
                of = "%s:%d, %s for %s" % (path, number, words[2], words[0])
                yield wall.connections("logins", _integer(words[3]), of)


def _number(path: str) -> Optional[int]:
    return _integer(process.text(path).strip())


def _integer(text: str) -> Optional[int]:
    return int(text) if text.isdigit() else None
