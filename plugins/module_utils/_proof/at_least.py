# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy at_least: the limits that raise whoever has too little and lower nobody."""

from typing import Dict, Iterable, List, Sequence, Set

from .._config import block, precedence
from .._config.limits import Limit, as_read
from .._config.tree import Directive
from .state import State


def raised(limits: Sequence[Limit], before: State) -> Sequence[Limit]:
    """Return what to write so that all whom ``limits`` are about have as much, and nobody less than ``before``.

    Where all have enough, that is what is written already. A rule that was written before and is not asked for stays
    behind those that are. That it does is for sshd to prove.
    """
    spelled = {as_read(limit.match): limit.match for limit in limits}
    everyone, *olds = [one._replace(match=spelled.get(one.match, one.match)) for one in _standing(before)]
    short = [not proof.limit.is_met_by(proof.effective, at_least=True) for proof in before.proofs]
    if not any(short):
        return [everyone, *olds]
    rules = [rule for number, limit in enumerate(limits) if number for rule in _rules(limit, number, before)]
    matches = {as_read(rule.match) for rule in rules}
    return [limits[0] if short[0] else everyone, *rules, *(one for one in olds if as_read(one.match) not in matches)]


def _standing(before: State) -> List[Limit]:
    """Return what is written already, as far as it counts, the limit for everyone first.

    Somebody's line that comes before ours would no longer do so, for ours are written anew and to the front.
    """
    foreign = set(map(id, block.foreign(before.tree)))
    everyone, *rules = block.written(before.tree)
    if any(id(one) in foreign for one in before.tree.global_limits[:1]):
        everyone = everyone._replace(max_sessions=None)
    return [everyone, *(one for rule in rules for one in _counting(rule, before, foreign))]


def _counting(rule: Limit, before: State, foreign: Set[int]) -> List[Limit]:
    """Return ``rule`` behind one for each of those whose line is ``foreign`` now; none, where that is so for all."""
    for_all = rule.match.lower() == "all"
    people = [one for one in before.audience.everybody if for_all or any(match[-1] == rule.match for match in one.met)]
    sources = [precedence.decisive(before.tree, one.met) for one in people]
    others = [one for one in sources if id(one) in foreign]
    if people and len(others) == len(people):
        return []
    return [*_ahead(rule, others, before, floor=0), rule]


def _ahead(limit: Limit, others: Iterable[Directive], before: State, *, floor: int) -> List[Limit]:
    """Return a rule for those of the people of ``limit`` under each of the ``others``: what that gives, or the ``floor``."""
    positions = {id(one): position for position, one in enumerate(before.tree.limits)}
    found: Dict[str, Limit] = {}
    for source in sorted(others, key=lambda one: positions[id(one)]):
        match = _both(limit, source)
        found.setdefault(match, Limit(match, max(floor, source.max_sessions or 0)))
    return list(found.values())


def _rules(limit: Limit, number: int, before: State) -> List[Limit]:
    """Return the rule ``limit``, behind one for each of those of its people who have more by a Match of their own."""
    floor = limit.max_sessions
    sources = [precedence.decisive(before.tree, one.met) for one in before.audience.limits[number]]
    others = [one for one in sources if one and one.match and not one.matches_all and one.match[-1] != as_read(limit.match)]
    for context, source in zip(before.audience.limits[number], sources):
        if source not in others:
            floor = max(floor, before.answers.max_sessions(context.spec))
    if not sources:
        floor = max(floor, before.effective)
    rules = _ahead(limit, others, before, floor=limit.max_sessions)
    # What falls through to the rule gets the same.
    while rules and rules[-1].max_sessions == floor:
        rules.pop()
    return [*rules, limit._replace(max_sessions=floor)]


def _both(limit: Limit, source: Directive) -> str:
    """Return criteria that are met by who meets those of ``limit`` and those around ``source``."""
    return " ".join(one for one in [limit.match, *source.match] if one.lower() != "all")
