# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of multiplex.sshd.clone_probe: from the host's connection settings to a verdict."""

from ansible.plugins.action import ActionBase
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _inventory, _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import MOST
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import LIMIT, probe
from ansible_collections.multiplex.sshd.plugins.plugin_utils._session import REQUESTS

ARGUMENT_SPEC = {
    "clone_depth": {"type": "int"},
    "exact": {"type": "bool", "default": False},
    "session": {"type": "str", "choices": list(REQUESTS), "default": "exec"},
    "limit": {"type": "int", "default": LIMIT},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "user": {"type": "str"},
    "private_key_file": {"type": "path"},
    "ssh_args": {"type": "str"},
    "timeout": {"type": "float"},
}
LONGEST = 3600  # seconds


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
        target = _inventory.target(self._connection, self._play_context, given)
        return _verdict.result(probe(target, depth, exact, given["session"], given["limit"]), depth, exact)


def _check(given):
    for name in ("clone_depth", "limit"):
        if given[name] is not None and not 0 <= given[name] <= MOST:
            raise Error(f"{name} must be from 0 to {MOST}, and is {given[name]}.")
    if given["exact"] and given["clone_depth"] is None:
        raise Error("exact says that the clone after clone_depth must be refused: give clone_depth, or leave exact out.")
    if given["port"] is not None and not 0 < given["port"] < 1 << 16:
        raise Error(f"port must be from 1 to 65535, and is {given['port']}.")
    if given["timeout"] is not None and not 0 < given["timeout"] <= LONGEST:
        raise Error(f"timeout must be above 0 and up to {LONGEST} seconds, and is {given['timeout']:g}.")
