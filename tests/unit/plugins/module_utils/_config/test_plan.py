# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block, plan, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

SEVEN = "\n".join([*block.lines([Limit(None, 7)]), ""])
THREE = "\n".join([*block.lines([Limit(None, 3)]), ""])
DROP_IN = "d/0-multiplex.conf"
INCLUDE = "Include {t}/d/*.conf\n"


def planned(directory, files, max_sessions=7, **options):
    """Lay ``{name: text}``, plan, and return ``{name: new text}``, with {t} for the directory in texts."""
    (directory / "d").mkdir()
    for name, text in files.items():
        (directory / name).write_bytes(text.replace("{t}", str(directory)).encode("utf-8", "surrogateescape"))
    main = str(directory / "main")
    options = {key: value.replace("{t}", str(directory)) for key, value in options.items()}
    found = plan.candidates(plan.read(main), [Limit(None, max_sessions)], **options)[0]
    return [(path[len(str(directory)) + 1 :], text and text.replace(str(directory), "{t}")) for path, text in found.items()]


SET = [
    ("an empty file", {"main": ""}, {}, [("main", SEVEN)]),
    ("no Include", {"main": "UsePAM no\n"}, {}, [("main", SEVEN + "UsePAM no\n")]),
    ("no final newline", {"main": "UsePAM no"}, {}, [("main", SEVEN + "UsePAM no")]),
    ("CRLF", {"main": "a b\r\n"}, {}, [("main", SEVEN + "a b\r\n")]),
    ("bytes", {"main": "# \udce9\n"}, {}, [("main", SEVEN + "# \udce9\n")]),
    ("Include in front", {"main": INCLUDE + "MaxSessions 2\n"}, {}, [(DROP_IN, SEVEN)]),
    ("Include of one file", {"main": "Include {t}/d/x\n", "d/x": ""}, {}, [("main", SEVEN + "Include {t}/d/x\n")]),
    ("Include behind", {"main": "MaxSessions 2\n" + INCLUDE}, {}, [("main", SEVEN + "MaxSessions 2\n" + INCLUDE)]),
    ("Include in a Match", {"main": "Match User x\n" + INCLUDE}, {}, [("main", SEVEN + "Match User x\n" + INCLUDE)]),
    ("Include in Match all", {"main": "Match all\n" + INCLUDE}, {}, [("main", SEVEN + "Match all\n" + INCLUDE)]),
    ("earlier drop-in", {"main": INCLUDE, "d/0-a.conf": "MaxSessions 2"}, {}, [("main", SEVEN + INCLUDE)]),
    ("earlier one for some", {"main": INCLUDE, "d/0-a.conf": "Match User x\nMaxSessions 2"}, {}, [(DROP_IN, SEVEN)]),
    ("later drop-in", {"main": INCLUDE, "d/00-a.conf": "MaxSessions 2"}, {}, [(DROP_IN, SEVEN)]),
    ("a new number", {"main": INCLUDE, DROP_IN: THREE}, {}, [(DROP_IN, SEVEN)]),
    ("the same number", {"main": INCLUDE, DROP_IN: SEVEN}, {}, []),
    ("the same in the main file", {"main": SEVEN + "UsePAM no\n"}, {}, []),
    ("moved up", {"main": "UsePAM no\n" + SEVEN}, {}, [("main", SEVEN + "UsePAM no\n")]),
    ("moved to the drop-in", {"main": THREE + INCLUDE}, {}, [(DROP_IN, SEVEN), ("main", INCLUDE)]),
    ("moved to the main file", {"main": INCLUDE, DROP_IN: THREE}, {"location": "main"},
     [("main", SEVEN + INCLUDE), (DROP_IN, None)]),
    ("somebody's file of that name", {"main": INCLUDE, DROP_IN: "UsePAM no\n"}, {}, [("main", SEVEN + INCLUDE)]),
    ("somebody's empty one", {"main": INCLUDE, DROP_IN: ""}, {}, [("main", SEVEN + INCLUDE)]),
    ("two spellings", {"main": INCLUDE + "Include {t}//d/*.conf\n", DROP_IN: THREE}, {}, [(DROP_IN, SEVEN)]),
    ("one that nothing reads any more", {"main": "UsePAM no\n", "main.multiplex": THREE}, {},
     [("main", SEVEN + "UsePAM no\n"), ("main.multiplex", None)]),
    ("a name", {"main": INCLUDE}, {"drop_in": "{t}/d/9.conf"}, [("d/9.conf", SEVEN)]),
    ("a new name", {"main": INCLUDE, DROP_IN: SEVEN}, {"drop_in": "{t}/d/9.conf"},
     [("d/9.conf", SEVEN), (DROP_IN, None)]),
    ("asked for in a file of that name", {"main": "Include {t}/d/9.conf\n" + INCLUDE},
     {"location": "drop_in", "drop_in": "{t}/d/9.conf"}, [("d/9.conf", SEVEN)]),
    ("a second directory", {"main": "Match User x\nInclude {t}/d/x\nMatch all\n", "d/x": INCLUDE}, {},
     [("main", SEVEN + "Match User x\nInclude {t}/d/x\nMatch all\n")]),
    ("an Include in a drop-in", {"main": "Include {t}/d/x\n", "d/x": INCLUDE}, {}, [(DROP_IN, SEVEN)]),
    ("read in a Match too", {"main": INCLUDE + "Match User x\n" + INCLUDE}, {}, [(DROP_IN, SEVEN)]),
    ("an Include in a file elsewhere", {"main": "Include {t}/x\n", "x": INCLUDE}, {}, [("main", SEVEN + "Include {t}/x\n")]),
    ("a Port that names a directory", {"main": "Port {t}/d/x\n"}, {}, [("main", SEVEN + "Port {t}/d/x\n")]),
    ("asked for though it loses", {"main": "MaxSessions 2\n" + INCLUDE}, {"location": "drop_in"}, [(DROP_IN, SEVEN)]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options", "expected"), [case[1:] for case in SET], ids=[case[0] for case in SET])
def test_after_setting_the_texts_are_exactly_these(tmp_path, files, options, expected):
    assert planned(tmp_path, files, **options) == expected


ABSENT = [
    ({"main": "UsePAM no\n"}, []),
    ({"main": SEVEN + "UsePAM no"}, [("main", "UsePAM no")]),
    ({"main": SEVEN}, [("main", "")]),
    ({"main": INCLUDE, DROP_IN: SEVEN}, [(DROP_IN, None)]),
    ({"main": INCLUDE, "d/x.conf": SEVEN + "UsePAM no\n"}, [("d/x.conf", "UsePAM no\n")]),
    ({"main": THREE + INCLUDE, DROP_IN: SEVEN}, [("main", INCLUDE), (DROP_IN, None)]),
    ({"main": INCLUDE, DROP_IN: "MaxSessions 7\n"}, []),
    ({"main": "Match User x\n" + INCLUDE.replace(".conf", ".no"), DROP_IN: SEVEN}, [(DROP_IN, None)]),
    ({"main": "", "main.multiplex": "MaxSessions 7\n"}, []),
]


@pytest.mark.parametrize(("files", "expected"), ABSENT)
def test_after_absent_the_texts_are_exactly_these(tmp_path, files, expected):
    assert planned(tmp_path, files, max_sessions=None) == expected


NEVER_READ = "{t}/%s would never be read: no Include outside a Match in {t}/main names it. Choose a path that an Include names, or leave drop_in out"  # noqa: E501
ERRORS = [
    ({"main": INCLUDE}, {"drop_in": "{t}/x.conf"}, NEVER_READ % "x.conf"),
    ({"main": INCLUDE}, {"drop_in": "{t}/d/.x.conf"}, NEVER_READ % "d/.x.conf"),
    ({"main": "Match all\n" + INCLUDE}, {"drop_in": "{t}/d/x.conf"}, NEVER_READ % "d/x.conf"),
    ({"main": ""}, {"location": "drop_in"},
     "{t}/main has no Include of a directory outside a Match: use location 'main' or 'auto'"),
    ({"main": INCLUDE}, {"location": "main", "drop_in": "{t}/d/x.conf"},
     "drop_in is given, but location is 'main': drop one of them"),
    ({"main": INCLUDE, DROP_IN: "\nUsePAM no\n"}, {"location": "drop_in"},
     "{t}/d/0-multiplex.conf line 2: not written by multiplex.sshd: move it elsewhere, or choose another drop_in"),
    ({"main": "Include {t}/gone/*.conf\n"}, {"drop_in": "{t}/gone/x.conf"},
     "{t}/gone/x.conf can't be written: there is no directory {t}/gone. Make it, or choose another drop_in"),
    ({"main": INCLUDE, DROP_IN: ""}, {"location": "drop_in"},
     "{t}/d/0-multiplex.conf: empty, and not written by multiplex.sshd: move it elsewhere, or choose another drop_in"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options", "said"), ERRORS)
def test_a_place_that_can_not_be_had_is_an_error(tmp_path, files, options, said):
    with pytest.raises(Error) as caught:
        planned(tmp_path, files, **options)
    assert str(caught.value) == said.replace("{t}", str(tmp_path))


def with_rules(directory, main):
    (directory / "main").write_text(main)
    read = plan.read(str(directory / "main"))
    return [
        {path[len(str(directory)) + 1 :]: text.replace(str(directory), "{t}") for path, text in found.items()}
        for found in plan.candidates(read, [Limit(None, 7), RULE])
    ]


RULE = Limit("Group dba", 9)
DBA = "\n".join([*block.lines([RULE]), ""])
BOTH = "\n".join([*block.lines([Limit(None, 7), RULE]), ""])
MATCH = "Match User x\nMaxSessions 2\n"
INCLUDING = "\n".join([*block.including("{t}/main.multiplex"), ""])


def test_rules_stand_in_a_file_that_the_first_line_includes_or_before_the_first_match(tmp_path):
    own, in_main = with_rules(tmp_path, "UsePAM no\n" + MATCH)
    assert list(own.items()) == [("main.multiplex", BOTH), ("main", INCLUDING + "UsePAM no\n" + MATCH)]
    assert in_main == {"main": SEVEN + "UsePAM no\n" + DBA + MATCH}
    assert block.without("main", in_main["main"]) == "UsePAM no\n" + MATCH


@pytest.mark.parametrize("main", ["UsePAM no\n", "UsePAM no", "", "\n", "\n\n"])
def test_what_is_appended_behind_the_rules_is_a_line_of_its_own_and_for_all(tmp_path, main):
    text = with_rules(tmp_path, main)[1]["main"]
    assert text.endswith(f"\n{block.END}\n")
    directives = tree.read("m", Files({"m": text + "MaxSessions 3\n"})).directives
    assert directives[-1].matches_all
    assert block.without("main", text) == main
    assert block.without("main", text + "Port 1\n") in (main + "Port 1\n", main + "\nPort 1\n")


def test_rules_go_into_the_first_directory_and_into_none_within_a_match(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (f"Include {tmp_path}/{name}/*.conf\n" for name in ("a", "b"))
    assert [list(one) for one in with_rules(tmp_path, first + second)] == [
        ["a/0-multiplex.conf"], ["b/0-multiplex.conf"], ["main.multiplex", "main"], ["main"],
    ]  # fmt: skip
    assert [list(one) for one in with_rules(tmp_path, "Match User x\n" + first)] == [["main.multiplex", "main"], ["main"]]
    assert list(with_rules(tmp_path, "MaxSessions 2\n" + first)[0]) == ["main.multiplex", "main"]


def test_rules_alone_go_into_a_drop_in_also_behind_a_global_line(tmp_path):
    (tmp_path / "d").mkdir()
    include = INCLUDE.replace("{t}", str(tmp_path))
    (tmp_path / "main").write_text(f"MaxSessions 2\n{include}Match User x\n{include}")
    found = plan.candidates(plan.read(str(tmp_path / "main")), [Limit(None, None), RULE])
    assert list(found[0].items()) == [(f"{tmp_path}/{DROP_IN}", DBA)]
    (tmp_path / "main").write_text(f"Match User x\n{include}")
    found = plan.candidates(plan.read(str(tmp_path / "main")), [Limit(None, None), RULE])
    assert [next(iter(one)) for one in found] == [f"{tmp_path}/main.multiplex", f"{tmp_path}/main"]


def test_a_file_of_somebody_elses_beside_the_main_one_is_left_alone(tmp_path):
    (tmp_path / "main.multiplex").write_text("Port 1\n")
    assert len(with_rules(tmp_path, "UsePAM no\n")) == 1
