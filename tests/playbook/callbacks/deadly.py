# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Die in the hook that $DEADLY_HOOK names: by an exception, or with all of Ansible's main process."""

import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: deadly
type: notification
short_description: Die
description: For the tests of what a callback that dies does to a promise.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "deadly"
    CALLBACK_NEEDS_ENABLED = True

    def _die(self, *_args, **_kwargs):
        if os.environ["DEADLY_WAY"] == "exit":
            os._exit(9)
        raise RuntimeError("died")


setattr(CallbackModule, os.environ.get("DEADLY_HOOK", "v2_playbook_on_stats"), CallbackModule._die)
