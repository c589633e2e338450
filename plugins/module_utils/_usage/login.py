# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logged in over which connection, by the processes that said so, as far as memory is set aside for it."""

from collections import OrderedDict
from typing import NamedTuple, Optional

MOST = 20000  # connections at once; the oldest of more is given up


class Login(NamedTuple):
    """A connection that a user logged in over."""

    user: str
    address: str  # the client's
    port: int
    time: Optional[float]
    is_accepted: bool = False  # whether the host's own sshd said that it let the user in


class Logins:
    """The Logins of the processes that serve them."""

    def __init__(self) -> None:
        self.by_pid = OrderedDict()  # type: OrderedDict[int, Login]

    def put(self, pid: Optional[int], login: Login) -> None:
        """Keep that process ``pid`` serves ``login``, whatever another process of that number served before."""
        if pid is not None:
            self.by_pid.pop(pid, None)
            self.by_pid[pid] = login
            if len(self.by_pid) > 2 * MOST:  # two processes a connection
                self.by_pid.popitem(last=False)

    def of(self, pid: Optional[int]) -> Optional[Login]:
        """Return the Login that process ``pid`` serves, None where it is not known."""
        return None if pid is None else self.by_pid.get(pid)
