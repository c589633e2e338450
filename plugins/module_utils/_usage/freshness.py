# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what sshd read is what the files say now."""

import os
from typing import Iterable, NamedTuple, Optional

from .._config import block
from .._config.tree import Directive, Tree


class Freshness(NamedTuple):
    """When the files were touched last, and when a listener began and last read them."""

    touched: float
    started: Optional[float]  # None where nothing listens
    read: Optional[float]  # None where that can't be seen
    marked: bool  # whether a change of ours waits for a reload

    @property
    def listener_is_outdated(self) -> Optional[bool]:
        """Whether the listener may not know what the files say now, None where that can't be seen."""
        if self.marked:
            return True
        if self.started is not None and self.touched <= self.started:
            return False
        return None if self.read is None else self.touched > self.read

    def is_outdated(self, began: float) -> Optional[bool]:
        """Say whether a connection that ``began`` then may be under an older limit, None where that can't be seen.

        It has what its listener had read by then.
        """
        if self.touched > began:
            return True
        if self.started is not None and self.touched <= self.started <= began:
            return False
        if self.read is not None and self.read <= began:
            return self.touched > self.read
        return None


def touched(tree: Tree) -> float:
    """Return when a file of the ``tree``, or a directory that an Include looks into, was touched last."""
    paths = set(tree.files) | {os.path.realpath(path) for path in tree.files}
    paths |= {os.path.dirname(pattern) for one in tree.directives for pattern in one.patterns}
    return max(_changed(paths), default=0.0)


def in_force(tree: Tree, winner: Optional[Directive]) -> Optional[float]:
    """Return when this collection wrote the line that gives MaxSessions to everyone, None where others did."""
    if winner is None or block.BEGIN not in tree.files.get(winner.path, ""):
        return None
    try:
        # The time of its content, for that alone is what was set.
        return os.stat(winner.path).st_mtime
    except OSError:
        return None


def _changed(paths: Iterable[str]) -> Iterable[float]:
    for path in paths:
        try:
            # Not the time of its content, which a copy may bring with it.
            yield os.stat(path).st_ctime
        except OSError:
            continue


def read(pid: int, started: float, pid_file: str, logged: Optional[float]) -> Optional[float]:
    """Return when the listener ``pid`` last read its configuration, None where that can't be seen.

    Each time that it does, sshd writes its PidFile, and logs that it listens, as it ``logged`` last then.
    """
    known = [moment for moment in (_written(pid, pid_file), logged) if moment is not None and moment >= started - 1]
    # The kernel tells a process's start to a hundredth of a second, and a log may tell the second.
    return max(started, *known) if known else None


def _written(pid: int, pid_file: str) -> Optional[float]:
    try:
        with open(pid_file) as file:
            return os.fstat(file.fileno()).st_mtime if file.read().strip() == str(pid) else None
    except OSError:
        return None
