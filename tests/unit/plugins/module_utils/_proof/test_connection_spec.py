# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.tree import Directive, Tree
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import connection_spec
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.connection_spec import ConnectionSpec


def tree(directives):
    return Tree("/t", {}, directives, {})


def port(*arguments):
    return Directive("/t", 1, "port", list(arguments), ())


PORTS = [([], ["22"]), ([port("2222"), port("22")], ["2222", "22"]), ([port()], ["22"]), ([port("ssh")], ["22"])]


@pytest.mark.parametrize(("directives", "ports"), PORTS)
def test_anyone_comes_in_at_the_first_port(directives, ports):
    assert connection_spec.ports(tree(directives)) == ports
    assert connection_spec.anyone(tree(directives)) == ConnectionSpec(lport=ports[0])


def test_sshd_is_given_all_five_keys():
    assert ConnectionSpec().argument == "user=nobody,host=client.invalid,addr=192.0.2.1,laddr=192.0.2.2,lport=22"


WHOSE = [
    ({}, "somebody"),
    ({"user": "bob"}, "bob"),
    ({"user": "alice"}, "alice"),
    ({"addr": "10.0.0.1"}, "somebody from 10.0.0.1"),
    ({"lport": "1"}, "somebody at port 1"),
    ({"user": "zoe", "host": "h", "addr": "10.0.0.1", "laddr": "10.0.0.2", "lport": "2222"},
     "zoe from the host h from 10.0.0.1 to 10.0.0.2 at port 2222"),
]  # fmt: skip


@pytest.mark.parametrize(("differing", "words"), WHOSE)
def test_who_it_is_is_said_by_what_differs(differing, words):
    assert ConnectionSpec(**differing).whose(ConnectionSpec()) == words
