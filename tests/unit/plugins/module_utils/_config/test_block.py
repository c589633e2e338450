# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import LineError

TEXT = """\
# BEGIN multiplex.sshd.max_sessions
# Managed by Ansible: what is changed here by hand is overwritten.
# One connection may carry the first session and 5 clones of it.
MaxSessions 6
# END multiplex.sshd.max_sessions
"""
BEGIN, END = TEXT.splitlines()[0], TEXT.splitlines()[-1]


def test_the_block_for_everyone():
    assert "\n".join([*block.lines([Limit(None, 6)]), ""]) == TEXT


def test_rules_follow_the_limit_for_everyone():
    assert block.lines([Limit(None, 1), Limit("Group dba", 2)])[2:] == [
        "# One connection may carry the first session and no clone of it.",
        "MaxSessions 1",
        "Match Group dba",
        "    # One connection may carry the first session and 1 clone of it.",
        "    MaxSessions 2",
        END,
    ]


@pytest.mark.parametrize("limits", [[], [Limit(None, None)]])
def test_limits_that_set_nothing_give_no_block(limits):
    assert block.lines(limits) == []


@pytest.mark.parametrize("around", [("", ""), ("", "a\r\nb"), ("a\n", ""), ("a\n", "\n\nb\n"), ("\udce9\n", "\udcff")])
@pytest.mark.parametrize("written", [TEXT, TEXT.replace("\n", "\r\n"), TEXT.replace("\n", " \t\n"), TEXT + TEXT])
def test_taken_out_nothing_else_is_altered(around, written):
    before, after = around
    assert block.without("f", before + written + after) == before + after


BROKEN = [
    (f"a\n{BEGIN}\nb", f"f line 2: '{BEGIN}' has no '{END}': put it back, or remove the whole block"),
    (f"a\n{END}\n", f"f line 2: '{END}' out of place: put its other mark back, or remove the whole block"),
    (
        f"{BEGIN}\n{BEGIN}\n{END}",
        f"f line 2: '{BEGIN}' out of place: put its other mark back, or remove the whole block",
    ),
    (TEXT + END, f"f line 6: '{END}' out of place: put its other mark back, or remove the whole block"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_half_a_block_is_an_error_with_its_line(content, said):
    with pytest.raises(LineError) as caught:
        block.without("f", content)
    assert str(caught.value) == said


def test_spans_are_the_lines_of_the_block():
    assert block.line_numbers("a\n" + TEXT + "b\n") == {2, 3, 4, 5, 6}
    assert block.line_numbers("a\n# BEGIN of something else\n") == set()
