# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to ask sshd about: what `sshd -T -C` takes, all five keys of it."""

from typing import List, NamedTuple

from .._config.tree import Tree


class ConnectionSpec(NamedTuple):
    """Who comes in from where, and where to: the keys of sshd(8)'s ``-C``. By default nobody in particular."""

    user: str = "nobody"
    host: str = "client.invalid"
    addr: str = "192.0.2.1"  # TEST-NET-1 of RFC 5737: no real network's Match is met by accident
    laddr: str = "192.0.2.2"
    lport: str = "22"

    @property
    def argument(self) -> str:
        """What ``sshd -C`` is given; a shorter one fails where a Match asks for the rest."""
        return ",".join("%s=%s" % (key, value) for key, value in zip(self._fields, self))

    def whose(self, usual: "ConnectionSpec") -> str:
        """Say in words who it is, by what it has that the ``usual`` one has not."""
        words = ("%s", "from the host %s", "from %s", "to %s", "at port %s")
        said = [word % mine for word, mine, other in zip(words, self, usual) if mine != other]
        return " ".join(said if self.user != usual.user else ["somebody", *said])


def anyone(tree: Tree) -> ConnectionSpec:
    """Return the ConnectionSpec of a connection that no particular Match is about."""
    return ConnectionSpec(lport=ports(tree)[0])


def ports(tree: Tree) -> List[str]:
    """Return the ports that sshd listens on by its configuration, in reading order."""
    given = [one.arguments[0] for one in tree.directives if one.keyword == "port" and one.arguments]
    return [port for port in given if port.isdigit()] or ["22"]
