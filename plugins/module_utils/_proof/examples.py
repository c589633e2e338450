# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples of connections: what a Match's criteria may mean, and which of several criteria each of them meets."""

import re
import socket
from typing import Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

from .._config.criteria import (
    criteria,
    match_address,
    match_host,
    match_pattern,
    match_pattern_list,
    match_port,
    network,
    numeric_address,
)
from .._config.precedence import Match
from .people import groups_of_users

Asked = Sequence[Dict[str, List[List[str]]]]  # of each Match: {criterion: its pattern-lists, all of which have to be met}
Met = int  # a bit for each Match of which what was looked at is met


KNOWN = {"user", "group", "host", "address", "localaddress", "localport", "all"}


class Kind(NamedTuple):
    """A key of the ConnectionSpec, with the criterion that asks for it, and how."""

    key: str
    criterion: str
    match: Callable[[str, str], bool]
    examples: Callable[[str], List[str]]  # of what a pattern means


def pattern_lists(match: Match) -> Dict[str, List[List[str]]]:
    """Return ``{criterion: its pattern-lists}`` of the criteria that ``match`` is made of."""
    lists: Dict[str, List[List[str]]] = {}
    for text in match:
        for name, patterns in criteria(text):
            lists.setdefault(name, []).append(patterns)
    return lists


def answerable(asked: Asked) -> Met:
    """Return a bit for each of ``asked`` that asks only for what is known here; nobody is said to meet another."""
    return sum(1 << number for number, one in enumerate(asked) if set(one) <= KNOWN)


def values(kind: Kind, asked: Asked, usual: Iterable[str]) -> Dict[Met, str]:
    """Return a value of that ``kind`` for each set of ``asked`` that one meets: a ``usual`` one if there is."""
    found: Dict[Met, str] = {}
    patterns = [pattern for one in asked for listed in one.get(kind.criterion, ()) for pattern in listed]
    tried = list(usual) + [value for pattern in patterns for value in kind.examples(pattern.lstrip("!"))]
    for value in dict.fromkeys(tried):
        if re.match(r"[^,\x00\n]+\Z", value):  # fit for sshd's -C
            found.setdefault(met(asked, kind.criterion, value, kind.match), value)
    return found


def users(asked: Asked, usual: Iterable[str]) -> Dict[Met, str]:
    """Return, as ``values``, users: one for each set of Match User and Match Group that somebody is known to meet."""
    lists = [listed for one in asked for listed in one.get("user", ())]
    groups = [pattern for one in asked for listed in one.get("group", ()) for pattern in listed]
    named = [pattern.lstrip("!") for listed in lists for pattern in listed if not set(pattern) & set("*?")]
    memberships: Dict[str, List[str]] = {}
    if groups or any(set(pattern) & set("*?") for listed in lists for pattern in listed):
        memberships = groups_of_users([*usual, *named], [pattern.lstrip("!") for pattern in groups])
    invented = [name for listed in lists for pattern in listed for name in _names(pattern.lstrip("!"))]
    by_user, by_group = Index(asked, "user"), Index(asked, "group")
    found: Dict[Met, str] = {}
    for user in dict.fromkeys([*usual, *named, *memberships, *invented]):
        if re.match(r"[^,\x00\n]+\Z", user):
            found.setdefault(by_user.met([user]) & by_group.met(memberships.get(user, ())), user)
    return found


class Index:
    """Who meets which of ``asked``, as far as the ``criterion`` is asked for; a name is looked up, not tried on each."""

    def __init__(self, asked: Asked, criterion: str) -> None:
        self.unasked: Met = 0
        self.literal: Dict[str, List[Tuple[Met, bool]]] = {}  # name -> (bit, whether the name is negated)
        self.lists: List[Tuple[Met, List[str]]] = []
        self.several: Dict[Met, int] = {}  # bit -> how many lists are to be met
        for number, one in enumerate(asked):
            bit = 1 << number
            given = one.get(criterion, ())
            if not given:
                self.unasked |= bit
            elif len(given) == 1 and not any(set(pattern) & set("*?") or len(pattern) > 256 for pattern in given[0]):
                for pattern in given[0]:
                    self.literal.setdefault(pattern.lstrip("!"), []).append((bit, pattern.startswith("!")))
            else:
                self.several[bit] = len(given)
                self.lists += [(bit, listed) for listed in given]

    def met(self, names: Sequence[str]) -> Met:
        """Return which are met by somebody with ``names``: of one of them the list has to say so, and of none no."""
        found = negated = 0
        for name in names:
            for bit, no in self.literal.get(name, ()):
                found, negated = (found, negated | bit) if no else (found | bit, negated)
        missing = dict(self.several)
        for bit, listed in self.lists:
            if _means(names, listed):
                missing[bit] -= 1
        return self.unasked | (found & ~negated) | sum(bit for bit, left in missing.items() if not left)


def _means(names: Sequence[str], listed: Sequence[str]) -> bool:
    refused = [pattern[1:] for pattern in listed if pattern.startswith("!")]
    if any(match_pattern(name, pattern) for name in names for pattern in refused):
        return False
    return any(match_pattern_list(name, listed, match_pattern) for name in names)


def met(asked: Asked, criterion: str, value: str, match: Callable[[str, str], bool]) -> Met:
    """Return which of ``asked`` a ``value`` meets, as far as the ``criterion`` is asked for."""
    found = 0
    for number, one in enumerate(asked):
        if all(match_pattern_list(value, listed, match) for listed in one.get(criterion, ())):
            found |= 1 << number
    return found


def _names(pattern: str) -> List[str]:
    """Return names that ``pattern`` may mean."""
    pattern = pattern.replace("?", "x")
    return [pattern.replace("*", ""), pattern.replace("*", "x")]


def _addresses(pattern: str) -> List[str]:
    """Return addresses that ``pattern`` may mean: the first ones and the last but one of a network."""
    length, value, bits = network(pattern)
    if length:
        size = 1 << (length - bits)
        first = value - value % size
        family = socket.AF_INET if length == 32 else socket.AF_INET6
        picks = sorted({0, min(1, size - 1), size // 2, max(0, size - 2)})
        return [socket.inet_ntop(family, (first + pick).to_bytes(length // 8, "big")) for pick in picks[-3:] + picks[:-3]]
    ends = ("1", "1.1", "1.1.1", "1.1.1.1", ":1", "::1")
    filled = [pattern.replace("?", "1").replace("*", rest) for rest in ends]
    return [address for address in filled if numeric_address(address)]


def _ports(pattern: str) -> List[str]:
    return [pattern.lstrip("+0")]


KINDS = [
    Kind("host", "host", match_host, _names),
    Kind("addr", "address", match_address, _addresses),
    Kind("laddr", "localaddress", match_address, _addresses),
    Kind("lport", "localport", match_port, _ports),
]
