# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
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
    (f"a\n{BEGIN}\n", f"f line 2: '{BEGIN}' has no '{END}': put it back, or remove the whole block"),
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


RULES = "\n".join(block.lines([Limit(None, 6), Limit("User x", 1), Limit("Group dba", 0)], "Match all", block.NO_LINE_FEED))
FIVE, SIX = "the first session and 4 clones of it.", "the first session and 5 clones of it."

# What stands there now, and what of it somebody has changed: the number of the line, its text, and what was left there.
EDITED = {
    "nothing": (TEXT, []),
    "nothing of rules": (RULES, []),
    "nothing of an Include": ("\n".join(block.including("/t/a")), []),
    "nothing outside": (f"MaxSessions 3\n{TEXT}MaxSessions 4\n# {BEGIN}\n", []),
    "nothing but blanks": (TEXT.replace("\n", " \t\r\n").replace("Max", "  Max"), []),
    "the number": (TEXT.replace("sions 6", "sions 5"), [(4, "MaxSessions 5", "MaxSessions 6")]),
    "the number to none": (TEXT.replace("sions 6", "sions x"), [(4, "MaxSessions x", "MaxSessions 6")]),
    "the number of a rule": (RULES.replace("    MaxSessions 1", "MaxSessions 9"), [(7, "MaxSessions 9", "MaxSessions 1")]),
    "the comment": (TEXT.replace(SIX, "x."), [(3, "# One connection may carry x.", ""), (4, "MaxSessions 6", "")]),
    "the comment to another": (TEXT.replace(SIX, FIVE), [(4, "MaxSessions 6", "MaxSessions 5")]),
    "a line is gone": (TEXT.replace("MaxSessions 6\n", ""), [(4, END, "MaxSessions 6")]),
    "a line of a rule is gone": (RULES.replace("    MaxSessions 1\n", ""), [(7, "Match Group dba", "MaxSessions 1")]),
    "a line more": (TEXT.replace(END, "UsePAM no\n" + END), [(5, "UsePAM no", "")]),
    "a comment more": (TEXT.replace(END, "# A\n" + END), [(5, "# A", "")]),
    "a number more": (TEXT.replace(END, "MaxSessions 6\n" + END), [(5, "MaxSessions 6", "")]),
    "another keyword": (TEXT.replace("MaxSessions", "MaxStartups"), [(4, "MaxStartups 6", "MaxSessions 6")]),
}


@pytest.mark.parametrize(("content", "expected"), EDITED.values(), ids=EDITED)
def test_what_somebody_has_changed_in_the_block_is_found(content, expected):
    assert block.edited(content) == expected


def test_a_file_is_ours_where_nothing_else_is_in_it():
    assert block.is_all(TEXT) and block.is_all(f"\n{TEXT} \t\n")
    assert not block.is_all(TEXT + "#\n") and not block.is_all("") and not block.is_all("\n")


def read(main, **files):
    return tree.read("/t/main", Files({"/t/main": main, **{f"/t/{name}": text for name, text in files.items()}}))


SIX_FOR_X = "\n".join([*block.lines([Limit("User x", 6)]), ""])
WRITTEN = {
    "nothing": ("MaxSessions 1\nMatch User x\nMaxSessions 2\n", {}, [(None, None)]),
    "the one for everyone": (TEXT + "MaxSessions 1\n", {}, [(None, 6)]),
    "rules": (RULES, {}, [(None, 6), ("User x", 1), ("Group dba", 0)]),
    "a rule alone": (SIX_FOR_X, {}, [(None, None), ("User x", 6)]),
    "two blocks": (SIX_FOR_X.replace("User x", "User y") + RULES.replace("Max", "Match all\nMax", 1), {},
                   [(None, None), ("User y", 6), ("all", 6), ("User x", 1), ("Group dba", 0)]),
    "a block twice": ("Include /t/a\nInclude /t/b\n", {"a": TEXT, "b": TEXT.replace("sions 6", "sions 7")}, [(None, 6)]),
    "behind a rule of it": ("Include /t/a\nInclude /t/b\n", {"a": SIX_FOR_X, "b": TEXT}, [(None, 6), ("User x", 6)]),
    "one in somebody's Match": ("Match User z\n" + TEXT, {}, [(None, None), ("User z", 6)]),
    "rules in somebody's Match": ("Match User z\nInclude /t/a\n", {"a": SIX_FOR_X}, [(None, None), ("User x", 6)]),
    "read again in a Match": ("Include /t/a\nMatch User z\nInclude /t/a\n", {"a": TEXT}, [(None, 6)]),
    "read before in a Match": ("Include /t/b /t/a\n", {"a": TEXT, "b": "Match User z\nInclude /t/a\n"}, [(None, 6)]),
}  # fmt: skip


@pytest.mark.parametrize(("main", "files", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_what_stands_in_our_block_is_found_as_it_was_asked_for(main, files, expected):
    assert block.written(read(main, **files)) == [Limit(*one) for one in expected]


def test_the_lines_of_others_are_those_outside_of_our_block():
    told = read("MaxSessions 1\n" + TEXT + "Include /t/a\n", a="MaxSessions 2\n" + TEXT)
    assert [one.where for one in block.foreign(told)] == ["/t/main:1", "/t/a:1"]
