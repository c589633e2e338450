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
]


@pytest.mark.parametrize(("line", "expected"), SPELLINGS)
def test_a_line_is_taken_apart_as_sshd_does(line, expected):
    assert syntax.parse(line) == expected


def test_only_a_line_feed_ends_a_line():
    assert syntax.lines("a\rb\u2028c\x0bd\ne\n") == ["a\rb\u2028c\x0bd", "e", ""]
