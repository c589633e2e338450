# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line gives the value that sshd says is in force: sshd tells the value, but not the line."""

from typing import List, Optional

from .._errors import Error
from .sessions import DEFAULT
from .tree import DIRECTORY, Directive, Tree


def possible_sources(tree: Tree, effective: int, *, for_rule: bool = False) -> List[Directive]:
    """Return the directives that can give somebody the ``effective`` MaxSessions, the likeliest first.

    A Match that everyone is under comes before the first global line, and of those under other Match blocks the first in
    reading order before the next. For somebody whom a rule is about (``for_rule``) a Match is likelier than a global line.
    """
    forced = [one for one in tree.limits if one.match and one.matches_all][:1]
    conditional = [one for one in tree.limits if not one.matches_all]
    everyone = tree.global_limits[:1]
    ranked = forced + (conditional + everyone if for_rule else everyone + conditional)
    return [one for one in ranked if one.max_sessions == effective]


def winner(tree: Tree, effective: int) -> Optional[Directive]:
    """Return the directive that gives the ``effective`` MaxSessions, None where it is sshd's default.

    Raises Error where no line gives it: then sshd reads something that is not read here.
    """
    sources = possible_sources(tree, effective)
    if sources:
        return sources[0]
    if effective == DEFAULT and all(one.match and not one.matches_all for one in tree.limits):
        return None
    raise Error(
        "sshd says MaxSessions %d of %s, but no line that was found there sets it. "
        "Is its configuration directory another than %s?" % (effective, tree.main, DIRECTORY)
    )
