# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import block
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import at_least

from .stated import limits, state


def ours(*asked):
    return "\n".join([*block.lines(limits(*asked)), ""])


def match(user, number):
    return f"Match User {user}\nMaxSessions {number}\n"


ALL_ZZ = "User zz*"
INCLUDED = {"/t/a": match("zza", 100)}

# What stands there, what is asked for, and what is to be written.
CASES = {
    "enough for everyone": ("", [7], [None]),
    "as much for everyone": ("MaxSessions 7\n", [7], [None]),
    "too little for everyone": ("MaxSessions 3\n", [7], [7]),
    "enough for a rule": ("MaxSessions 20\n", [None, (ALL_ZZ, 15)], [None]),
    "too little for a rule": ("", [None, (ALL_ZZ, 15)], [None, (ALL_ZZ, 15)]),
    "too little for everyone, enough for a rule": ("MaxSessions 20\n", [30, (ALL_ZZ, 15)], [30, (ALL_ZZ, 20)]),
    "a rule about nobody": ("MaxSessions 20\n", [30, ("Group no-such", 5)], [30, ("Group no-such", 20)]),
    "one of them has more": (match("zza", 100), [None, (ALL_ZZ, 15)],
                             [None, ("User zz* User zza", 100), (ALL_ZZ, 15)]),
    "one of them has less": ("MaxSessions 50\n" + match("zza", 3), [None, (ALL_ZZ, 15)],
                             [None, ("User zz* User zza", 15), (ALL_ZZ, 50)]),
    "one of them has as much": (match("zza", 15), [None, (ALL_ZZ, 15)], [None, (ALL_ZZ, 15)]),
    "two of them have more": (match("zzb", 90) + match("zza", 100), [None, (ALL_ZZ, 15)],
                              [None, ("User zz* User zzb", 90), ("User zz* User zza", 100), (ALL_ZZ, 15)]),
    "the first has more, the second as much": (match("zzb", 90) + match("zza", 15), [None, (ALL_ZZ, 15)],
                                               [None, ("User zz* User zzb", 90), (ALL_ZZ, 15)]),
    "the first has as much, the second more": (
        match("zzb", 15) + match("zza", 90), [None, (ALL_ZZ, 15)],
        [None, ("User zz* User zzb", 15), ("User zz* User zza", 90), (ALL_ZZ, 15)]),
    "a Match all gives the rest more": (match("zza", 3) + "Match all\nMaxSessions 40\n", [None, (ALL_ZZ, 15)],
                                        [None, ("User zz* User zza", 15), (ALL_ZZ, 40)]),
    "in a Match all": ("Match all\nInclude /t/a\n", [None, (ALL_ZZ, 15)],
                       [None, ("User zz* User zza", 100), (ALL_ZZ, 15)]),
    "what is written stays": (ours(20, (ALL_ZZ, 30)), [7], [20, (ALL_ZZ, 30)]),
    "what is written stays behind": (ours(20, (ALL_ZZ, 30)), [None, ("User zza", 40)],
                                     [20, ("User zza", 40), (ALL_ZZ, 30)]),
    "what is written gives more to a rule's people": (ours(20, (ALL_ZZ, 30)), [40, ("User zza", 7)],
                                                      [40, ("User zza User zz*", 30), ("User zza", 7), (ALL_ZZ, 30)]),
    "what is written is asked for anew": (ours(20, ("User zza", 30)), [40, ("User  zza", 50)], [40, ("User  zza", 50)]),
    "what is written is spelled as asked": (ours(20, ("User zza", 30)), [7, ("User  zza", 25)], [20, ("User  zza", 30)]),
    "a line in front outdoes ours": ("MaxSessions 200\n" + ours(101), [77], [None]),
    "a line in front outdoes ours, a rule is short": ("MaxSessions 200\n" + ours(101), [None, (ALL_ZZ, 300)],
                                                      [None, (ALL_ZZ, 300)]),
    "a line behind does not outdo ours": (ours(101) + "MaxSessions 200\n", [77], [101]),
    "a Match in front outdoes our rule": (match("zza", 5) + ours(("User zza", 101)), [77], [77]),
    "a Match in front outdoes our rule for one": (match("zza", 5) + ours((ALL_ZZ, 101)), [77],
                                                  [77, ("User zz* User zza", 5), (ALL_ZZ, 101)]),
    "a Match in front gives one none": (match("zza", 0) + ours((ALL_ZZ, 101)), [77],
                                        [77, ("User zz* User zza", 0), (ALL_ZZ, 101)]),
    "a Match in front is about others than our rule": (
        "Match Address 11.*\nMaxSessions 5\n" + ours(("Address 10.*", 101)), [77], [77, ("Address 10.*", 101)]),
    "a Match all in front outdoes ours": ("Match all\nMaxSessions 200\n" + ours(("all", 101)),
                                          [None, (ALL_ZZ, 300)], [None, (ALL_ZZ, 300)]),
    "a rule about nobody is written": (ours(20, ("Group no-such", 30)), [40], [40, ("Group no-such", 30)]),
}  # fmt: skip


@pytest.mark.parametrize(("main", "asked", "expected"), CASES.values(), ids=CASES)
def test_who_has_too_little_is_raised_and_nobody_lowered(main, asked, expected):
    before = state(main, limits(*asked), INCLUDED)
    assert list(at_least.raised(limits(*asked), before)) == limits(*expected)
