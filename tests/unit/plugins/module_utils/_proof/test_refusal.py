# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import refusal

from .stated import limits, state

TWO = limits(7, ("User zz*", 5))
OURS = "\n".join([*block.lines(limits(7)), ""])  # 5 lines


def of(told, user):
    return next(one for one in told.audience.everybody if one.spec.user == user)


LESS = [
    ("MaxSessions 9\n", "MaxSessions 7\n", "nobody", "somebody would fall from 9 to 7 by /t/main:1"),
    ("", "Match User zza\nMaxSessions 3\n", "zza", "zza would fall from 10 to 3 by /t/main:2"),
    ("Match User zza\nMaxSessions 30\n", "MaxSessions 9\n", "zza", "zza would fall from 30 to 9 by /t/main:1"),
]


@pytest.mark.parametrize(("old", "new", "user", "said"), LESS)
def test_who_would_have_less_is_named_with_the_line(old, new, user, said):
    asked = limits(7, ("User zza", 5))
    before, after = state(old, asked), state(new, asked)
    assert refusal.less(before, after, of(after, user)) == (
        f"Nothing was changed: MaxSessions for {said}, and policy is 'at_least'. Give them a rule of their own in 'rules', "
        "or take policy 'exact'"
    )


REMOVE = "Remove that line, or use location 'auto'"
INSTEAD = "rules: [{match: all, max_sessions: 7}]"
WINS = {
    "a line": ("MaxSessions 3\n", [], 0, "nobody", "/t/main line 1: MaxSessions 3 wins", REMOVE),
    "a Match": ("Match User nobody\nMaxSessions 3\n", [], 0, "nobody",
                "/t/main line 2: MaxSessions 3 under 'Match User nobody' wins",
                f"Remove that line, or write {INSTEAD}, which comes before it"),
    "a Match in a Match": ("Match Address *\nInclude /t/a\n", [], 0, "nobody",
                           "/t/a line 2: MaxSessions 3 under 'Match User nobody' wins",
                           f"Remove that line, or write {INSTEAD}, which comes before it"),
    "the command line": (
        "", ["MaxSessions=3"], 0, "nobody", "sshd was started with MaxSessions 3 (command line of sshd), which wins",
        "Take it out of the unit, or of the file that sets its options (SSHD_OPTS, OPTIONS), and restart sshd; or write "
        f"{INSTEAD}: a Match comes before it"),
    "a Match, over a rule": ("Match User zza\nMaxSessions 3\n", [], 1, "zza",
                             "/t/main line 2: MaxSessions 3 under 'Match User zza' wins", REMOVE),
}  # fmt: skip


@pytest.mark.parametrize(("main", "options", "number", "user", "words", "todo"), WINS.values(), ids=WINS)
def test_the_line_that_wins_is_named_as_it_stands_now(main, options, number, user, words, todo):
    files = {"/t/a": "Match User nobody\nMaxSessions 3\n"}
    before, after = state(main, TWO, files, options), state(main + OURS, TWO, files, options)
    so = "so that 7 for everyone would be in force for nobody"
    if number:
        words, so = f"{words} for {user}", "so that 5 for 'Match User zz*' would not be in force"
    assert refusal.wins(before, after, TWO[number], of(after, user)) == f"{words}, {so}. Nothing was changed. {todo}"


def test_the_line_that_wins_is_named_by_its_number_without_our_lines():
    before, after = state("MaxSessions 3\n", TWO), state(OURS.replace("MaxSessions 7\n", "") + "MaxSessions 3\n", TWO)
    assert refusal.wins(before, after, TWO[0], of(after, "nobody")).startswith("/t/main line 1: MaxSessions 3 wins")


def test_a_rule_of_ours_that_wins_is_called_one():
    asked = limits(7, ("User zza", 5), ("User zz*", 6))
    after = state("\n".join(block.lines(asked)), asked)
    assert refusal.wins(state("", asked), after, asked[2], of(after, "zza")) == (
        "/t/main line 7: MaxSessions 5 wins for zza, so that 6 for 'Match User zz*' would not be in force. "
        "Nothing was changed. It is one of the rules: narrow it, or put the narrower one first"
    )


def test_where_no_line_gives_what_is_in_force_only_that_is_said():
    after = state("MaxSessions 3\n", TWO)
    context = of(after, "nobody")
    after.answers.known[context.spec] = 4
    assert (
        refusal.wins(state("", TWO), after, TWO[0], context)
        == "Nothing was changed: MaxSessions for everyone would be 4, not 7"
    )


def test_where_our_reading_and_sshd_differ_the_line_that_says_so_is_named():
    after = state("MaxSessions 3\nMatch User zza\nMaxSessions 4\n", TWO)
    context = of(after, "nobody")
    after.answers.known[context.spec] = 4
    assert refusal.wins(state("MaxSessions 3\nMatch User zza\nMaxSessions 4\n", TWO), after, TWO[0], context).startswith(
        "/t/main line 3: MaxSessions 4 under 'Match User zza' wins"
    )


GUESSED = [(0, "/t/main line 1: MaxSessions 4 wins"), (1, "/t/main line 3: MaxSessions 4 under 'Match User zza' wins")]


@pytest.mark.parametrize(("number", "words"), GUESSED)
def test_where_they_differ_a_match_is_the_likelier_for_a_rule(number, words):
    main = "MaxSessions 4\nMatch User zza\nMaxSessions 4\nMatch User zzb\nMaxSessions 5\n"
    after = state(main, TWO)
    context = of(after, "zzb")
    after.answers.known[context.spec] = 4
    assert refusal.wins(state(main, TWO), after, TWO[number], context).startswith(words)
