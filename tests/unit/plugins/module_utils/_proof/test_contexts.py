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


ADDRESSES = [("10.0.0.0/8", "10.0.0.1"), ("10.1.2.3", "10.1.2.3"), ("10.*", "10.1.1.1"), ("::/0", "::1"), ("x/y", None)]


@pytest.mark.parametrize(("pattern", "first"), ADDRESSES)
def test_an_address_that_a_pattern_means_is_found(pattern, first):
    assert next(iter(examples._addresses(pattern)), None) == first


def test_a_thousand_rules_cost_no_second_each():
    limits = [Limit(None, 5), *(Limit(f"User user{number}", 6) for number in range(1000))]
    start = time.process_time()
    assert len(contexts.audience(read(), limits).limits) == 1001
    assert time.process_time() - start < 5, os.getloadavg()
