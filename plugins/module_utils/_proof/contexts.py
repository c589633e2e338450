# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom there is to ask sshd about: one connection for each set of Match blocks that somebody can be under."""

from typing import Dict, FrozenSet, List, NamedTuple, Sequence

from .._config import block
from .._config.limits import Limit, as_read
from .._config.precedence import Match
from .._config.tree import Tree
from .connection_spec import ConnectionSpec, anyone, ports

MOST = 5000  # sets of Match blocks; past it another one tells nothing new


class Context(NamedTuple):
    """A connection, and the criteria of the Match blocks that it is under by our reading."""

    spec: ConnectionSpec
    met: FrozenSet[Match]


class Audience(NamedTuple):
    """All Contexts there are, by whom the limits are about."""

    limits: List[List[Context]]  # of each limit, those that it is about; nobody, where none is known
    others: List[Context]  # whom somebody else's Match is about, and no rule

    @property
    def for_everyone(self) -> List[Context]:
        """Those who can tell whether the limit for everyone is in force, the likeliest first."""
        return self.limits[0] + self.others or sorted(self.everybody, key=lambda one: len(one.met))

    @property
    def everybody(self) -> List[Context]:
        """All of them."""
        return [*(one for about in self.limits for one in about), *self.others]


def audience(tree: Tree, limits: Sequence[Limit]) -> Audience:
    """Return the Audience of ``limits`` in ``tree``: a rule is about whom it matches and no rule before it does.

    The limit for everyone is about those of whom no rule is, and no Match of somebody else's, or, where everyone is under
    one, the fewest.
    """
    found = contexts(tree, limits)
    numbers: Dict[Match, int] = {}
    for number, limit in enumerate(limits[1:], 1):
        numbers.setdefault((as_read(limit.match),), number)
    about: List[List[Context]] = [[] for _limit in limits]
    for one in found:
        about[min((numbers[match] for match in one.met if match in numbers), default=0)].append(one)
    foreign = {one.match for one in block.foreign(tree) if not one.matches_all}
    about[0].sort(key=lambda one: len(one.met & foreign))
    fewest = [one for one in about[0] if len(one.met & foreign) == len(about[0][0].met & foreign)]
    return Audience([fewest, *about[1:]], about[0][len(fewest):])


def contexts(tree: Tree, limits: Sequence[Limit]) -> List[Context]:
    """Return the Contexts in which MaxSessions may differ, in ``tree`` or under ``limits``; the first is anyone.

    root stands for all whom a Match of that one's own user or groups leaves out.
    """
    asked = list(dict.fromkeys([one.match for one in tree.limits if one.match and not one.matches_all]))
    asked += [match for match in ((as_read(one.match),) for one in limits[1:]) if match not in asked]
    if not asked:
        return [Context(anyone(tree), frozenset())]
    # Only here: a run that finds no Match need not load it.
    from . import examples  # noqa: PLC0415

    lists = [examples.pattern_lists(match) for match in asked]
    some = anyone(tree)
    usual = {
        "host": [some.host],
        "addr": [some.addr, "2001:db8::1"],  # RFC 3849's, whom no network of IPv4 has
        "laddr": [some.laddr, "2001:db8::2"],
        # A Match may be about every port that there is: who comes in at none of them is everyone else.
        "lport": [*ports(tree), "1"],
    }
    found = {examples.answerable(lists): some}
    found = _combined(found, "user", examples.users(lists, [some.user, "root"]))
    for kind in examples.KINDS:
        found = _combined(found, kind.key, examples.values(kind, lists, usual[kind.key]))
    return [
        Context(spec, frozenset(match for number, match in enumerate(asked) if met >> number & 1))
        for met, spec in found.items()
    ]


def _combined(found: Dict[int, ConnectionSpec], key: str, values: Dict[int, str]) -> Dict[int, ConnectionSpec]:
    """Return ``{bits of what is met: who}`` of all that differ by ``key`` too."""
    new: Dict[int, ConnectionSpec] = {}
    for met, spec in found.items():
        for bits, value in values.items():
            if len(new) < MOST and met & bits not in new:
                new[met & bits] = spec._replace(**{key: value})
    return new
