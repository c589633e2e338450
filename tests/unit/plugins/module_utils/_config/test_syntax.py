# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import syntax

SPELLINGS = [
    ("MaxSessions 7", ("maxsessions", ["7"])),
    ("MAXSESSIONS 7", ("maxsessions", ["7"])),
    ("MaxSessions=7", ("maxsessions", ["7"])),
    ("MaxSessions = 7", ("maxsessions", ["7"])),
    ("MaxSessions= 7", ("maxsessions", ["7"])),
    ("MaxSessions\t=\t7", ("maxsessions", ["7"])),
    ("MaxSessions == 7", ("maxsessions", ["=", "7"])),
    (" \t MaxSessions\t7", ("maxsessions", ["7"])),
    ("MaxSessions 7 \t\r", ("maxsessions", ["7"])),
    ("MaxSessions 7\f", ("maxsessions", ["7"])),
    ("\fMaxSessions 7", ("\fmaxsessions", ["7"])),
    ("MaxSessions\u00a07", ("maxsessions\u00a07", [])),
    ("\ufeffMaxSessions 7", ("\ufeffmaxsessions", ["7"])),
    ('MaxSessions "7"', ("maxsessions", ["7"])),
    ("MaxSessions '7'", ("maxsessions", ["7"])),
    ('"MaxSessions" 7', ("maxsessions", ["7"])),
    ('"MaxSessions"7', ("maxsessions", ["7"])),
    ("MaxSessions 7 # why", ("maxsessions", ["7"])),
    ("MaxSessions 7#why", ("maxsessions", ["7#why"])),
    ("MaxSessions", ("maxsessions", [])),
    ('Banner "a" # b', ("banner", ["a"])),
    ('Banner "a#b" c#d #e', ("banner", ["a#b", "c#d"])),
    ("Banner 'a\"b' c", ("banner", ['a"b', "c"])),
    ('Banner "a\'b" c', ("banner", ["a'b", "c"])),
    ('"" MaxSessions 7', ("maxsessions", ["7"])),
    ("=MaxSessions 7", ("maxsessions", ["7"])),
    ('Max"Sessions" 7', ("maxsessions", ["7"])),
    ('MaxSessions ""', ("maxsessions", [""])),
    ("Match User a,b Address *", ("match", ["User", "a,b", "Address", "*"])),
    ('Include "/a b" /c', ("include", ["/a b", "/c"])),
    ("Include /a\\ b", ("include", ["/a b"])),
    (r"Banner \"x\\", ("banner", ['"x\\'])),
    (r"Banner '\' '", ("banner", ["' "])),
    ("", ("", [])),
    (" \t ", ("", [])),
    ("# MaxSessions 7", ("", [])),
    ("  #MaxSessions 7", ("", [])),
    ('"MaxSessions 7', ("", [])),
    ('MaxSessions "7', ("", [])),
    ("MaxSessions '7\"", ("", [])),
    ("x'\"' 7", ("", [])),
]


@pytest.mark.parametrize(("line", "expected"), SPELLINGS)
def test_a_line_is_taken_apart_as_sshd_does(line, expected):
    assert syntax.parse(line) == expected


BEFORE_8_7 = [
    ("Include /a '/b c' /d # e", ["/a", "'/b", "c'", "/d"]),
    ('Include "/a b" c"d e"f', ["/a b", "cd e", "f"]),
    (r'=Include = "/a\"b', ["/a\\", "b"]),
    ("Include /a=b", ["/a", "b"]),
    ('Include /a "b', ["/a", ""]),
    ("Include", []),
]


@pytest.mark.parametrize(("line", "expected"), BEFORE_8_7)
def test_arguments_are_what_they_were_before_8_7(line, expected):
    assert syntax.arguments_before_8_7(line) == expected


def test_only_a_line_feed_ends_a_line():
    assert syntax.lines("a\rb\u2028c\x0bd\ne\n") == ["a\rb\u2028c\x0bd", "e", ""]


JOINED = [["a", "b"], ["a b"], [""], ["#a", "b#c"], ['a"b'], ["a'b"], ["a\\b"], ["a\tb", "", 'c\\"d']]


@pytest.mark.parametrize("arguments", JOINED)
def test_arguments_are_written_so_that_they_are_read_again(arguments):
    assert syntax.parse("Match " + syntax.joined(arguments)).arguments == arguments


def test_only_what_needs_quotes_has_them():
    assert syntax.joined(["User", "a,b", "c d", ""]) == 'User a,b "c d" ""'
