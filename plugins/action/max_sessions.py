# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of multiplex.sshd.max_sessions: one remote call, the proof, and what becomes of the change."""

import shlex

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _inventory, _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import probe
from ansible_collections.multiplex.sshd.plugins.plugin_utils._promise import kept
from ansible_collections.multiplex.sshd.plugins.plugin_utils._request import VARIABLES, Request

ROLE = "multiplex.sshd.max_sessions"
PREFIX = "max_sessions_"


class ActionModule(ActionBase):
    """All decisions are here, where no keyword of a play reaches between them."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        """Return the task's result."""
        result = super().run(tmp, task_vars)
        try:
            prefix = self._prefix()
            request = Request(self._asked(prefix, task_vars), prefix, task_vars)
            target, obstacle = self._way(request)
        except Error as error:
            return {**result, "changed": False, "failed": True, "msg": str(error)}
        args = {**request.args, "unprovable": obstacle} if obstacle else request.args
        wrap_async = self._task.async_val and not self._connection.has_native_async
        result.update(self._execute_module(module_args=args, task_vars=task_vars, wrap_async=wrap_async))
        if request.verify == "false" or self._task.check_mode or result.get("failed") or not target:
            result.pop("own_rule", None)
            return result

        def prove(clone_depth, session, limit):
            outcome = probe(target, clone_depth, session=session, limit=limit)
            return _verdict.result(outcome, clone_depth)

        def take_back():
            reverting = {name: args[name] for name in ("config", "sshd") if name in args}
            return self._run(self._execute_module, module_args={**reverting, "state": "reverted"}, task_vars=task_vars)

        def foreseen():
            self._task.check_mode = True
            try:
                return self._run(self._execute_module, module_args=args, task_vars=task_vars)
            finally:
                self._task.check_mode = False

        return kept(result, request, prove, self._confirm, foreseen, take_back)

    def _prefix(self):
        """Return what stands before an option's name where the user writes it: the role's prefix, or nothing."""
        role = self._task._role
        return PREFIX if role and role.get_name() == ROLE else ""

    def _asked(self, prefix, task_vars):
        """Return the task's options; in the role those that its variables are, too."""
        given = {name: task_vars[prefix + name] for name in VARIABLES if prefix and prefix + name in task_vars}
        # Up to ansible-core 2.18 what is omitted is a text that only the variable of this name tells.
        omitted = task_vars.get("omit")
        told = self._templar.template(given)
        if omitted is not None:
            told = {name: value for name, value in told.items() if value != omitted}
        return {**self._task.args, **told}  # a play's module_defaults are among the first, and the role's variables win

    def _way(self, request):
        """Return ``(Target, None)`` for the proof, or ``(None, why there is none)``; raise Error if there must be one."""
        if request.verify == "false":
            return None, None
        verify = request.name("verify")
        if self._task.async_val:
            raise Error(
                f"What goes on alone (async) can't be proven over a connection: leave async out, or set {verify}: false."
            )
        try:
            if self._connection.transport == "ssh":
                return _inventory.target(self._connection, self._play_context), None
            why = f"this host is not reached over SSH, but by the connection plugin {self._connection.transport}"
        except Error as error:
            why = f"there is no connection to prove them over: {error}"
        why = f"Nothing was changed: the clones can't be opened from here, {why.rstrip('.')}."
        obstacle = f"{why} Set {verify}: false to do without this proof."
        if request.verify == "always":
            raise Error(obstacle)
        return None, obstacle

    def _confirm(self, words):
        done = self._run(self._low_level_execute_command, shlex.join(words))
        if done["rc"]:
            # On ssh's terminal all that a command says is output, and ssh says in its own words that it hung up.
            said = " ".join((done["stdout"].strip() or done["stderr"]).split())
            if "can't open file" in said:
                said = "it is settled already, by the host when its time was up or by another run."
            raise Error(said or f"exit status {done['rc']}")

    def _run(self, call, *args, **keywords):
        """Return what ``call`` does; raise Error where the host can't be reached any more."""
        try:
            return call(*args, **keywords)
        except AnsibleError as error:
            raise Error(str(error)) from error
