# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import _report
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit

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
    assert _report.sentence(*told, check_mode=check_mode) == words


def read(main):
    return tree.read("/t/main", Files({"/t/main": main}))


def test_lines_that_win_lose_and_override_are_told_apart():
    told = read("MaxSessions 7\nMaxSessions 2\nMatch User x\nMatch Address 10.*\nMaxSessions 3\n")
    assert _report.line_roles(told, 7) == {
        "defined_at": "/t/main:1",
        "shadowed": [{"path": "/t/main", "line": 2, "max_sessions": 2, "match": None}],
        "overridden_by": [{"path": "/t/main", "line": 5, "max_sessions": 3, "match": "Address 10.*"}],
    }
    assert _report.line_roles(read(""), 10) == {"defined_at": None, "shadowed": [], "overridden_by": []}


def test_the_diff_shows_what_sshd_makes_of_the_change():
    (shown,) = _report.diff(read("a\n"), {"/t/main": "b\n"}, 1, 2)
    assert shown == {
        "before_header": "/t/main (MaxSessions 1: the first session and no clone of it)",
        "after_header": "/t/main (MaxSessions 2: the first session and 1 clone of it)",
        "before": "a\n",
        "after": "b\n",
    }
    assert [
        (one["before"], one["after"]) for one in _report.diff(read(""), {"/t/new": "b", "/t/main": None}, 1, 2)
    ] == [
        ("", "b"),
        ("", ""),
    ]


def test_a_result_is_made_fit_for_json_all_through():
    found = {"a\udce9": ["\udcff", {"b": "\u00e9"}, 1, None], "c": True}
    assert _report.readable(found) == {"a\ufffd": ["\ufffd", {"b": "\u00e9"}, 1, None], "c": True}
