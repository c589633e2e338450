# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes as /proc shows them, and which of them are sshd's."""

import contextlib
import os
import re
import time
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

NAMES = ("sshd", "sshd-session", "sshd-auth")  # of the program: the last two from 9.8 and 9.9 on
MONITOR = (" [priv]", " [postauth]")  # the latter from 10.6 on, once the user is logged in
TITLE = re.compile(r"(?:%s): (?P<words>.*)\Z" % "|".join(NAMES), re.S)


class Process(NamedTuple):
    """One process."""

    pid: int
    parent: int
    name: str  # of its program
    uid: Optional[int]  # the real user's, None where it isn't shown
    title: str  # what it shows as its command line, empty where it wasn't asked for
    has_terminal: bool
    threads: int
    started: float  # since the epoch

    @property
    def is_sshd(self) -> bool:
        """Whether its program has an sshd's name."""
        return self.name in NAMES

    @property
    def is_monitor(self) -> bool:
        """Whether it is what an sshd of root's keeps privileged of a connection."""
        return self.is_sshd and self.uid == 0 and self.title.endswith(MONITOR)

    @property
    def user(self) -> Optional[str]:
        """The user that an sshd's title names, None where it serves none who is logged in."""
        found = TITLE.match(self.title)
        if not found or not self.is_sshd:
            return None
        words = found.group("words")
        if words.endswith(MONITOR):
            return words.rpartition(" ")[0]
        if words.startswith(("[", "/")) or " [" in words:
            return None
        # Until its first session it is the user alone.
        return words.rpartition("@")[0] or words

    @property
    def terminals(self) -> int:
        """How many terminals an sshd's title lists."""
        listed = self.title.rpartition("@")[2]
        return sum(1 for name in listed.split(",") if re.match(r"(?:pts/|tty)", name))


def all_processes(proc: str = "/proc") -> Dict[int, Process]:
    """Return the processes of this host by pid, as far as they are shown."""
    now, uptime, ticks = time.time(), float(text(proc + "/uptime").split()[0]), os.sysconf("SC_CLK_TCK")
    found = {}
    for name in os.listdir(proc):
        if name.isdigit():
            one = _process(proc, int(name), now - uptime, ticks)
            if one:
                found[one.pid] = one
    return found


def are_hidden(proc: str = "/proc") -> bool:
    """Say whether the processes of other users are hidden from this one (hidepid of proc(5))."""
    return not os.path.exists(proc + "/1/stat")


def _process(proc: str, pid: int, booted: float, ticks: int) -> Optional[Process]:
    directory = "%s/%d" % (proc, pid)
    # The name, in parentheses, may hold anything.
    front, _closing, rest = text(directory + "/stat").rpartition(")")
    fields = rest.split()
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    name = front.partition("(")[2]
    title = text(directory + "/cmdline").replace("\0", " ").strip() if name in NAMES else ""
    status = text(directory + "/status")
    if re.search(r"(?m)^NSpid:\s+\d+\s+\d", status):
        return None  # in a container of this host, which has an sshd of its own
    # The directory's own owner is root where the process may not be traced, as an sshd may not.
    uid = re.search(r"(?m)^Uid:\s+(\d+)", status)
    return Process(
        pid,
        int(fields[1]),
        name,
        int(uid.group(1)) if uid else None,
        title,
        fields[4] != "0",
        int(fields[17]),
        booted + int(fields[19]) / ticks,
    )


def text(path: str) -> str:
    """Return what stands in the file at ``path``, empty if it can't be read."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return os.fsdecode(file.read())
    return ""


def descriptors(pid: int, proc: str = "/proc") -> Optional[List[Tuple[int, str]]]:
    """Return what process ``pid`` has open, as ``(number, name)``; None where that may not be seen."""
    found, directory = [], "%s/%d/fd" % (proc, pid)
    try:
        for name in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):
                found.append((int(name), os.readlink("%s/%s" % (directory, name))))
    except OSError:
        return None
    return sorted(found)


def number_of_descriptors(pid: int, proc: str = "/proc") -> Optional[int]:
    """Return how many descriptors process ``pid`` has open; None where that may not be seen."""
    try:
        return len(os.listdir("%s/%d/fd" % (proc, pid)))
    except OSError:
        return None


def pipes(processes: Dict[int, Process], wanted: Set[str], proc: str = "/proc") -> Dict[int, Set[str]]:
    """Return which of the ``wanted`` pipes each process has open."""
    held = {}
    for pid in processes if wanted else ():
        names = {name for _number, name in descriptors(pid, proc) or () if name in wanted}
        if names:
            held[pid] = names
    return held
