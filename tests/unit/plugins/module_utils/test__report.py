# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import _report
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.contexts import audience
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Validation
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.state import Answers, Proof, State

SENTENCES = [
    ((2, 6, [Limit(None, 6)], {"f": ""}, False),
     "MaxSessions goes from 2 to 6: one connection carries the first session and 5 clones of it, "
     "once sshd is reloaded"),
    ((2, 6, [Limit(None, 6)], {"f": ""}, True),
     "MaxSessions would be set: it goes from 2 to 6: one connection carries the first session and 5 clones of it, "
     "once sshd is reloaded"),
    ((6, 6, [Limit(None, 6)], {"f": ""}, False),
     "MaxSessions stays 6: one connection carries the first session and 5 clones of it, once sshd is reloaded"),
    ((1, 1, [Limit(None, 1)], {}, False),
     "MaxSessions is 1 already: one connection carries the first session and no clone of it"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), SENTENCES)
def test_the_outcome_is_one_sentence(arguments, words):
    *told, check_mode = arguments
    assert _report.sentence(*told, [], check_mode=check_mode) == words


def read(main):
    return tree.read("/t/main", Files({"/t/main": main}))


def state(main, effective, *rules):
    told, limits = read(main), [Limit(None, 7), *rules]
    proofs = [Proof(limits[0], None, effective)]
    return State(told, Validation("", 0, ""), proofs, audience(told, limits), Answers(None, "/t/main", "", ""))


def line(number, max_sessions, match=None):
    return {"path": "/t/main", "line": number, "max_sessions": max_sessions, "match": match}


ROLES = [
    ("", 10, None, [], []),
    ("MaxSessions 7\nMaxSessions 2\nMatch User x\nMatch Address 10.*\nMaxSessions 3\n", 7,
     "/t/main:1", [line(2, 2)], [line(5, 3, "Address 10.*")]),
    # The first in a block wins, of one Match the first, and of two that somebody is under.
    ("Match User x\nMaxSessions 3\nMaxSessions 4\n", 10, None, [], [line(2, 3, "User x")]),
    ("Match User x\nMaxSessions 3\nMatch User x\nMaxSessions 4\n", 10, None, [], [line(2, 3, "User x")]),
    ("Match User x*\nMaxSessions 3\nMatch User xy\nMaxSessions 4\n", 10, None, [], [line(2, 3, "User x*")]),
    ("Match all\nMaxSessions 3\nMatch User x\nMaxSessions 4\n", 3, "/t/main:2", [], []),
    # Nobody is known whom it is about, so nobody knows whether it overrides.
    ("Match RDomain x\nMaxSessions 3\n", 10, None, [], [line(2, 3, "RDomain x")]),
    # Ours comes first.
    ("\n".join([*block.lines([Limit(None, 7), Limit("User x", 9)]), "Match User x", "MaxSessions 3"]), 7,
     "/t/main:4", [], []),
    ("\n".join([*block.lines([Limit(None, 7), Limit("all", 7)]), "MaxSessions 3"]), 7, "/t/main:7", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("main", "effective", "defined_at", "shadowed", "overridden_by"), ROLES)
def test_lines_that_win_lose_and_override_are_told_apart(main, effective, defined_at, shadowed, overridden_by):
    roles = {"defined_at": defined_at, "shadowed": shadowed, "overridden_by": overridden_by}
    assert _report.line_roles(state(main, effective)) == roles


def test_the_diff_shows_what_sshd_makes_of_the_change():
    (shown,) = _report.diff(read("a\n"), {"/t/main": "b\n"}, 1, 2)
    assert shown == {
        "before_header": "/t/main (MaxSessions 1: the first session and no clone of it)",
        "after_header": "/t/main (MaxSessions 2: the first session and 1 clone of it)",
        "before": "a\n",
        "after": "b\n",
    }
    assert [(one["before"], one["after"]) for one in _report.diff(read(""), {"/t/new": "b", "/t/main": None}, 1, 2)] == [
        ("", "b"),
        ("", ""),
    ]
