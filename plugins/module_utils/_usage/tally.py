# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a log tells in all: refusals by whom, sessions that connections had, and what else ended any."""

from typing import Any, Callable, Dict, List, Optional, Tuple

from . import message
from .entry import Entry
from .login import Login, Logins
from .message import Event
from .moment import written
from .peaks import CHANNELS, Peaks

CLIENTS = 1000  # pairs of user and address to tell refusals apart by; more than that is one figure

LISTENERS = 10000  # processes that were one
# What only the host's own sshd says, as root.
OF_ROOT = ("accepted", "child", "listening", "dropped", "startups", "startups_per_source", "penalties", "logins", "pam")

Count = List[Any]  # how many, the first and the last moment


class Tally:
    """Counts what is added, oldest first. ``user_of(uid)`` gives a user's name, None where it has none.

    ``effective`` is the MaxSessions of everyone, and ``in_force`` since when it is, None where that is not known.
    """

    def __init__(
        self, user_of: Callable[[int], Optional[str]], effective: int = CHANNELS, in_force: Optional[float] = None
    ) -> None:
        self.user_of = user_of
        self.effective = effective
        self.in_force = in_force
        self.rejected = 0
        self.accepted = 0
        self.has_sessions = False  # whether it was told of any, as at LogLevel VERBOSE
        self.logins = Logins()
        self.listened: Dict[int, float] = {}  # when each process last said that it listens
        self.peaks = Peaks()
        self.refusals: Dict[Tuple[Optional[str], Optional[str]], Count] = {}
        self.older: Dict[Tuple[Optional[str], Optional[str]], int] = {}  # of them, those before what is in force was
        self.other: Dict[str, Count] = {}
        self.dropped = 0
        self.too_many_logins: Optional[int] = None

    def add(self, entry: Entry) -> None:
        """Count an Entry."""
        event = message.event(entry.text) if entry.text else None
        # A user may run an sshd of his own, and that one may say anything.
        if entry.text is None or (event and entry.uid and not self._his(event, entry.uid)):
            self.rejected += 1
        elif event:
            getattr(self, "_" + event.kind, self._other)(entry, event)

    def _his(self, event: Event, uid: int) -> bool:
        """Say whether a process of the user ``uid`` tells what is his."""
        return event.kind not in OF_ROOT and (event.user is None or self.user_of(uid) in (None, event.user))

    def _accepted(self, entry: Entry, event: Event) -> None:
        self.accepted += 1
        self.peaks.begin(event.address, event.port)
        self.logins.put(entry.pid, Login(event.user, event.address, event.port, entry.time, True))

    def _child(self, entry: Entry, event: Event) -> None:
        login = self.logins.of(entry.pid)
        if login:
            self.logins.put(event.number, login)

    def _listening(self, entry: Entry, _event: Event) -> None:
        known = entry.pid in self.listened or len(self.listened) < LISTENERS
        if known and entry.pid is not None and entry.time is not None:
            self.listened[entry.pid] = entry.time

    def _started(self, entry: Entry, event: Event) -> None:
        login = self.logins.of(entry.pid)
        known = login and login[:3] == event[1:4]
        # It may be an sshd that the user himself runs: then nobody needs more than there is for it.
        if entry.uid and not (known and login.is_accepted) and event.number >= self.effective:
            self.rejected += 1
            return
        self.has_sessions = True
        self.peaks.see(event.user, event.address, event.port, event.number)
        if not known:
            self.logins.put(entry.pid, Login(event.user, event.address, event.port, entry.time))

    _closed = _started

    def _forced(self, entry: Entry, _event: Event) -> None:
        self.has_sessions = True
        login = self.logins.of(entry.pid)
        if login and (not entry.uid or self.user_of(entry.uid) in (None, login.user)):
            self.peaks.see(login.user, login.address, login.port, 0)

    def _refused(self, entry: Entry, _event: Event) -> None:
        login = self.logins.of(entry.pid)
        user, address = (login.user, login.address) if login else (None, None)
        if entry.uid is not None:
            vouched = self.user_of(entry.uid)
            if vouched and vouched != user:
                user, address = vouched, None
        if (user, address) not in self.refusals and len(self.refusals) >= CLIENTS:
            user, address = None, None
        _count(self.refusals.setdefault((user, address), [0, None, None]), entry.time, entry.times)
        # A connection keeps what was in force as it began.
        began = login.time if login and login.time is not None else entry.time
        if None not in (self.in_force, began) and began < self.in_force:
            self.older[user, address] = self.older.get((user, address), 0) + entry.times

    def _dropped(self, entry: Entry, event: Event) -> None:
        # Of the connections that it dropped sshd may tell each, or how many they were.
        self.dropped += event.number
        _count(self.other.setdefault("startups", [0, None, None]), entry.time, 0)

    def _pam(self, entry: Entry, event: Event) -> None:
        if entry.pid is None or entry.pid != self.too_many_logins:
            self._other(entry, event)

    def _other(self, entry: Entry, event: Event) -> None:
        if event.kind == "logins":
            self.too_many_logins = entry.pid
        _count(self.other.setdefault(event.kind, [0, None, None]), entry.time, entry.times)

    def refused(self) -> Dict[str, Any]:
        """Return what the module returns as ``refusals``."""
        by = [dict(_told(count), user=user, peer=peer) for (user, peer), count in self.refusals.items()]
        by.sort(key=lambda one: (-one["count"], one["user"] or "", one["peer"] or ""))
        if "startups" in self.other:
            self.other["startups"][0] = max(self.dropped, self.other["startups"][0])
        other = [dict(_told(count), name=name) for name, count in sorted(self.other.items())]
        total = [sum(count[0] for count in self.refusals.values())]
        for at, pick in ((1, min), (2, max)):
            total.append(pick((count[at] for count in self.refusals.values() if count[at] is not None), default=None))
        return dict(_told(total), by=by, other=other)


def _count(count: Count, time: Optional[float], number: int = 1) -> None:
    count[0] += number
    if time is not None:
        count[1] = time if count[1] is None else min(count[1], time)
        count[2] = time if count[2] is None else max(count[2], time)


def _told(count: Count) -> Dict[str, Any]:
    return {"count": count[0], "first": written(count[1]), "last": written(count[2])}
