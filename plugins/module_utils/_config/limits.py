# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is desired: MaxSessions for everyone, and for those whom Match criteria select."""

import re
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from .._errors import Error
from . import sessions, syntax


class Limit(NamedTuple):
    """A MaxSessions for those whom ``match``, criteria as sshd_config(5) writes them, selects."""

    match: Optional[str]  # None for everyone
    max_sessions: Optional[int]  # None to leave it to others' lines

    @property
    def whom(self) -> str:
        """Whom it is about, in words."""
        return "everyone" if self.match is None else "'Match %s'" % self.match

    def is_met_by(self, effective: Optional[int], *, at_least: bool) -> bool:
        """Say whether ``effective`` is this number, with ``at_least`` no less; where one is None nothing tells otherwise."""
        if effective is None or self.max_sessions is None:
            return True
        return effective >= self.max_sessions if at_least else effective == self.max_sessions


NOTHING = [Limit(None, None)]


def desired_limits(params: Mapping[str, Any]) -> List[Limit]:
    """Return the Limits that the module's ``params`` ask for, the one for everyone first. Raises Error."""
    if params["state"] == "absent" or not (params["rules"] or _is_given(params)):
        return NOTHING
    limits, seen = [Limit(None, _max_sessions(params, params["ceiling"], ""))], set()
    for number, rule in enumerate(params["rules"] or (), 1):
        match = _criteria(rule["match"], number)
        if match in seen:
            raise Error("rules: rule %d: 'Match %s' stands in an earlier rule, which would win" % (number, match))
        seen.add(match)
        ceiling = params["ceiling"] if rule["ceiling"] is None else rule["ceiling"]
        limits.append(Limit(match, _max_sessions(rule, ceiling, "rules: 'Match %s': " % match)))
    return limits


def require_under_ceilings(params: Mapping[str, Any], limits: Sequence[Limit], written: Sequence[Limit]) -> None:
    """Raise Error where one of ``limits``, which policy at_least keeps, is above a ceiling and not ``written`` already."""
    rules = {as_read(rule["match"]) or "": rule["ceiling"] for rule in params["rules"] or ()}
    known = [(as_read(limit.match), limit.max_sessions) for limit in written]
    for limit in limits:
        match, number = as_read(limit.match) or "", limit.max_sessions
        # For some of a rule's people there is one that has their own criteria behind the rule's.
        rule = max((one for one in rules if (match + " ").startswith(one + " ")), key=len, default="")
        ceiling = params["ceiling"] if rules.get(rule) is None else rules[rule]
        if number is not None and ceiling is not None and number > ceiling and (match or None, number) not in known:
            raise Error(
                "rules: 'Match %s': MaxSessions would be %d, which is in force there already and policy 'at_least' "
                "keeps, above the ceiling of %d, so nothing was changed: leave that rule out, raise 'ceiling', or take "
                "policy 'exact'"
                % (match, number, ceiling)
            )


def _is_given(asked: Mapping[str, Any]) -> bool:
    return asked["clone_depth"] is not None or asked["max_sessions"] is not None


def _max_sessions(asked: Mapping[str, Any], ceiling: Optional[int], where: str) -> Optional[int]:
    """Return the number that ``asked`` (clone_depth and so on) comes to, None if it asks for none."""
    if not _is_given(asked):
        return None
    try:
        number = sessions.max_sessions_for(asked["clone_depth"], asked["extra_sessions"], asked["max_sessions"])
    except Error as error:
        raise Error(where + str(error)) from error
    if ceiling is not None and number > ceiling:
        raise Error(
            "%sMaxSessions would be %s, above the ceiling of %d, so nothing was changed: ask for fewer clones, or raise "
            "'ceiling'" % (where, sessions.arithmetic(asked["clone_depth"], asked["extra_sessions"], number), ceiling)
        )
    return number


def _criteria(text: str, number: int) -> str:
    """Return Match criteria fit for one line; what they mean is sshd's to say."""
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f#]", text):
        raise Error("rules: rule %d: 'match' is one line of criteria, without comment: %r is not" % (number, text))
    match = text.strip(syntax.BLANKS)
    if not as_read(match):
        raise Error("rules: rule %d: 'match' %r has no criteria, or a quote that stays open" % (number, text))
    return match


def as_read(match: Optional[str]) -> Optional[str]:
    """Return ``match`` as a Directive gives the criteria of a Match that was read, None of None."""
    return match and syntax.joined(syntax.parse("Match " + match).arguments)
