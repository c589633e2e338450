# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be done is refused in one clear sentence, and nothing on disk has changed."""

import re
from collections import namedtuple

import pytest

# said: all of the message, a regular expression in which {d} is the tree's directory.
Case = namedtuple("Case", "said options main files", defaults=({"clone_depth": 5}, "MaxSessions 2\n", {}))

INCLUDE = "Include {d}/conf.d/*.conf\n"
BEGIN, END = "# BEGIN multiplex.sshd.max_sessions", "# END multiplex.sshd.max_sessions"
WINS = r"wins, so that 6 for everyone would be in force for nobody\. Nothing was changed\. Remove that line, or "
BROKEN = r"Nothing was changed: the configuration is broken as it stands\. sshd said: "
MEND = r"\. Mend it first: 'sshd -t -f {d}/sshd_config' shows it too\."

CASES = {
    "a negative depth": Case("clone_depth is -1: it counts sessions, so give 0 or more", {"clone_depth": -1}),
    "a negative number": Case("max_sessions is -5: it counts sessions, so give 0 or more", {"max_sessions": -5}),
    "a huge depth": Case(r"MaxSessions would be 1 \+ 2147483647 \+ 0 = 2147483648: the largest that .* 2147483647",
                         {"clone_depth": 2147483647}),
    "a depth that is no number": Case("argument 'clone_depth' is of type .*str.* unable to convert to int.*",
                                      {"clone_depth": "many"}),
    "a depth and a number": Case("clone_depth and max_sessions are both given: leave one of them out.",
                                 {"clone_depth": 1, "max_sessions": 2}),
    "neither": Case("None of clone_depth, max_sessions and rules is given: .*", {}),
    "extra sessions beside a number": Case("extra_sessions is added to clone_depth; .*: drop one of them",
                                           {"max_sessions": 2, "extra_sessions": 1}),
    "config is a directory": Case("{d}: Is a directory: sshd takes a directory for an empty configuration; .*",
                                  {"clone_depth": 5, "config": "{d}"}),
    "config is missing": Case("{d}/gone: No such file or directory: is openssh-server installed.*",
                              {"clone_depth": 5, "config": "{d}/gone"}),
    "config's directory is missing": Case("{d}/gone/sshd_config: No such file or directory: is openssh-server inst.*",
                                          {"clone_depth": 5, "config": "{d}/gone/sshd_config"}),
    "a drop-in that no Include names": Case(r"{d}/elsewhere.conf would never be read: no Include outside a Match in .*",
                                            {"clone_depth": 5, "drop_in": "{d}/elsewhere.conf"}, INCLUDE),
    "a drop-in read under a Match": Case(r"{d}/conf.d/a.conf would never be read: no Include outside a Match in .*",
                                         {"clone_depth": 5, "drop_in": "{d}/conf.d/a.conf"},
                                         "Match User bob\n" + INCLUDE),
    "a drop-in where there is no Include": Case("{d}/sshd_config includes no directory outside a Match and in none: .*",
                                                {"clone_depth": 5, "location": "drop_in"}),
    "a drop-in in the main file": Case("drop_in is given, but location is 'main': drop one of them",
                                       {"clone_depth": 5, "location": "main", "drop_in": "{d}/conf.d/a.conf"}, INCLUDE),
    "a drop-in that loses to the main file": Case(
        "{d}/sshd_config line 2: MaxSessions 2 " + WINS + "use location 'auto'",
        {"clone_depth": 5, "location": "drop_in"}, "MaxSessions 2\n" + INCLUDE),
    "a drop-in that loses to another": Case(
        "{d}/conf.d/0-a.conf line 1: MaxSessions 3 " + WINS + "use location 'auto'",
        {"clone_depth": 5, "location": "drop_in"}, INCLUDE, {"conf.d/0-a.conf": "MaxSessions 3\n"}),
    "a Match for all": Case(
        "{d}/sshd_config line 4: MaxSessions 2 under 'Match all' " + WINS + ".*",
        main="\nMatch all\n  MaxSessions 2\n"),
    "a Match for all with the number of others": Case(
        "{d}/sshd_config line 6: MaxSessions 2 under 'Match all' " + WINS + ".*",
        main="MaxSessions 2\nMatch User bob\nMaxSessions 2\nMatch all\nMaxSessions 2\n"),
    "a Match for all in a drop-in": Case(
        "{d}/conf.d/x.conf line 2: MaxSessions 2 under 'Match User .' " + WINS + ".*", main=INCLUDE,
        files={"conf.d/x.conf": "Match User *\nMaxSessions 2\n"}),
    "somebody's file at the drop-in's path": Case(
        "{d}/conf.d/0-multiplex.conf line 1: not written by multiplex.sshd: move it elsewhere, or .*",
        {"clone_depth": 5, "location": "drop_in"}, main=INCLUDE, files={"conf.d/0-multiplex.conf": "MaxSessions 3\n"}),
    "somebody's empty file there": Case(
        "{d}/conf.d/0-multiplex.conf: empty, and not written by multiplex.sshd: move it elsewhere, or .*",
        {"clone_depth": 5, "location": "drop_in"}, main=INCLUDE, files={"conf.d/0-multiplex.conf": ""}),
    "a syntax error of somebody's": Case(
        BROKEN + "{d}/sshd_config: line 2: Bad configuration option: Fnord; .* 1 bad configuration options" + MEND,
        main="Fnord yes\n"),
    "a syntax error in an include": Case(
        BROKEN + "{d}/conf.d/x.conf: line 3: Bad configuration option: Fnord; .* 1 bad configuration options" + MEND,
        main=INCLUDE, files={"conf.d/x.conf": "\n\nFnord yes\n"}),
    "a bad value": Case(BROKEN + r"{d}/sshd_config line 2: MaxSessions integer value invalid" + MEND,
                        main="MaxSessions many\n"),
    "an Include of itself": Case("{d}/sshd_config line 2: Include nested more than 16 deep: does it include itself.",
                                 main="Include {d}/sshd_config\n"),
    "an Include loop": Case("{d}/b line 1: Include nested more than 16 deep: .*", main=INCLUDE,
                            files={"conf.d/a.conf": "Include {d}/b\n", "b": INCLUDE}),
    "a block without its end": Case(f"{{d}}/sshd_config line 3: '{BEGIN}' has no '{END}': put it back, or remove .*",
                                    main=f"UsePAM no\n{BEGIN}\nMaxSessions 3\n"),
    "a block without its begin": Case(f"{{d}}/sshd_config line 3: '{END}' out of place: put its other mark back, .*",
                                      main=f"MaxSessions 3\n{END}\n"),
    "a missing sshd": Case("/nonexistent/sshd is no program that can be run: is openssh-server installed. 'sshd' names .*",
                           {"clone_depth": 5, "sshd": "/nonexistent/sshd"}),
    "an sshd that is none": Case("/bin/true is no sshd: it does not say what is in force. Name sshd's program .*",
                                 {"clone_depth": 5, "sshd": "/bin/true"}),
    "an sshd that fails": Case(BROKEN + "nothing, with exit status 1" + MEND, {"clone_depth": 5, "sshd": "/bin/false"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def refusals(playbooks, lay):
    """Try all cases in one run; give each one's tree, and what was seen before and after."""
    trees = {name: lay(case.main, case.files) for name, case in CASES.items()}
    calls = {}
    for name, tree in trees.items():
        options = {key: value.replace("{d}", tree.directory) if isinstance(value, str) else value
                   for key, value in CASES[name].options.items()}  # fmt: skip
        calls[name] = {"config": tree.path(), **options}
    before = {name: tree.snapshot() for name, tree in trees.items()}
    results = playbooks.module(calls)
    return {name: (tree, before[name], results[name], tree.snapshot()) for name, tree in trees.items()}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_in_one_sentence_and_changes_nothing(refusals, name):
    tree, before, result, after = refusals[name]
    assert after == before
    assert result["failed"]
    assert re.fullmatch(CASES[name].said.replace("{d}", tree.directory), result["msg"]), result["msg"]
