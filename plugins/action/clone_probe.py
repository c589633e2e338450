# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of multiplex.sshd.clone_probe: from the host's connection settings to a verdict."""

from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client, _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import ConnectionFailed
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import LIMIT, probe

display = Display()

ARGUMENT_SPEC = {
    "clone_depth": {"type": "int"},
    "exact": {"type": "bool", "default": False},
    "session": {"type": "str", "choices": ["open", "exec", "shell"], "default": "exec"},
    "limit": {"type": "int", "default": LIMIT},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "user": {"type": "str"},
    "private_key_file": {"type": "path"},
    "ssh_args": {"type": "str"},
    "timeout": {"type": "float"},
}
TIMEOUT = 10
MOST = 16000  # sshd ends a connection that asks for more than 16384 channels


class ActionModule(ActionBase):
    """Open the clones from here; nothing is sent to the target but what a person's ssh sends."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        """Return the module's result."""
        result = super().run(tmp, task_vars)
        _spec, given = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        result["changed"] = False
        if self._task.check_mode:
            result["probed_in_check_mode"] = True
        try:
            result.update(self._probe(given))
        except Error as error:
            result.update(failed=True, msg=str(error))
        return result

    def _probe(self, given):
        depth, exact = given["clone_depth"], given["exact"]
        _check(given)
        target = self._target(given)
        try:
            outcome = probe(target, depth, exact, given["session"], given["limit"])
        except ConnectionFailed as error:
            raise Error(_verdict.unreached(target.host, error.words)) from error
        complaint = _verdict.complaint(outcome, depth, exact)
        refusal = outcome.refusal
        return {
            "failed": bool(complaint),
            "msg": complaint or _verdict.summary(outcome, depth),
            "clones": outcome.clones,
            "opened": outcome.opened,
            "refused": outcome.refused,
            "refusal": refusal and vars(refusal),
            "seconds": round(outcome.seconds, 3),
            "connection": outcome.connection,
        }

    def _target(self, given):
        """Return the Target that Ansible's own ssh would reach, but for what the task says.

        ssh takes the first value that it is told, so the order is the one of Ansible's ssh connection plugin, with what
        the task says before it all.
        """
        inventory = self._inventory_settings()
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

    def _inventory_settings(self):
        """Return what the ssh connection plugin knows of this host, or next to nothing when there is another one."""
        if self._connection.transport != "ssh":
            return {
                "host": _none_but(self._connection.transport, self._task.args),
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
        return {
            "host": self._option("host") or self._play_context.remote_addr,
            "port": self._option("port"),
            "user": self._option("remote_user"),
            "private_key_file": self._key_file(),
            "ssh_args": _client.split(self._option("ssh_args")),
            "more_args": _client.split(self._option("ssh_common_args")) + _client.split(self._option("ssh_extra_args")),
            "settings": self._further_settings(),
            "answers": self._answers(),
            "executable": self._option("ssh_executable"),
            "timeout": self._option("timeout") or TIMEOUT,
        }

    def _option(self, name):
        try:
            value = self._connection.get_option(name)
        except KeyError:  # a later ansible-core has it
            return None
        return to_text(value) if isinstance(value, (str, bytes)) else value

    def _key_file(self):
        # Ansible puts a private_key into its agent and names the key to ssh by a file of the public half.
        if self._option("private_key"):
            return str(self._connection._populate_agent())
        return self._option("private_key_file")

    def _further_settings(self):
        settings = []
        if self._option("host_key_checking") is False:
            settings += ["-o", "StrictHostKeyChecking=no"]
        if self._option("private_key"):
            settings += ["-o", "IdentitiesOnly=yes"]
        if self._option("pkcs11_provider"):
            settings += ["-o", f"PKCS11Provider={self._option('pkcs11_provider')}"]
        return settings

    def _answers(self):
        """Return pairs of a prompt's part and a secret; none when Ansible has no secret for this host."""
        secrets = []
        password = self._option("password") or self._play_context.password
        if password and self._option("password_mechanism") != "disable":
            usual = "Enter PIN for" if self._option("pkcs11_provider") else "assword"
            secrets.append((self._option("sshpass_prompt") or usual, to_text(password)))
        if self._option("private_key_passphrase"):
            secrets.append(("Enter passphrase for", self._option("private_key_passphrase")))
        # On a terminal ssh asks about an unknown host key too; Ansible's answer to a question that nobody sees is no.
        return [*secrets, ("(yes/no", "no")] if secrets else []


def _check(given):
    for name, least in (("clone_depth", 0), ("limit", 0)):
        if given[name] is not None and not least <= given[name] <= MOST:
            raise Error(f"{name} must be from {least} to {MOST}, and is {given[name]}.")
    if given["exact"] and given["clone_depth"] is None:
        raise Error(
            "exact says that the clone after clone_depth must be refused: give clone_depth, or leave exact out."
        )
    if given["timeout"] is not None and given["timeout"] <= 0:
        raise Error(f"timeout must be above 0 seconds, and is {given['timeout']:g}.")


def _none_but(transport, args):
    if not args.get("host"):
        raise Error(
            f"This host is reached by the connection plugin {transport}, which has no settings for ssh: give the "
            "option host, and port, user, private_key_file and ssh_args where ssh needs them."
        )
    return args["host"]
