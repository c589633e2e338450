# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.tree import Directive
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import examples
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.connection_spec import ConnectionSpec

ANYONE = ConnectionSpec()


def limit(*criteria):
    return Directive("/t", 1, "maxsessions", ["1"], criteria)


EXCEPTIONS = [
    ([], []),
    (["User bob"], []),
    (["User *,!bob"], [{"user": "bob"}]),
    (["User=*,!bob"], [{"user": "bob"}]),
    (["user *,!b?b,!a*,!c"], [{"user": "c"}]),
    (["Address *,!10.0.0.0/8"], [{"addr": "10.0.0.0"}]),
    (["Host *,!a.example LocalAddress *,!10.0.0.1"], [{"host": "a.example"}, {"laddr": "10.0.0.1"}]),
    (["Group *,!wheel"], []),
    (["User *,!a", "User *,!b"], [{"user": "a"}, {"user": "b"}]),
    (["User *,!"], []),
]


@pytest.mark.parametrize(("criteria", "expected"), EXCEPTIONS)
def test_those_whom_a_match_excepts_are_asked_about_after_root_and_the_other_address_family(criteria, expected):
    found = list(examples.excepted(ANYONE, [limit(*criteria)]))
    always = [{"user": "root"}, {"addr": "2001:db8::1", "laddr": "2001:db8::2"}]
    assert found == [ANYONE._replace(**one) for one in always + expected]


MEETING = [
    ("all", [ANYONE]),
    ("User bob", [ANYONE._replace(user="bob")]),
    ("User bob,!b*", []),
    ("Address 10.0.0.0/8 LocalPort 2222", [ANYONE._replace(addr="10.0.0.1", lport="2222")]),
    ("Invalid-User", []),
    ("RDomain x", []),
    ("Group no-such-group", []),
]


@pytest.mark.parametrize(("match", "first"), MEETING)
def test_a_connection_meets_the_criteria_or_none_is_known(match, first):
    assert list(examples.meeting(match, ANYONE))[:1] == first
