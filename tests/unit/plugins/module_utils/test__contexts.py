# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import _contexts
from ansible_collections.multiplex.sshd.plugins.module_utils._config import Directive

ANYONE = {"user": "nobody", "host": "client.invalid", "addr": "192.0.2.1", "laddr": "192.0.2.2", "lport": "22"}


def port(*arguments):
    return Directive("/t", 1, "port", list(arguments), ())


def limit(*criteria):
    return Directive("/t", 1, "maxsessions", ["1"], criteria)


PORTS = [([], ["22"]), ([port("2222"), port("22")], ["2222", "22"]), ([port()], ["22"]), ([port("ssh")], ["22"])]


@pytest.mark.parametrize(("directives", "ports"), PORTS)
def test_anyone_comes_in_at_the_first_port(directives, ports):
    assert _contexts.ports(directives) == ports
    assert _contexts.anyone(directives) == {**ANYONE, "lport": ports[0]}


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
    found = list(_contexts.exceptions(ANYONE, [limit(*criteria)]))
    always = [{"user": "root"}, {"addr": "2001:db8::1", "laddr": "2001:db8::2"}]
    assert found == [{**ANYONE, **one} for one in always + expected]


def test_sshd_is_given_all_five_keys():
    assert _contexts.specification(ANYONE) == "user=nobody,host=client.invalid,addr=192.0.2.1,laddr=192.0.2.2,lport=22"
