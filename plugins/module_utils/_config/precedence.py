# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line gives the value that sshd says is in force: sshd tells the value, but not the line."""

from typing import Collection, List, Optional, Tuple

from .._errors import Error
from .sessions import DEFAULT
from .tree import DIRECTORY, Directive, Tree

Match = Tuple[str, ...]  # the criteria of the Match blocks around a line


def conditional(tree: Tree) -> List[Directive]:
    """Return the MaxSessions directives that can give somebody a value because a Match is about them.

    Those are the first under their criteria, up to the first that is for all.
    """
    found, seen = [], set()
    for one in tree.limits:
        if one.match and one.matches_all:
            break
        if one.match and one.match not in seen:
            seen.add(one.match)
            found.append(one)
    return found


def decisive(tree: Tree, met: Collection[Match]) -> Optional[Directive]:
    """Return the directive that gives MaxSessions to those who meet the criteria ``met``, or no Match but one for all.

    None is sshd's default. A Match comes before a global line, and the first of either before the next.
    """
    for one in conditional(tree) if met else ():
        if one.match in met:
            return one
    forced = [one for one in tree.limits if one.match and one.matches_all]
    return next(iter(forced + tree.global_limits), None)


def possible_sources(tree: Tree, effective: int, *, for_rule: bool = False) -> List[Directive]:
    """Return the directives that can give somebody the ``effective`` MaxSessions, the likeliest first.

    A Match that everyone is under comes before the first global line, and of those under other Match blocks the first in
    reading order before the next. For somebody whom a rule is about (``for_rule``) a Match is likelier than a global line.
    """
    forced = [one for one in tree.limits if one.match and one.matches_all][:1]
    some = conditional(tree)
    everyone = tree.global_limits[:1]
    ranked = forced + (some + everyone if for_rule else everyone + some)
    return [one for one in ranked if one.max_sessions == effective]


def winner(tree: Tree, effective: int) -> Optional[Directive]:
    """Return the directive that gives the ``effective`` MaxSessions, None where it is sshd's default.

    Raises Error where no line gives it: then sshd reads something that is not read here.
    """
    if effective == DEFAULT and all(one.match and not one.matches_all for one in tree.limits):
        return None
    sources = possible_sources(tree, effective)
    if sources:
        return sources[0]
    raise Error(
        "sshd says MaxSessions %d of %s, but no line that was found there sets it. "
        "Is its configuration directory another than %s?" % (effective, tree.main, DIRECTORY)
    )
