# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every result as one line of JSON to the file that PROBE_RESULTS names, for the tests to read."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: notification
short_description: Keep every result as JSON
description: Appends C({host, result}) to the file that the environment variable C(PROBE_RESULTS) names.
"""


class CallbackModule(CallbackBase):
    """One line a result, ok or failed."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result, failed):
        host = getattr(result, "host", None) or result._host
        values = dict(getattr(result, "result", None) or result._result, failed=failed)
        with open(os.environ["PROBE_RESULTS"], "a") as file:
            print(json.dumps({"host": host.get_name(), "result": values}, default=str), file=file)

    def v2_runner_on_ok(self, result):
        self._write(result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, True)

    def v2_runner_on_unreachable(self, result):
        self._write(result, True)
