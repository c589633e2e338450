# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import precedence, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def read(main):
    return tree.read("/t/main", Files({"/t/main": main}))


WINNERS = [
    ("", 10, None),
    ("MaxSessions 1\nMaxSessions 2", 1, "/t/main:1"),
    ("MaxSessions 1\nMatch all\nMaxSessions 2", 2, "/t/main:3"),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2", 1, "/t/main:1"),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2", 2, "/t/main:3"),
    ("Match User x\nMaxSessions 2", 10, None),
    ("Match User x\nMaxSessions 2\nMatch User y\nMaxSessions 2", 2, "/t/main:2"),
]


@pytest.mark.parametrize(("main", "effective", "expected"), WINNERS)
def test_the_line_that_gives_the_effective_value_is_found(main, effective, expected):
    found = precedence.winner(read(main), effective)
    assert (found and found.where) == expected


STRANGE = [("MaxSessions 1", 2), ("MaxSessions 1\nMaxSessions 2", 2), ("MaxSessions 1", 10), ("", 3)]


@pytest.mark.parametrize(("main", "effective"), STRANGE)
def test_a_value_that_no_line_gives_is_an_error(main, effective):
    with pytest.raises(Error) as caught:
        precedence.winner(read(main), effective)
    assert str(caught.value) == (
        f"sshd says MaxSessions {effective} of /t/main, but no line that was found there sets it. "
        "Is its configuration directory another than /etc/ssh?"
    )


BOTH = "MaxSessions 2\nMatch User x\nMaxSessions 2\nMatch all\nMaxSessions 3\n"


def test_for_whom_a_rule_is_about_a_match_is_the_likelier_source():
    assert [one.line for one in precedence.possible_sources(read(BOTH), 2)] == [1, 3]
    assert [one.line for one in precedence.possible_sources(read(BOTH), 2, for_rule=True)] == [3, 1]
    assert [one.line for one in precedence.possible_sources(read(BOTH), 3, for_rule=True)] == [5]


DECISIVE = [
    ("", [], None),
    ("MaxSessions 1\nMaxSessions 2", [], 1),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2", [], 1),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2", ["User x"], 3),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2", ["User y"], 1),
    ("Match User y\nMaxSessions 2\nMatch User x\nMaxSessions 3\nMaxSessions 4", ["User x"], 4),
    ("Match User y\nMaxSessions 2\nMatch User x\nMaxSessions 3", ["User x", "User y"], 2),
    ("Match all\nMaxSessions 2\nMatch User x\nMaxSessions 3", ["User x"], 2),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2\nMatch ALL\nMaxSessions 3", [], 5),
    ("MaxSessions 1\nMatch User x\nMaxSessions 2\nMatch all\nMaxSessions 3", ["User x"], 3),
]


@pytest.mark.parametrize(("main", "met", "line"), DECISIVE)
def test_the_first_match_that_is_met_gives_the_value_then_one_for_all_then_a_global_line(main, met, line):
    found = precedence.decisive(read(main), {(match,) for match in met})
    assert (found and found.line) == line


def test_ten_that_a_match_all_should_have_changed_is_not_the_default():
    with pytest.raises(Error):
        precedence.winner(read("Match all\nMaxSessions 3"), 10)
