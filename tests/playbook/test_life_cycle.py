# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is set is written where it wins, stays as it is on a second run, and goes without a trace."""

from collections import namedtuple

import pytest
from snapshots import contents

# written: the file that gets the block, in front of what stood there. before: MaxSessions before; 7 is set.
Case = namedtuple("Case", "main files options written before", defaults=({}, {}, "sshd_config", 2))

BLOCK = """\
# BEGIN multiplex.sshd.max_sessions
# Managed by Ansible: what is changed here by hand is overwritten.
# One connection may carry the first session and 6 clones of it.
MaxSessions 7
# END multiplex.sshd.max_sessions
"""
INCLUDE = "Include {d}/conf.d/*.conf\n"
DROP_IN = "conf.d/0-multiplex.conf"

CASES = {
    "no Include": Case("UsePAM no\n", before=10),
    "Include in front": Case(INCLUDE + "MaxSessions 2\n", written=DROP_IN),
    "Include behind a global MaxSessions": Case("MaxSessions 2\n" + INCLUDE),
    "Include inside a Match": Case("MaxSessions 2\nMatch User bob\n  " + INCLUDE),
    "two Includes": Case("Include {d}/a/*.conf\nInclude {d}/b/*.conf\nMaxSessions 2\n", {"a/x": "", "b/x": ""},
                         written="a/0-multiplex.conf"),
    "the first Include's directory is missing": Case("Include {d}/gone/*.conf {d}/conf.d/*.conf\nMaxSessions 2\n",
                                                     written=DROP_IN),
    "another drop-in sorts earlier and sets it": Case(INCLUDE, {"conf.d/0-a.conf": "MaxSessions 2\n"}),
    "another drop-in sorts later and sets it": Case(INCLUDE, {"conf.d/50-cloud-init.conf": "MaxSessions 2\n"},
                                                    written=DROP_IN),
    "a nested Include": Case("Include {d}/first\nMaxSessions 9\n",
                             {"first": "Include {d}/second\n", "second": "MaxSessions 2\n"}),
    "a trailing Match of somebody's": Case("MaxSessions 2\nMatch User bob\n  MaxSessions 3\n"),
    "main file asked for": Case(INCLUDE + "MaxSessions 2\n", options={"location": "main"}),
    "a drop-in's name asked for": Case(INCLUDE + "MaxSessions 2\n", options={"drop_in": "{d}/conf.d/20-clones.conf"},
                                       written="conf.d/20-clones.conf"),
    "CRLF": Case("MaxSessions 2\r\nUsePAM no\r\n"),
    "no final newline": Case("MaxSessions 2"),
    "bytes that are no UTF-8": Case(b"# caf\xe9\nMaxSessions 2\nBanner /\xff\xfe\nMatch User j\xe9\n  MaxSessions 3\n"),
    "keyword=value": Case("maxsessions=2\n"),
    "quotes, tabs, blanks": Case('\t "MaxSessions"\t"2" \f\n'),
}  # fmt: skip


@pytest.fixture(scope="module")
def lives(playbooks, lay):
    """Live through check mode, set, set again and absent, all cases side by side; give what was seen after each."""
    trees = {name: lay(case.main, case.files) for name, case in CASES.items()}
    sets, absent = {}, {}
    for name, tree in trees.items():
        own = {key: value.replace("{d}", tree.directory) for key, value in CASES[name].options.items()}
        sets[name] = {"config": tree.path(), "max_sessions": 7, **own}
        absent[name] = {"config": tree.path(), "state": "absent"}
    found = {name: {"tree": tree, "laid": tree.snapshot()} for name, tree in trees.items()}
    steps = [("checked", sets, "--check"), ("set", sets), ("again", sets), ("absent", absent)]
    for step, arguments, *flags in steps:
        results = playbooks.module(arguments, "--diff", *flags)
        for name, tree in trees.items():
            texts = {file: tree.read(file) for file in tree.listing()}
            found[name][step] = (results[name], tree.snapshot(), texts)
    return found


each_case = pytest.mark.parametrize("name", CASES)


@each_case
def test_check_mode_touches_nothing(lives, name):
    result, after, _texts = lives[name]["checked"]
    assert result["changed"] and after == lives[name]["laid"]


@each_case
def test_check_mode_promises_what_is_then_done(lives, name):
    checked, done = lives[name]["checked"][0], lives[name]["set"][0]
    for key in ("diff", "effective", "written", "max_sessions", "clones", "defined_at", "shadowed", "overridden_by"):
        assert checked[key] == done[key], key


@each_case
def test_the_block_stands_where_it_wins_and_nothing_else_changed(lives, name):
    result, _after, texts = lives[name]["set"]
    case, tree = CASES[name], lives[name]["tree"]
    laid = {file: one.content for file, one in lives[name]["laid"].items() if one.kind == "file"}
    expected = {file: octets.replace(tree.directory.encode(), b"{d}").decode("utf-8", "surrogateescape")
                for file, octets in laid.items()}  # fmt: skip
    expected[case.written] = BLOCK + expected.get(case.written, "")
    assert texts.pop(".sshd_config.not-reloaded")
    assert texts == expected
    assert result["written"] == [tree.path(case.written)]
    assert result["defined_at"] == tree.path(case.written) + ":4"
    assert result["effective"] == {"before": case.before, "after": 7}
    assert (result["max_sessions"], result["clones"], result["reload_needed"]) == (7, 6, True)


@each_case
def test_a_second_run_changes_nothing(lives, name):
    result, after, _texts = lives[name]["again"]
    assert (result["changed"], result["written"], result["diff"]) == (False, [], [])
    assert after == lives[name]["set"][1]


@each_case
def test_absent_leaves_every_byte_as_it_was(lives, name):
    result, after, _texts = lives[name]["absent"]
    assert result["changed"] and result["effective"] == {"before": 7, "after": CASES[name].before}
    del after[".sshd_config.not-reloaded"]
    assert contents(after) == contents(lives[name]["laid"])
