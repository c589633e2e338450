# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many sessions connections had at once: the most of each, and what most of them stayed within."""

from collections import OrderedDict
from typing import Any, Dict, List, Optional, Tuple

from .login import MOST

CHANNELS = 16384  # CHANNELS_MAX_CHANNELS of channels.c: no connection has a session beyond it
USERS = 1000  # to be told apart; more than that is one figure


class Peaks:
    """Counts of connections by user and by the most sessions that they had at once."""

    def __init__(self) -> None:
        self.open = OrderedDict()  # type: OrderedDict[Tuple[str, int], List[Any]]
        self.counts: Dict[Optional[str], Dict[int, int]] = {}
        self.highest: Dict[Optional[str], Tuple[int, str]] = {}  # the most of each, and from which address it was had

    def begin(self, address: str, port: int) -> None:
        """Take what follows of the client's ``address`` and ``port`` for another connection's."""
        if (address, port) in self.open:
            self._close(address, self.open.pop((address, port)))

    def see(self, user: str, address: str, port: int, slot: int) -> None:
        """Take it that the connection's ``slot`` was in use: a free one is taken before a new one is made."""
        if slot >= CHANNELS:
            return
        known = self.open.get((address, port))
        if known is None or known[0] != user:
            self.begin(address, port)
            self.open[address, port] = [user, slot + 1]
            if len(self.open) > MOST:
                (oldest, _port), its = self.open.popitem(last=False)
                self._close(oldest, its)
        elif slot >= known[1]:
            known[1] = slot + 1

    def _close(self, address: str, known: List[Any]) -> None:
        user, peak = known
        if len(self.counts) >= USERS and user not in self.counts:
            user = None
        counts = self.counts.setdefault(user, {})
        counts[peak] = counts.get(peak, 0) + 1
        self.highest[user] = max(self.highest.get(user, (0, "")), (peak, address))

    def result(self) -> Dict[str, Any]:
        """Return the figures of all, and ``by_user`` those of each, most sessions first."""
        for client in list(self.open):
            self.begin(*client)
        everyone: Dict[int, int] = {}
        for counts in self.counts.values():
            for peak, number in counts.items():
                everyone[peak] = everyone.get(peak, 0) + number
        by_user: List[Dict[str, Any]] = [dict(figures(counts), user=user) for user, counts in self.counts.items()]
        by_user.sort(key=lambda one: (-one["most"], -one["connections"], one["user"] or ""))
        return dict(figures(everyone), by_user=by_user)


def figures(counts: Dict[int, int]) -> Dict[str, Optional[int]]:
    """Return the number of connections, the median, the 95th percentile and the most of ``{peak: connections}``."""
    total = sum(counts.values())
    return {
        "connections": total,
        "median": _percentile(counts, total, 50),
        "p95": _percentile(counts, total, 95),
        "most": max(counts) if counts else None,
    }


def _percentile(counts: Dict[int, int], total: int, percent: int) -> Optional[int]:
    """Return the least number that at least ``percent`` of 100 connections stayed within."""
    within = 0
    for peak in sorted(counts):
        within += counts[peak]
        if within * 100 >= total * percent:
            return peak
    return None
