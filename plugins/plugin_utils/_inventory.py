# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the settings that the inventory gives a host to the Target that Ansible's own ssh would reach.

Any action plugin may ask: ``target(self._connection, self._play_context)``, and give it to _probe.probe.
"""

from ansible.module_utils.common.text.converters import to_text
from ansible.utils.display import Display
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client

display = Display()

TIMEOUT = 10
GIVEN = ("host", "port", "user", "private_key_file", "ssh_args", "timeout")


def target(connection, play_context, given=None):
    """Return the Target that Ansible's own ssh would reach, but for what ``given`` says; raise Error.

    ``connection`` and ``play_context`` are an action plugin's. ``given`` maps some of GIVEN to values (None: not given).
    ssh takes the first value that it is told, so the order is the one of Ansible's ssh connection plugin, with what is
    given before it all.
    """
    given = {**dict.fromkeys(GIVEN), **(given or {})}
    inventory = _settings(connection, play_context, given["host"])
    host = _client.host_name(given["host"] or inventory["host"])
    own = {name: given[name] for name in ("port", "user", "private_key_file")}
    rest = {name: inventory[name] for name in own if own[name] is None}
    args = _client.settings(**own)
    args += _client.split(given["ssh_args"]) if given["ssh_args"] is not None else inventory["ssh_args"]
    args += inventory["settings"] + _client.settings(**rest)
    answers = inventory["answers"]
    if any(given[name] not in (None, inventory[name]) for name in ("host", "port", "user")):
        answers = []  # a secret goes to the account that the inventory gave it for, and nowhere else
    if not answers:
        args += _client.WITHOUT_PASSWORD
    if given["ssh_args"] is None:
        args += inventory["more_args"]
    timeout = given["timeout"] or inventory["timeout"]
    display.vvv(f"clone_probe: ssh arguments: {' '.join(args)}", host=host)
    return _client.Target(host, args, timeout, inventory["executable"], answers)


def _settings(connection, play_context, host):
    """Return what the ssh connection plugin knows of this host, or next to nothing when there is another one."""
    if connection.transport != "ssh":
        return {
            "host": _none_but(connection.transport, host),
            "port": None,
            "user": None,
            "private_key_file": None,
            "ssh_args": [],
            "more_args": [],
            "settings": [],
            "answers": [],
            "executable": "ssh",
            "timeout": TIMEOUT,
        }
    common, extra = (_client.split(_option(connection, name)) for name in ("ssh_common_args", "ssh_extra_args"))
    return {
        "host": _option(connection, "host") or play_context.remote_addr,
        "port": _option(connection, "port"),
        "user": _option(connection, "remote_user"),
        "private_key_file": _key_file(connection),
        "ssh_args": _client.split(_option(connection, "ssh_args")),
        "more_args": common + extra,
        "settings": _further_settings(connection),
        "answers": _answers(connection, play_context),
        "executable": _option(connection, "ssh_executable"),
        "timeout": _option(connection, "timeout") or TIMEOUT,
    }


def _option(connection, name):
    try:
        value = connection.get_option(name)
    except KeyError:  # a later ansible-core has it
        return None
    return to_text(value) if isinstance(value, (str, bytes)) else value


def _key_file(connection):
    # Ansible puts a private_key into its agent and names the key to ssh by a file of the public half.
    if _option(connection, "private_key"):
        return str(connection._populate_agent())
    return _option(connection, "private_key_file")


def _further_settings(connection):
    settings = []
    if _option(connection, "host_key_checking") is False:
        settings += ["-o", "StrictHostKeyChecking=no"]
    if _option(connection, "private_key"):
        settings += ["-o", "IdentitiesOnly=yes"]
    if _option(connection, "pkcs11_provider"):
        settings += ["-o", f"PKCS11Provider={_option(connection, 'pkcs11_provider')}"]
    return settings


def _answers(connection, play_context):
    """Return pairs of a prompt's part and a secret; none when Ansible has no secret for this host."""
    secrets = []
    password = _option(connection, "password") or play_context.password
    if password and _option(connection, "password_mechanism") != "disable":
        usual = "Enter PIN for" if _option(connection, "pkcs11_provider") else "assword"
        secrets.append((_option(connection, "sshpass_prompt") or usual, to_text(password)))
    if _option(connection, "private_key_passphrase"):
        secrets.append(("Enter passphrase for", _option(connection, "private_key_passphrase")))
    return secrets


def _none_but(transport, host):
    if not host:
        raise Error(
            f"This host is reached by the connection plugin {transport}, which has no settings for ssh: give the "
            "option host, and port, user, private_key_file and ssh_args where ssh needs them."
        )
    return host
