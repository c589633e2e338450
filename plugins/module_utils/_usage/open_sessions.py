# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many sessions are open on a connection, by the terminals, the processes and the pipes of its sshd."""

from typing import Dict, List, Set

from .process import Process


def at_least(connection: Process, processes: Dict[int, Process]) -> int:
    """Return the sessions of a ``connection``'s process that a terminal or a process shows.

    What sshd itself started is a session, what a session started is not. One whose program ended, while something that
    it left behind still holds its pipes, goes unseen.
    """
    children = _children(connection, processes)
    with_terminal = sum(1 for one in children if one.has_terminal)
    return max(connection.terminals, with_terminal) + len(children) - with_terminal


def counted(connection: Process, processes: Dict[int, Process], pipes: Dict[int, Set[str]]) -> int:
    """Return the sessions of a ``connection``'s process that its terminals and ``pipes`` show.

    ``pipes`` are those that its sshd has open, by the other processes that have them open. Whatever holds the same pipe, or
    was started by what does, belongs to one session; no pipe belongs to two.
    """
    children = _children(connection, processes)
    with_terminal = {one.pid for one in children if one.has_terminal}
    groups = _Groups()
    for one in children:
        groups.join(one.pid, one.pid)
    for pid, names in pipes.items():
        for name in names:
            groups.join(pid, name)
        for ancestor in _line(pid, connection, processes):
            groups.join(pid, ancestor)
    plain = groups.number() - len({groups.of(pid) for pid in with_terminal})
    return max(connection.terminals, len(with_terminal)) + plain


def _children(connection: Process, processes: Dict[int, Process]) -> List[Process]:
    return [one for one in processes.values() if one.parent == connection.pid]


def _line(pid: int, connection: Process, processes: Dict[int, Process]) -> List[int]:
    """Return the ancestors of ``pid`` below the ``connection``, empty where it doesn't descend from it any more."""
    line: List[int] = []
    seen = {pid}
    while pid in processes:
        if processes[pid].parent == connection.pid:
            return line
        pid = processes[pid].parent
        if pid in seen:
            break
        seen.add(pid)
        line.append(pid)
    return []


class _Groups:
    """Things that belong together, by pairs that do."""

    def __init__(self) -> None:
        self.leads: Dict[object, object] = {}

    def of(self, one: object) -> object:
        """Return what stands for the group of ``one``."""
        while self.leads.get(one, one) != one:
            one = self.leads[one]
        return one

    def join(self, one: object, other: object) -> None:
        """Take it that ``one`` belongs with the ``other``."""
        for each in (one, other):
            self.leads.setdefault(each, each)
        self.leads[self.of(one)] = self.of(other)

    def number(self) -> int:
        """Return how many groups there are."""
        return sum(1 for one, lead in self.leads.items() if one == lead)
