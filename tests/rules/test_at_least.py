# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy at_least raises all whom it is about, lowers nobody, and has nothing to do the second time."""

import pytest
from answers import said
from host import Host

# Two users who are in one group on every Debian.
NOBODY, SSHD, GROUP = "nobody", "sshd", "nogroup"


def rule(match, number):
    return {"match": match, "max_sessions": number}


# What stands there, the requests in a row, and what root, nobody and sshd have then.
CASES = {
    "those whom a Match leaves out keep more": ("MaxSessions 64\nMatch User *,!root\nMaxSessions 10\n",
                                                [{"max_sessions": 36}], (64, 10, 10)),
    "those whom a Match leaves out are raised": ("Match User *,!root\nMaxSessions 101\n",
                                                 [{"clone_depth": 76}], (77, 101, 101)),
    "one of a group has more by a Match of his own": (f"Match User {SSHD}\nMaxSessions 100\n",
                                                      [{"rules": [rule(f"Group {GROUP}", 15)]}], (10, 15, 100)),
    "one of a group has enough": (f"Match User {SSHD}\nMaxSessions 15\n",
                                  [{"rules": [rule(f"Group {GROUP}", 15)]}], (10, 15, 15)),
    "one of a group has less by a Match of his own": (f"MaxSessions 50\nMatch User {SSHD}\nMaxSessions 3\n",
                                                      [{"rules": [rule(f"Group {GROUP}", 15)]}], (50, 50, 15)),
    "a rule of an earlier run gives more": (
        "", [{"rules": [rule(f"Group {GROUP}", 20)]}, {"rules": [rule(f"User {SSHD}", 15)]}], (10, 20, 20)),
    "a rule of an earlier run gives less": (
        "", [{"rules": [rule(f"Group {GROUP}", 20)]}, {"rules": [rule(f"User {SSHD}", 25)]}], (10, 20, 25)),
    "a rule that is met": ("", [{"clone_depth": 76, "rules": [rule(f"User {SSHD}", 1)]}], (77, 77, 10)),
    "a number of an earlier run": ("", [{"max_sessions": 20}, {"max_sessions": 15, "rules": [rule(f"User {SSHD}", 15)]}],
                                   (20, 20, 20)),
    "a Match in a Match": (
        f"Match Group {GROUP}\nInclude {{d}}/inner\n", [{"rules": [rule(f"Group {GROUP}", 15)]}], (10, 15, 30)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_at_least_raises_and_lowers_nobody(name):
    text, requests, expected = CASES[name]
    host = Host("main")
    try:
        host.write("inner", f"Match User {SSHD}\nMaxSessions 30\n")
        host.write("sshd_config", host.read().replace("MaxSessions 2\n", text.format(d=host.directory)))
        laid = host.files()
        for request in requests:
            before = [said(host, user) for user in ("root", NOBODY, SSHD)]
            result = host.run(policy="at_least", **request)
            assert not result.get("failed"), result
            after = [said(host, user) for user in ("root", NOBODY, SSHD)]
            assert all(new >= old for old, new in zip(before, after))
            assert any((old, new) == tuple(result["effective"].values()) for old, new in zip(before, after))
            again = host.run(policy="at_least", **request)
            assert (again["changed"], again["written"]) == (False, [])
        assert tuple(after) == expected
        host.run(state="absent", policy="at_least")
        assert host.files() == laid
    finally:
        host.__exit__()


def test_no_rules_at_all_lower_nobody():
    with Host() as host:
        assert not host.run(max_sessions=9, rules=[rule(f"User {NOBODY}", 40)]).get("failed")
        laid, before = host.files(), [said(host, user) for user in ("root", NOBODY)]
        result = host.run(policy="at_least", rules=[])
        assert (result["changed"], result["written"], host.files()) == (False, [], laid)
        assert [said(host, user) for user in ("root", NOBODY)] == before == [9, 40]
        # Asked for as they are to be, there are none any more.
        assert host.run(rules=[])["changed"] and [said(host, user) for user in ("root", NOBODY)] == [2, 2]


# What stands there for whom, and of what the words are.
HIGHER = {
    "somebody's Match": (f"Match User {SSHD}\nMaxSessions 50\n", {"rules": [rule(f"User {SSHD}", 5)]},
                         f"rules: 'Match User {SSHD}': "),
    "somebody's Match in a rule's group": (f"Match User {SSHD}\nMaxSessions 50\n", {"rules": [rule(f"Group {GROUP}", 5)]},
                                           f"rules: 'Match Group {GROUP} User {SSHD}': "),
    "what everyone has": ("MaxSessions 50\n", {"rules": [rule(f"User {SSHD}", 5)]}, f"rules: 'Match User {SSHD}': "),
}  # fmt: skip


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("name", HIGHER)
def test_what_would_be_carried_along_above_the_ceiling_is_refused(name, check_mode):
    text, request, where = HIGHER[name]
    host = Host("main")
    try:
        host.write("sshd_config", host.read().replace("MaxSessions 2\n", text))
        laid = host.files()
        # Somebody has too little, so that all is written.
        request = {"policy": "at_least", "rules": [{**rule("User bob", 60), "ceiling": 100}, *request["rules"]]}
        result = host.run(**request, ceiling=10, _ansible_check_mode=check_mode)
        assert result["failed"] and host.files() == laid
        assert result["msg"].startswith(f"{where}MaxSessions would be 50, which is in force there already")
        assert "above the ceiling of 10, so nothing was changed" in result["msg"]
        # Without it the number is told that is written.
        told = host.run(**request)
        assert f"; under 'Match User {SSHD}', the first session and 49 clones" in told["msg"] or GROUP in where
        # What an earlier run has written is not raised: it is no reason to refuse the next one.
        again = host.run(**request, ceiling=10)
        assert (again.get("failed"), again["changed"]) == (None, False)
    finally:
        host.__exit__()
