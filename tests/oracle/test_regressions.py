# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What once disagreed with sshd, each with the smallest tree that shows it: all laws hold on it."""

import laws
import placements
import pytest
from laid import BEGIN, END, Laid, run
from trees import MAIN, Tree
from words import CRITERIA

D = "/etc/ssh/sshd_config.d"
INCLUDE = "Include sshd_config.d/*.conf\n"


def ours(text):
    """Return ``text`` between our marks."""
    return f"{BEGIN.decode()}\n{text}{END.decode()}\n"


# name: (files, the requests in a row). A file is its text, or an entry as in trees.py.
CASES = {
    "at_least lowered root whom a Match leaves out": (
        {MAIN: "MaxSessions 64\nMatch User *,!root\nMaxSessions 10\n"},
        [{"max_sessions": 36, "policy": "at_least"}],
    ),
    "an at_least rule lowered bob who has more by his own Match": (
        {MAIN: "Match User bob\nMaxSessions 100\n"},
        [{"rules": [{"match": "Group dba", "max_sessions": 15}], "policy": "at_least"}],
    ),
    "an at_least rule raised nobody because one of the group has enough": (
        {MAIN: "Match User carol\nMaxSessions 20\n"},
        [{"rules": [{"match": "Group dba", "max_sessions": 15}], "policy": "at_least"}],
    ),
    "an at_least rule took what an own wider rule had given": (
        {MAIN: ""},
        [
            {"rules": [{"match": "Group dba", "max_sessions": 20}], "policy": "at_least"},
            {"rules": [{"match": "User bob", "max_sessions": 15}], "policy": "at_least"},
        ],
    ),
    "an at_least rule that is met already got the global one": (
        {MAIN: ""},
        [{"clone_depth": 76, "rules": [{"match": "User alice", "max_sessions": 1}], "policy": "at_least"}],
    ),
    "an at_least moved an own line up that somebody's line in front outdoes": (
        {MAIN: "MaxSessions 200\n" + ours("MaxSessions 101\n")},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "an at_least rule moved an own line up that somebody's line in front outdoes": (
        {MAIN: "MaxSessions 200\n" + ours("MaxSessions 101\n")},
        [{"rules": [{"match": "User alice", "max_sessions": 300}], "policy": "at_least"}],
    ),
    "an at_least moved an own rule up that somebody's Match in front outdoes": (
        {MAIN: "Match User bob\nMaxSessions 200\n" + ours("Match User bob\nMaxSessions 101\n")},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "an at_least moved an own rule up that gives some of its people more than somebody's Match in front": (
        {MAIN: "Match Group dba\nMaxSessions 50\n" + ours("Match User bob,alice\nMaxSessions 101\n")},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "an at_least brought an own line into force that somebody's line in front outdid": (
        {MAIN: "MaxSessions 101\n" + ours("MaxSessions 102\n")},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "an at_least brought an own line in somebody's Match into force": (
        {MAIN: "Match User alice\nMaxSessions 101\n" + ours("MaxSessions 102\n")},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "an at_least moved an own Match all up that somebody's outdoes": (
        {MAIN: "Match all\nMaxSessions 200\n" + ours("Match all\nMaxSessions 101\n")},
        [{"rules": [{"match": "User alice", "max_sessions": 300}], "policy": "at_least"}],
    ),
    "an at_least took an own line for a rule that an Include in a Match reads again": (
        {MAIN: f"{INCLUDE}Match User alice\n{INCLUDE}", D: ("directory",)},
        [{"max_sessions": 77, "policy": "at_least"}],
    ),
    "a drop-in that an Include in a Match reads too": (
        {MAIN: f"{INCLUDE}Match User alice\n{INCLUDE}MaxSessions 101\n", D: ("directory",)},
        [{"max_sessions": 77}],
    ),
    "a drop-in that was asked for and that an Include in a Match reads too": (
        {MAIN: f"{INCLUDE}Match User alice\n{INCLUDE}MaxSessions 101\n", D: ("directory",)},
        [{"max_sessions": 77, "drop_in": f"{D}/50-site.conf"}],
    ),
    "shadowed listed the line that wins, for an Include reads it twice": (
        {MAIN: f"Include {D}/*.conf {D}/*.conf\n", f"{D}/a.conf": "MaxSessions 101\n"},
        [{"rules": [{"match": "User alice", "max_sessions": 77}]}],
    ),
    "the default was said to stand in a rule that has the same number": (
        {MAIN: ""},
        [
            {
                "rules": [{"match": "User bob,alice", "max_sessions": 77}, {"match": "User alice", "max_sessions": 1}],
                "policy": "at_least",
            }
        ],
    ),
    "effective compared two connections": (
        {MAIN: "Match User *,!root\nMaxSessions 3\n"},
        [{"max_sessions": 9}],
    ),
    "overridden_by listed a line that our own rule precedes": (
        {MAIN: "Match User bob\nMaxSessions 3\n"},
        [{"max_sessions": 9, "rules": [{"match": "User bob", "max_sessions": 5}]}],
    ),
    "shadowed listed our own line": (
        {MAIN: ""},
        [{"max_sessions": 9, "rules": [{"match": "all", "max_sessions": 9}]}],
    ),
    "a directory that two spellings name": (
        {MAIN: f"Include {D}/*.conf\nInclude /{D}/*.conf\n", f"{D}/a.conf": "#\n"},
        [{"max_sessions": 9}],
    ),
    "a directory that is included by way of its parent": (
        {MAIN: f"Include {D}/../sshd_config.d/*.conf\n", D: ("directory",)},
        [{"max_sessions": 9}],
    ),
    "a directory that is included by a link too": (
        {MAIN: f"Include {D}/*.conf\nInclude /srv/d/*.conf\n", f"{D}/a.conf": "#\n", "/srv/d": ("link", D)},
        [{"max_sessions": 9}],
    ),
    "an own drop-in that somebody made a link": (
        {MAIN: INCLUDE, f"{D}/0-multiplex.conf": ("link", "/srv/own"), "/srv/own": ""},
        [{"max_sessions": 9}],
    ),
    "an empty file of somebody else's under our name": (
        {MAIN: INCLUDE, f"{D}/0-multiplex.conf": ""},
        [{"max_sessions": 9}],
    ),
    "a drop-in that links to a device": (
        {MAIN: INCLUDE, f"{D}/50-site.conf": ("link", "/dev/null")},
        [{"max_sessions": 9, "drop_in": f"{D}/50-site.conf"}],
    ),
    "a drop-in in a directory that is not there": (
        {MAIN: INCLUDE},
        [{"max_sessions": 9, "drop_in": f"{D}/50-site.conf"}],
    ),
    "a set in a pattern whose end is quoted": (
        {MAIN: 'Include "sshd_config.d/[a\\]*.conf"\n', f"{D}/a.conf": "MaxSessions 3\n"},
        [{"max_sessions": 9}],
    ),
    "what one rule's people have was told for everyone, where a rule is about all": (
        {MAIN: "MaxSessions 101\nMatch User alice\nMaxSessions 102\n"},
        [{"rules": [{"match": "User alice", "max_sessions": 7}, {"match": "all", "max_sessions": 7}], "policy": "at_least"}],
    ),
    "a line behind another one in the same Match": (
        {MAIN: "Match User alice\nMaxSessions 101\nMaxSessions 102\n"},
        [{"max_sessions": 9}],
    ),
    "a global line where a Match has the plain connection": (
        {MAIN: "MaxSessions 101\nMatch Host !*.example.com,*\nMaxSessions 1\n"},
        [{"rules": [{"match": "User alice", "max_sessions": 77}]}],
    ),
    "rules that leave nobody, one with the number for everyone": (
        {MAIN: ""},
        [
            {
                "max_sessions": 3,
                "rules": [{"match": "User !alice,*", "max_sessions": 7}, {"match": "Group dba,staff", "max_sessions": 3}],
            }
        ],
    ),
    "rules that leave only root, and at one port": (
        {MAIN: ""},
        [{"max_sessions": 1, "rules": [{"match": m, "max_sessions": 77} for m in ("User *,!root", "LocalPort 22")]}],
    ),
    "a rule about alice whom somebody's Match is about at one address": (
        {MAIN: "Match Address 10.*\nMaxSessions 101\n"},
        [{"rules": [{"match": "User alice", "max_sessions": 10}]}],
    ),
    "a Match that is about a rule's people, and about others at the same address": (
        {MAIN: "Match Address 10.*\nMaxSessions 101\n"},
        [{"rules": [{"match": "Group dba", "max_sessions": 77}]}],
    ),
    "two places are needed": (
        {MAIN: "MaxSessions 4\n" + INCLUDE, f"{D}/a.conf": "Match Group dba\nMaxSessions 2\n"},
        [{"max_sessions": 9, "rules": [{"match": "User bob", "max_sessions": 5}]}],
    ),
    "a negation that is none to sshd": (
        {MAIN: "Include sshd_config.d/[^a]*.conf\n", f"{D}/b.conf": "MaxSessions 3\n", f"{D}/a.conf": "MaxSessions 4\n"},
        [{"max_sessions": 9}],
    ),
    "a class that is none to sshd": (
        {MAIN: "Include sshd_config.d/[[:digit:]]*.conf\n", f"{D}/1.conf": "MaxSessions 3\n"},
        [{"max_sessions": 9}],
    ),
    "a backslash in a pattern": (
        {MAIN: "Include sshd_config.d/\\b.conf\n", f"{D}/b.conf": "MaxSessions 3\n"},
        [{"max_sessions": 9}],
    ),
    "an equals sign before the keyword": ({MAIN: "=MaxSessions 7\n"}, [{"max_sessions": 9}]),
    "an empty quoted word before the keyword": ({MAIN: '"" MaxSessions 7\n'}, [{"max_sessions": 9}]),
    "a minus zero": ({MAIN: "MaxSessions -0\n"}, [{"max_sessions": 9}]),
    "rules at the end captured what others append": (
        {MAIN: "X11Forwarding no\n"},
        [{"max_sessions": 9, "rules": [{"match": "User bob", "max_sessions": 5}]}],
    ),
    "a main file without a last line feed": (
        {MAIN: "X11Forwarding no"},
        [{"max_sessions": 9, "rules": [{"match": "User bob", "max_sessions": 5}]}],
    ),
    **{
        f"a rule with {match}": ({MAIN: "#\n"}, [{"max_sessions": 9, "rules": [{"match": match, "max_sessions": 5}]}])
        for match in (
            "Address 10.0.0.0/33",
            "Address 10.0.0.0/255.0.0.0",
            "Address 10.0.0.0/abc",
            "Address 2001:db8::/129",
        )
    },
    "a rule with twelve wildcards": (
        {MAIN: "#\n"},
        [{"max_sessions": 9, "rules": [{"match": "User " + "a*" * 12 + "b," + "a" * 28, "max_sessions": 5}]}],
    ),
    "a rule of 1,100 characters": (
        {MAIN: "#\n"},
        [{"max_sessions": 9, "rules": [{"match": "User *" + "a" * 1100, "max_sessions": 5}]}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case(world, name):
    texts, requests = CASES[name]
    entries = {path: ("file", one.encode(), 0o644) if isinstance(one, str) else one for path, one in texts.items()}
    criteria = [match for match in CRITERIA if any(f"Match {match}\n" in str(one) for one in texts.values())]
    laid = Laid(world, Tree(entries, criteria, []), requests, crossed=any("Address" in one for one in criteria))
    assert laid.accepted, laid.words
    for options in requests:
        if not obeyed(laid, options):
            return
    result = laws.in_words(laid.run(state="absent", lock_out=True))
    assert not result.get("failed"), result["msg"]
    if BEGIN.decode() not in str(texts):
        laws.same_but_inode(laid.first, laid.world.snapshot())


def test_an_include_in_single_quotes_is_read_or_refused(world):
    newer = Laid(world, Tree({MAIN: ("file", b"MaxSessions '7'\n", 0o644)}, [], [])).accepted
    laid = Laid(world, Tree({MAIN: ("file", f"Include '{D}/*.conf'\n".encode(), 0o644), D: ("directory",)}, [], []))
    outcome = laid.run(clone_depth=76)
    if newer:
        assert not outcome.status and set(laid.values().values()) == {77}
    else:
        laws.untouched(laid.first, world.snapshot())
        assert laws.in_words(outcome)["msg"].startswith(f"{MAIN} line 1: to OpenSSH up to 8.6 ")


def test_a_fifo_in_an_include_is_no_reason_to_wait(world):
    world.lay({MAIN: ("file", INCLUDE.encode(), 0o644), f"{D}/a.conf": ("fifo",)})
    laws.in_words(run(world, max_sessions=9))  # sshd itself waits: there is nothing to ask it


def obeyed(laid, options):
    """Say whether the module did what ``options`` ask for; raise AssertionError if one of the laws does not hold."""
    before, said = laid.world.snapshot(), laid.said()
    standing = {context: number for context, (number, _rest) in said.items()}
    base, foreign = laid.without_ours()
    foretold = laid.run(check=True, **options)
    laws.untouched(before, laid.world.snapshot())
    outcome = laid.run(**options)
    result = laws.in_words(outcome)
    assert foretold.status == outcome.status
    if outcome.status:
        laws.untouched(before, laid.world.snapshot())
        if all(laid.world.meets(laid.contexts[0], rule["match"]) is not None for rule in options.get("rules", ())):
            place = placements.somewhere(laid, options, base, foreign)
            assert not place, f"{place} would have done, but: {result['msg']}"
        return False
    now = laid.said()
    after = {context: number for context, (number, _rest) in now.items()}
    laws.in_force(laid, options, base, foreign, after, standing)
    laws.nothing_else(said, now)
    laws.said_in_full(laid, options, result, standing, after)
    laws.placed(laid, result, after)
    laws.overriders_named(options, laid, result, foreign, after)
    laws.others_stay(laid, result, before, laid.world.snapshot())
    laws.appended(laid)
    written = laid.world.snapshot()
    again = laws.in_words(laid.run(**options))
    assert not again.get("failed") and not again["changed"], again["msg"]
    laws.untouched(written, laid.world.snapshot())
    return True
