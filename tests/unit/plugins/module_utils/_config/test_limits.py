# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for comes to Limits, or to words that name the option."""

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import (
    NOTHING,
    Limit,
    as_read,
    desired_limits,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def asked(rules=None, **options):
    """Return the module's parameters, with what it has where nothing is given."""
    nothing = {"clone_depth": None, "extra_sessions": 0, "max_sessions": None, "ceiling": None}
    rules = rules and [{**nothing, **rule} for rule in rules]
    return {"state": "present", **nothing, "rules": rules, **options}


LIMITS = [
    (asked(max_sessions=7), [Limit(None, 7)]),
    (asked(max_sessions=0), [Limit(None, 0)]),
    (asked(clone_depth=0), [Limit(None, 1)]),
    (asked(clone_depth=5, extra_sessions=2), [Limit(None, 8)]),
    (asked(), NOTHING),
    (asked(rules=[]), NOTHING),
    (asked(max_sessions=7, state="absent"), NOTHING),
    (asked(rules=[{"match": "User a", "max_sessions": 3}], state="absent"), NOTHING),
    (asked(rules=[{"match": "User a", "max_sessions": 3}]), [Limit(None, None), Limit("User a", 3)]),
    (asked(rules=[{"match": " User a\t", "clone_depth": 3, "extra_sessions": 1}]), [Limit(None, None), Limit("User a", 5)]),
    (
        asked(max_sessions=2, rules=[{"match": "User b", "max_sessions": 4}, {"match": "User a", "max_sessions": 3}]),
        [Limit(None, 2), Limit("User b", 4), Limit("User a", 3)],
    ),
    (asked(max_sessions=10, ceiling=10), [Limit(None, 10)]),
    (asked(rules=[{"match": "all", "max_sessions": 10}], ceiling=10), [Limit(None, None), Limit("all", 10)]),
    (
        asked(rules=[{"match": "all", "max_sessions": 50, "ceiling": 50}], ceiling=10),
        [Limit(None, None), Limit("all", 50)],
    ),
    (asked(ceiling=0, max_sessions=0), [Limit(None, 0)]),
    (asked(rules=[{"match": "User é", "max_sessions": 3}]), [Limit(None, None), Limit("User é", 3)]),
    (asked(rules=[{"match": "User\ta", "max_sessions": 3}]), [Limit(None, None), Limit("User\ta", 3)]),
]


@pytest.mark.parametrize(("params", "limits"), LIMITS)
def test_what_is_asked_for_comes_to_limits_everyones_first(params, limits):
    assert desired_limits(params) == limits


CEILING = "above the ceiling of 10, so nothing was changed: ask for fewer clones, or raise 'ceiling'"
ERRORS = [
    (asked(max_sessions=11, ceiling=10), f"MaxSessions would be 11, {CEILING}"),
    (asked(clone_depth=9, extra_sessions=2, ceiling=10), f"MaxSessions would be 1 + 9 + 2 = 12, {CEILING}"),
    (
        asked(rules=[{"match": "User a", "max_sessions": 11}], ceiling=10),
        f"rules: 'Match User a': MaxSessions would be 11, {CEILING}",
    ),
    (
        asked(rules=[{"match": "User a", "max_sessions": 11, "ceiling": 10}], ceiling=50),
        f"rules: 'Match User a': MaxSessions would be 11, {CEILING}",
    ),
    (
        asked(max_sessions=1, ceiling=0),
        "MaxSessions would be 1, above the ceiling of 0, so nothing was changed: ask for fewer clones, or raise 'ceiling'",
    ),
    (asked(clone_depth=-1), "clone_depth is -1: it counts sessions, so give 0 or more"),
    (
        asked(rules=[{"match": "User a", "clone_depth": -1}]),
        "rules: 'Match User a': clone_depth is -1: it counts sessions, so give 0 or more",
    ),
    (
        asked(rules=[{"match": "User a", "max_sessions": 1}, {"match": "User a ", "max_sessions": 2}]),
        "rules: rule 2: 'Match User a' stands in an earlier rule, which would win",
    ),
]
NO_LINE = "rules: rule 2: 'match' is one line of criteria, without comment: {!r} is not"
NO_CRITERIA = "rules: rule 2: 'match' {!r} has no criteria, or a quote that stays open"


@pytest.mark.parametrize(("params", "said"), ERRORS)
def test_what_can_not_be_is_said_with_the_option(params, said):
    with pytest.raises(Error) as caught:
        desired_limits(params)
    assert str(caught.value) == said


@pytest.mark.parametrize("match", ["User a\nPort 1", "User a # why", "User\0a", "a\x7f", "\x1f", "\x08", "\x0a", "User a\r"])
def test_criteria_are_one_line(match):
    with pytest.raises(Error) as caught:
        desired_limits(asked(rules=[{"match": "all", "max_sessions": 1}, {"match": match, "max_sessions": 2}]))
    assert str(caught.value) == NO_LINE.format(match)


@pytest.mark.parametrize("match", ["", "  ", 'User "a'])
def test_criteria_are_there_and_whole(match):
    with pytest.raises(Error) as caught:
        desired_limits(asked(rules=[{"match": "all", "max_sessions": 1}, {"match": match, "max_sessions": 2}]))
    assert str(caught.value) == NO_CRITERIA.format(match)


READ = [(None, None), ("User a", "User a"), ("User  a\tHost b", "User a Host b"), ('User "a,b"', "User a,b"), ("all", "all")]


@pytest.mark.parametrize(("match", "expected"), READ)
def test_criteria_as_a_match_that_was_read_has_them(match, expected):
    assert as_read(match) == expected


def test_a_limit_says_whom_it_is_about():
    assert (Limit(None, 1).whom, Limit("User a", 1).whom) == ("everyone", "'Match User a'")
