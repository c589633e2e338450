# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a configuration would not do: who would have what by which line, and what to do."""

from typing import Optional

from .._config import block, precedence
from .._config.limits import Limit
from .._config.tree import Directive, Tree
from .connection_spec import anyone
from .contexts import Context
from .state import State


def less(before: State, after: State, context: Context) -> str:
    """Say that in ``context`` less would be in force ``after`` than ``before``."""
    old, new = before.answers.max_sessions(context.spec), after.answers.max_sessions(context.spec)
    source = precedence.decisive(after.tree, context.met)
    return (
        "Nothing was changed: MaxSessions for %s would fall from %d to %d%s, and policy is 'at_least'. Give them a rule of "
        "their own in 'rules', or take policy 'exact'"
        % (context.spec.whose(anyone(before.tree)), old, new, " by %s" % source.where if source else "")
    )


def wins(before: State, after: State, limit: Limit, context: Context) -> str:
    """Say which line wins over ``limit`` for the ``context``, and what to do."""
    effective = after.answers.max_sessions(context.spec)
    source = _source(after.tree, effective, context, limit)
    if not source:
        return "Nothing was changed: MaxSessions for %s would be %d, not %d" % (limit.whom, effective, limit.max_sessions)
    foreign, rule = block.foreign(after.tree), "rules: [{match: all, max_sessions: %d}]" % limit.max_sessions
    words = "%s line %d: MaxSessions %d" % (source.path, source.line, effective)
    todo = "Remove that line, or use location 'auto'"
    if not source.line:
        words = "sshd was started with MaxSessions %d (%s), which" % (effective, source.path)
        todo = (
            "Take it out of the unit, or of the file that sets its options (SSHD_OPTS, OPTIONS), and restart sshd; or write "
            "%s: a Match comes before it" % rule
        )
    elif source not in foreign:
        todo = "It is one of the rules: narrow it, or put the narrower one first"
    else:
        # Nobody sees the copy: the block in front of that line is not there, or is another one.
        source = block.foreign(before.tree)[foreign.index(source)]
        words = "%s line %d: MaxSessions %d" % (source.path, source.line, effective)
        if source.match:
            words += " under 'Match %s'" % source.match[-1]
            if limit.match is None:
                todo = "Remove that line, or write %s, which comes before it" % rule
    if limit.match is None:
        return "%s wins, so that %d for everyone would be in force for nobody. Nothing was changed. %s" % (
            words, limit.max_sessions, todo,
        )  # fmt: skip
    return "%s wins for %s, so that %d for %s would not be in force. Nothing was changed. %s" % (
        words, context.spec.whose(anyone(before.tree)), limit.max_sessions, limit.whom, todo,
    )  # fmt: skip


def _source(tree: Tree, effective: int, context: Context, limit: Limit) -> Optional[Directive]:
    """Return the line that gives the ``effective`` value in ``context``, as far as it can be told."""
    decisive = precedence.decisive(tree, context.met)
    if decisive and decisive.max_sessions == effective:
        return decisive
    return next(iter(precedence.possible_sources(tree, effective, for_rule=limit.match is not None)), None)
