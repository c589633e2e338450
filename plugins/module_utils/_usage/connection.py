# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of those who are logged in, and how many sessions each has open."""

from typing import Callable, Collection, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from .._service.address import Address
from . import open_sessions, process
from .login import Login
from .process import Process


class Connection(NamedTuple):
    """A connection of a user who is logged in."""

    process: Process  # the one that has the sessions
    monitor: Optional[Process]  # the privileged one above it, None where root's has none
    user: str
    sessions: int
    certainty: str
    peer: Optional[Address]  # None where it can't be seen
    local: Optional[Address]

    @property
    def began(self) -> float:
        """When the client connected."""
        return (self.monitor or self.process).started


def connections(
    listener: Optional[int],
    ports: Collection[int],
    processes: Dict[int, Process],
    ends: Mapping[str, Tuple[Address, Address]],
    login_of: Callable[[int], Optional[Login]],
) -> List[Connection]:
    """Return the connections that the sshd ``listener`` (None: any) accepted, or an init started one for, oldest first.

    ``ports`` are those that it listens on: what came in at others is not its own, whoever serves it now. ``ends`` are the
    local and remote addresses of established sockets by name, ``login_of(pid)`` tells who logged in with that process by
    the log.
    """
    served = list(_served(listener, processes))
    opened = {one.pid: process.descriptors(one.pid) for one, _monitor in served}
    wanted = {pid: _pipes(names) for pid, names in opened.items() if names is not None}
    held = process.pipes(processes, {name for names in wanted.values() for name in names})
    found = []
    for one, monitor in served:
        user, sessions, certainty = (monitor or one).user or "", open_sessions.at_least(one, processes), "at_least"
        peer = local = None
        if one.pid in wanted:
            its = {pid: names & wanted[one.pid] for pid, names in held.items() if pid != one.pid}
            sessions, certainty = open_sessions.counted(one, processes, its), "counted"
            names = [name for _number, name in opened[one.pid] or ()]
            local, peer = next((ends[name] for name in names if name in ends), (None, None))
        if local and ports and local[1] not in ports:
            continue
        if peer is None:
            peer = _logged_peer(monitor or one, user, login_of)
        found.append(Connection(one, monitor, user, sessions, certainty, peer, local))
    return sorted(found, key=lambda one: (one.began, one.process.pid))


def _served(listener: Optional[int], processes: Dict[int, Process]) -> Iterator[Tuple[Process, Optional[Process]]]:
    """Yield the processes that have sessions, and the monitor above each."""
    for one in processes.values():
        above = processes.get(one.parent)
        monitor = above if above and above.is_monitor else None
        if one.is_sshd and one.user is not None and not one.is_monitor and (monitor or one.uid == 0):
            # The sshd of another configuration has connections of its own; those of a listener that is gone are init's.
            top = processes.get((monitor or one).parent)
            if not top or not top.is_sshd or listener in (None, top.pid):
                yield one, monitor


def _pipes(names: List[Tuple[int, str]]) -> Set[str]:
    """Return the pipes among open ``names`` whose other end somebody else has."""
    pipes = [name for _number, name in names if name.startswith("pipe:")]
    return {name for name in pipes if pipes.count(name) == 1}


def _logged_peer(one: Process, user: str, login_of: Callable[[int], Optional[Login]]) -> Optional[Address]:
    """Return the client's address by the log, None where that is about another process which had the same number."""
    login = login_of(one.pid)
    # A second is what the log's times and the kernel's may differ by.
    fits = login and login.user == user and login.time and login.time > one.started - 1
    return (login.address, login.port) if login and fits else None
