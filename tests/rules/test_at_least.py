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
