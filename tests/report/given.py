# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for the module max_sessions_info: an action plugin that answers what the test gives for the host."""

import json
import os

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Answer ``facts[host]``: a result, or a text with which the host can't be reached."""

    def run(self, tmp=None, task_vars=None):
        with open(os.environ["REPORT_FACTS"]) as file:
            answer = json.load(file)[task_vars["inventory_hostname"]]
        if isinstance(answer, str):
            raise AnsibleConnectionFailure(answer)
        return answer
