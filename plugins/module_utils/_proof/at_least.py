# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy at_least: the limits that raise whoever has too little and lower nobody."""

from typing import Dict, List, Sequence

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
    everyone, *olds = [one._replace(match=spelled.get(one.match, one.match)) for one in block.written(before.tree)]
    short = [_is_short(proof.limit, proof.effective) for proof in before.proofs]
    if not any(short):
        return [everyone, *olds]
    rules = [rule for number, limit in enumerate(limits) if number for rule in _rules(limit, number, before)]
    matches = {as_read(rule.match) for rule in rules}
    return [limits[0] if short[0] else everyone, *rules, *(one for one in olds if as_read(one.match) not in matches)]


def _is_short(limit: Limit, effective: int) -> bool:
    return None not in (limit.max_sessions, effective) and effective < limit.max_sessions


def _rules(limit: Limit, number: int, before: State) -> List[Limit]:
    """Return the rule ``limit``, behind one for each of those of its people who have more by a Match of their own."""
    found: Dict[str, Limit] = {}
    floor = limit.max_sessions
    sources = [precedence.decisive(before.tree, one.met) for one in before.audience.limits[number]]
    others = [one for one in sources if one and one.match and not one.matches_all and one.match[-1] != as_read(limit.match)]
    for context, source in zip(before.audience.limits[number], sources):
        if source not in others:
            floor = max(floor, before.answers.max_sessions(context.spec))
    if not sources:
        floor = max(floor, before.effective)
    positions = {id(one): position for position, one in enumerate(before.tree.limits)}
    for source in sorted(others, key=lambda one: positions[id(one)]):
        match = _both(limit, source)
        found.setdefault(match, Limit(match, max(limit.max_sessions, source.max_sessions or 0)))
    rules = list(found.values())
    # What falls through to the rule gets the same.
    while rules and rules[-1].max_sessions == floor:
        rules.pop()
    return [*rules, limit._replace(max_sessions=floor)]


def _both(limit: Limit, source: Directive) -> str:
    """Return criteria that are met by who meets those of ``limit`` and those around ``source``."""
    return " ".join(one for one in [limit.match, *source.match] if one.lower() != "all")
