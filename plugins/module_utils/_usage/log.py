# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's log, wherever it is: the journal, the system's files, or a file of sshd's own."""

import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from .._proof.sshd import Run
from .._service import command_line
from . import journal, log_file
from .entry import Entry
from .moment import written
from .tally import Tally

FORGEABLE = "Others than sshd can write to %s: what was counted there is only as good as they are"
OWN_FORGEABLE = (
    "sshd writes %s itself (-E), without times and processes: all of it is counted, and who was refused is unknown. Whoever "
    "may connect can forge lines there, since sshd leaves line feeds in names of users"
)
ALL = "Run this as root ('become: true')"


class Log(NamedTuple):
    """What a log told."""

    tally: Optional[Tally]  # None where none may be read
    told: Dict[str, Any]  # what the module returns as ``log``
    notes: List[str]


class Reader:
    """Adds up in ``tally`` what the sources hold from ``since`` on."""

    def __init__(self, since: float, tally: Tally) -> None:
        self.since = since
        self.tally = tally
        self.sources: List[str] = []
        self.paths: List[str] = []
        self.begun: List[float] = []
        self.lines = 0
        self.notes: List[str] = []

    def take(self, found: Optional[Entry]) -> None:
        """Count an Entry, or a line that tells nothing."""
        self.lines += 1
        if found is not None:
            self.tally.add(found)

    def read_journal(self, run: Run) -> None:
        """Read what the journal has."""
        journal.read(run, self.since, self.take)
        self.sources.append("journal")

    def read_files(self, path: str, until: Optional[float] = None, own: Optional[bool] = None) -> None:
        """Read the file at ``path`` and what was rotated away from it, up to the moment ``until``.

        ``own`` is whether sshd writes it itself, None where the file has to tell.
        """
        for name in log_file.family(path, self.since):
            try:
                # What nobody has written to since tells nothing of the time between.
                begun = log_file.beginning(name) if os.stat(name).st_mtime >= self.since else None
                log_file.read(name, self.since, until, self.take, own)
            except log_file.UNREADABLE as error:
                self.notes.append("%s can't be read: %s" % (name, getattr(error, "strerror", None) or error))
                continue
            self.paths.append(name)
            if begun is not None:
                self.begun.append(begun)

    def log(self) -> Log:
        """Return what was read, nothing if there was nothing that may be read."""
        sources = self.sources + (["files"] if self.paths else [])
        first = max(self.since, min(self.begun)) if self.begun else None
        told = {
            "source": " and ".join(sources) or None,
            "paths": self.paths,
            "since": written(self.since),
            "first": written(first),
            "forgeable": bool(self.paths) if sources else None,
            "lines": self.lines if sources else None,
            "rejected": self.tally.rejected if sources else None,
            "logins": self.tally.accepted if sources else None,
        }
        return Log(self.tally if sources else None, told, self.notes)


def read(run: Run, line: str, paths: Sequence[str], since: float, tally: Tally) -> Log:
    """Read into ``tally`` the log of the sshd with the command ``line``, or of the files ``paths``, from a moment on.

    Where the journal doesn't reach back that far, the system's files tell what was before it.
    """
    reader = Reader(since, tally)
    own = command_line.log_file(line)
    if paths or own:
        for path in paths or [own]:
            reader.read_files(path, own=None if paths else True)
        if reader.paths:
            reader.notes.append((FORGEABLE if paths else OWN_FORGEABLE) % reader.paths[-1])
        return _checked(reader)
    begun = journal.beginning(run) if journal.is_readable() else None
    if begun is None or begun > since:
        for path in log_file.SYSTEM:
            if os.path.exists(path):
                reader.read_files(path, begun, own=False)
        if reader.paths:
            reader.notes.append(FORGEABLE % reader.paths[-1])
    if begun is not None:
        reader.begun.append(begun)
        reader.read_journal(run)
    return _checked(reader)


def _checked(reader: Reader) -> Log:
    found = reader.log()
    if found.tally is None:
        found.notes.append("No log of sshd's may be read: refusals are unknown, not none. " + ALL)
    return found
