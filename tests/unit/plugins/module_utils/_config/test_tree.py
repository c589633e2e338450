# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def read(main, **files):
    texts = {"/t/" + name.replace("_", "/"): text for name, text in files.items()}
    return tree.read("/t/main", Files({"/t/main": main, **texts}))


def found(read):
    return [(one.where[3:], one.max_sessions, one.match) for one in read.limits]


ORDER = [
    ("", {}, []),
    ("MaxSessions 1\nMaxSessions 2", {}, [("main:1", 1, ()), ("main:2", 2, ())]),
    ("Include /t/d/*\nMaxSessions 1", {"d_b": "MaxSessions 3", "d_a": "maxsessions=2"},
     [("d/a:1", 2, ()), ("d/b:1", 3, ()), ("main:2", 1, ())]),
    ("Include /t/b /t/a", {"a": "MaxSessions 1", "b": "MaxSessions 2"}, [("b:1", 2, ()), ("a:1", 1, ())]),
    ("Include /t/a\nInclude /t/a", {"a": "MaxSessions 1"}, [("a:1", 1, ()), ("a:1", 1, ())]),
    ("Include /t/a\nMaxSessions 9", {"a": "Match User x\nMaxSessions 1"},
     [("a:2", 1, ("User x",)), ("main:2", 9, ())]),
    ("Match User x\nInclude /t/a\nMaxSessions 9", {"a": "MaxSessions 1\nMatch all\nMaxSessions 2"},
     [("a:1", 1, ("User x",)), ("a:3", 2, ("User x", "all")), ("main:3", 9, ("User x",))]),
    ("Match User x\nMatch all\nMaxSessions 1", {}, [("main:3", 1, ("all",))]),
    ("Include /t/a", {"a": "Include /t/b\nMaxSessions 1", "b": "MaxSessions 2"}, [("b:1", 2, ()), ("a:2", 1, ())]),
    ("Include /t/d/*", {"d_.hidden": "MaxSessions 1"}, []),
    ("Include /t/nothing\nMaxSessions 1", {}, [("main:2", 1, ())]),
]  # fmt: skip


@pytest.mark.parametrize(("main", "files", "expected"), ORDER)
def test_directives_come_in_the_order_in_which_sshd_reads_them(main, files, expected):
    assert found(read(main, **files)) == expected


VALUES = [("7", 7), ("+7", 7), ("010", 10), ("0", 0), ("-0", 0), ("-000", 0),
          ("9999999999", 9999999999), ("99999999999", None),
          ('" 7"', 7), ("7#c", 7), ("7 # c", 7), ("-1", None),
          ("0x10", None),
          ("5abc", None), ("abc", None), ("", None), ('""', None), ("7 8", 7), ("\u0667", None)]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), VALUES)
def test_a_value_is_a_number_where_it_is_one_to_sshd(written, expected):
    assert found(read("MaxSessions " + written))[0][1] == expected


def nested(depth):
    files = {str(number): f"Include /t/{number + 1}" for number in range(1, depth)}
    return read("Include /t/1", **files, **{str(depth): "MaxSessions 4"})


def test_sixteen_includes_deep_is_read_and_seventeen_an_error():
    assert found(nested(16)) == [("16:1", 4, ())]
    with pytest.raises(Error) as caught:
        nested(17)
    assert str(caught.value) == "/t/16 line 1: Include nested more than 16 deep: does it include itself?"


def test_a_nul_byte_is_an_error_with_its_line():
    with pytest.raises(Error) as caught:
        read("UsePAM no\n# \0\nMaxSessions 3")
    assert str(caught.value) == "/t/main line 2: a NUL byte, behind which sshd misses the next line: remove it"


def test_a_relative_include_means_the_configuration_directory():
    files = Files({"/t/main": "Include x.d/*.conf", "/etc/ssh/x.d/a.conf": "MaxSessions 3"})
    assert tree.read("/t/main", files).limits[0].where == "/etc/ssh/x.d/a.conf:1"


def test_what_sshd_was_started_with_comes_before_every_line():
    options = ["maxsessions=4", "Port=2", "UsePAM no"]
    started = read("MaxSessions 3\nPort 1\n").started_with(options, "sshd 7")
    assert [(one.where, one.max_sessions) for one in started.global_limits] == [
        ("command line of sshd 7", 4),
        ("/t/main:1", 3),
    ]
    assert [one.arguments for one in started.directives if one.keyword == "port"] == [["1"]]


def test_a_port_and_an_include_are_no_limits():
    assert found(read("Port 3\nInclude /t/nothing\nMatch all\nPermitTTY no\n")) == []
