# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted: MaxSessions for everyone, and for those whom Match criteria select."""

import re
from collections import namedtuple

from ansible_collections.multiplex.sshd.plugins.module_utils import _sessions, _syntax
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

# match: Match criteria as sshd_config(5) writes them, None for everyone; max_sessions: None to leave it to others' lines.
Limit = namedtuple("Limit", "match max_sessions")


def wanted(params):
    """Return the Limits that the module's ``params`` ask for, the one for everyone first. Raises Error."""
    if params["state"] == "absent" or not (params["rules"] or _asks(params)):
        return [Limit(None, None)]
    limits, seen = [Limit(None, _limit(params, params["ceiling"], ""))], set()
    for number, rule in enumerate(params["rules"] or (), 1):
        match = _criteria(rule["match"], number)
        if match in seen:
            raise Error("rules: rule %d: 'Match %s' stands in an earlier rule, which would win" % (number, match))
        seen.add(match)
        ceiling = params["ceiling"] if rule["ceiling"] is None else rule["ceiling"]
        limits.append(Limit(match, _limit(rule, ceiling, "rules: 'Match %s': " % match)))
    return limits


def _asks(asked):
    return asked["clone_depth"] is not None or asked["max_sessions"] is not None


def _limit(asked, ceiling, where):
    """Return the number that ``asked`` (clone_depth and so on) comes to, None if it asks for none."""
    if not _asks(asked):
        return None
    try:
        number = _sessions.limit(asked["clone_depth"], asked["extra_sessions"], asked["max_sessions"])
    except Error as error:
        raise Error(where + str(error)) from error
    if ceiling is not None and number > ceiling:
        raise Error(
            "%sMaxSessions would be %s, above the ceiling of %d, so nothing was changed: ask for fewer clones, or raise "
            "'ceiling'" % (where, _sessions.arithmetic(asked["clone_depth"], asked["extra_sessions"], number), ceiling)
        )
    return number


def _criteria(text, number):
    """Return Match criteria fit for one line; what they mean is sshd's to say."""
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f#]", text):
        raise Error("rules: rule %d: 'match' is one line of criteria, without comment: %r is not" % (number, text))
    match = text.strip(_syntax.BLANKS)
    if not key(match):
        raise Error("rules: rule %d: 'match' %r has no criteria, or a quote that stays open" % (number, text))
    return match


def key(match):
    """Return ``match`` as _config gives the criteria of a Match that was read, None of None."""
    return match and " ".join((_syntax.parse("Match " + match) or ("", []))[1])


def at_least(limits, standing, ours):
    """Return ``limits`` for policy at_least, which lowers nothing: a number that is in force already is left alone.

    ``standing`` are the effective values before, one a limit, None where it is not known. ``ours`` is {match: value} of
    what was written before: a value that is high enough stays where it is, ours or somebody else's.
    """
    raised = []
    for limit, now in zip(limits, standing):
        if now is not None and limit.max_sessions is not None and now >= limit.max_sessions:
            limit = limit._replace(max_sessions=ours.get(key(limit.match)))
        raised.append(limit)
    return raised
