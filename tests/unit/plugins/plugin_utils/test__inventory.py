# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from types import SimpleNamespace

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client, _inventory

INVENTORY = {
    "host": "db1",
    "port": 2222,
    "remote_user": "dba",
    "private_key_file": "/key",
    "ssh_args": "-C -o ControlMaster=auto",
    "ssh_common_args": "-J jump",
    "ssh_extra_args": "-4",
    "ssh_executable": "ssh",
    "host_key_checking": True,
    "timeout": 7,
}
FROM_INVENTORY = ["-o", "Port=2222", "-o", 'IdentityFile="/key"', "-o", 'User="dba"']
WITHOUT_PASSWORD = _client.WITHOUT_PASSWORD


class Connection:
    transport = "ssh"

    def __init__(self, **options):
        self.options = {**INVENTORY, **options}

    def get_option(self, name):
        return self.options[name]


def target(connection, **given):
    return _inventory.target(connection, SimpleNamespace(password=None, remote_addr="db1"), given)


def test_the_order_of_the_inventory():
    found = target(Connection())
    assert (found.host, found.timeout, found.executable, found.answers) == ("db1", 7, "ssh", [])
    own = ["-C", "-o", "ControlMaster=auto"]
    assert found.args == [*own, *FROM_INVENTORY, *WITHOUT_PASSWORD, "-J", "jump", "-4"]


def test_the_task_comes_first():
    found = target(Connection(), host="db2", port=22, user="root", private_key_file="/k", ssh_args="-6", timeout=0.5)
    given = ["-o", "Port=22", "-o", 'IdentityFile="/k"', "-o", 'User="root"']
    assert (found.host, found.timeout, found.args) == ("db2", 0.5, [*given, "-6", *WITHOUT_PASSWORD])


def test_host_keys_unchecked():
    assert "StrictHostKeyChecking=no" in target(Connection(host_key_checking=False)).args


ANSWERS = [  # (options, pairs)
    ({}, []),
    ({"password": "s"}, [("assword", "s")]),
    ({"password": "s", "sshpass_prompt": "PIN"}, [("PIN", "s")]),
    ({"password": "s", "pkcs11_provider": "/p.so"}, [("Enter PIN for", "s")]),
    ({"password": "s", "password_mechanism": "disable"}, []),
    ({"private_key_passphrase": "p"}, [("Enter passphrase for", "p")]),
]


@pytest.mark.parametrize(("options", "pairs"), ANSWERS)
def test_answers(options, pairs):
    found = target(Connection(**options))
    assert found.answers == pairs
    assert ("PasswordAuthentication=no" in found.args) == (not pairs)


@pytest.mark.parametrize("given", [{"host": "db2"}, {"port": 22}, {"user": "root"}])
def test_answers_are_for_the_inventory_s_own_account(given):
    assert target(Connection(password="s"), **given).answers == []  # noqa: S106
    assert target(Connection(password="s"), host="db1", port=2222, user="dba").answers  # noqa: S106


def test_another_connection_plugin_needs_a_host():
    with pytest.raises(Error, match="connection plugin podman, which has no settings for ssh: give the option host"):
        target(SimpleNamespace(transport="podman"))
    assert target(SimpleNamespace(transport="podman"), host="::1").args == WITHOUT_PASSWORD
