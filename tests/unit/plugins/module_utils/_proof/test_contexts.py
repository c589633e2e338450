# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import grp
import os
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import contexts, examples
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.connection_spec import ConnectionSpec

ANYONE = ConnectionSpec()


def read(*matches):
    return tree.read("/t/main", Files({"/t/main": "".join(f"Match {one}\nMaxSessions 1\n" for one in matches)}))


# The Match blocks, and who is asked about, by what they have that nobody in particular has not.
THERE = [
    ([], [{}]),
    (["all"], [{}]),
    (["User bob"], [{}, {"user": "bob"}]),
    (["User *,!root"], [{}, {"user": "root"}]),
    (["User *,!bob"], [{}, {"user": "bob"}]),
    (["User=*,!bob"], [{}, {"user": "bob"}]),
    (["User bob", "User bob"], [{}, {"user": "bob"}]),
    (["User zzbob", "User zzb*"], [{}, {"user": "zzbob"}, {"user": "zzb"}]),
    (["User *"], [{}]),
    (["User zzbob,!zzbob"], [{}]),
    (["User zzbob User zzalice"], [{}]),
    (["User zzbob User zzb*"], [{}, {"user": "zzbob"}]),
    (["Address 10.0.0.0/8"], [{}, {"addr": "10.0.0.1"}]),
    (["Address *,!10.0.0.0/8"], [{}, {"addr": "10.0.0.1"}]),
    (["Address 0.0.0.0/0"], [{}, {"addr": "2001:db8::1"}]),
    (["Address 10.0.0.0/8", "User bob"], [{}, {"addr": "10.0.0.1"}, {"user": "bob"}, {"user": "bob", "addr": "10.0.0.1"}]),
    (["User bob Address 10.0.0.0/8"], [{}, {"user": "bob", "addr": "10.0.0.1"}]),
    (["LocalPort 22"], [{}, {"lport": "1"}]),
    (["LocalPort 2222"], [{}, {"lport": "2222"}]),
    (["Host *.Example"], [{}, {"host": ".Example"}]),
    (["Group no-such-group"], [{}]),
    (["RDomain x", "Invalid-User", "Version *"], [{}]),
    (["User bob RDomain x"], [{}]),
    (["Address 10.0.0.0/33", "Address /abc", "User " + 1023 * "a", "LocalPort x"], [{}]),
]


@pytest.mark.parametrize(("matches", "expected"), THERE)
def test_there_is_one_for_each_set_of_match_blocks(matches, expected):
    found = [one.spec for one in contexts.contexts(read(*matches), [Limit(None, 5)])]
    assert found[0] == ANYONE
    assert sorted(found) == sorted(ANYONE._replace(**one) for one in expected)


def test_group_members_are_found_by_their_groups():
    group = grp.getgrgid(0).gr_name
    found = contexts.contexts(read(f"Group {group}", "User root", f"Group *,!{group}"), [Limit(None, 5)])
    assert {one.spec.user: len(one.met) for one in found if one.spec.user == "root"} == {"root": 2}


def test_a_rule_is_about_whom_no_rule_before_it_is_and_everyone_else_whom_no_match_is():
    limits = [Limit(None, 5), Limit("User zzbob", 6), Limit("User zzb*", 7), Limit("User  zzbob", 8)]
    everyone, bob, others, nobody = contexts.audience(read("User alice", "User root"), limits).limits
    assert [[one.spec.user for one in each] for each in (everyone, bob, others)] == [["nobody"], ["zzbob"], ["zzb"]]
    assert nobody == []


def test_a_match_all_is_nobodys_own():
    assert [one.met for one in contexts.contexts(read("User zzbob", "all"), [Limit(None, 5)])] == [set(), {("User zzbob",)}]


def test_everyone_is_told_by_whom_no_rule_is_about_and_everybody_is_all_of_them():
    told = contexts.audience(read("User zzalice"), [Limit(None, 5), Limit("User zzbob", 6)])
    assert [one.spec.user for one in told.for_everyone] == ["nobody", "zzalice"]
    assert [one.spec.user for one in told.everybody] == ["nobody", "zzbob", "zzalice"]


def test_where_rules_leave_nobody_everybody_tells():
    told = contexts.audience(read(), [Limit(None, 5), Limit("User *", 6)])
    assert told.limits[0] == [] and told.for_everyone == told.everybody != []


# Three of the second one, one in the middle, and the last but one, before the first, which is often no host's.
NETWORKS = [
    ("10.0.0.0/8", ["10.0.0.1", "10.128.0.0", "10.255.255.254", "10.0.0.0"]),
    ("192.0.2.9/29", ["192.0.2.9", "192.0.2.12", "192.0.2.14", "192.0.2.8"]),
    ("192.0.2.9/31", ["192.0.2.8", "192.0.2.9"]),
    ("192.0.2.9", ["192.0.2.9"]),
    ("2001:db8::/126", ["2001:db8::", "2001:db8::1", "2001:db8::2"]),
]


@pytest.mark.parametrize(("pattern", "expected"), NETWORKS)
def test_addresses_from_all_over_a_network_are_found(pattern, expected):
    assert examples._addresses(pattern) == expected


ADDRESSES = [("10.0.0.0/8", "10.0.0.1"), ("10.1.2.3", "10.1.2.3"), ("10.*", "10.1.1.1"), ("::/0", "::1"), ("x/y", None)]


@pytest.mark.parametrize(("pattern", "first"), ADDRESSES)
def test_an_address_that_a_pattern_means_is_found(pattern, first):
    assert next(iter(examples._addresses(pattern)), None) == first


def test_a_thousand_rules_cost_no_second_each():
    limits = [Limit(None, 5), *(Limit(f"User user{number}", 6) for number in range(1000))]
    start = time.process_time()
    assert len(contexts.audience(read(), limits).limits) == 1001
    assert time.process_time() - start < 5, os.getloadavg()
