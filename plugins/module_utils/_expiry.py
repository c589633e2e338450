# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a pending change that nobody confirmed; runs on the host, with nobody watching."""

import shutil
import subprocess
import syslog
import time

from ansible_collections.multiplex.sshd.plugins.module_utils import (
    _pending,
    _replace,
    _settlement,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def main(config, until, arguments):
    """Revert the change of ``config`` that waits for a confirmation ``until`` then, and log what came of it.

    With the arguments ``--after SECONDS`` wait so long first.
    """
    if arguments[:1] == ["--after"]:
        due = time.monotonic() + float(arguments[1])
        while time.monotonic() < due and _still_pending(config, until):
            time.sleep(min(1, max(0, due - time.monotonic())))
    with _replace.locked(config):
        record = _still_pending(config, until)
        if record is None:
            return
        try:
            words = _settlement.reverted(record, run)
        except Error as error:
            words = "could not be undone: %s" % error
        syslog.openlog("multiplex.sshd")
        syslog.syslog(syslog.LOG_WARNING, "an unconfirmed change of %s, made by %s, %s" % (config, record["who"], words))


def _still_pending(config, until):
    """Return the change's record, None if it was settled: what is pending then is another change, with its own time."""
    record = _pending.found(config)
    return record if record and record["until"] == until else None


def run(words):
    """Run a program as AnsibleModule.run_command does; return ``(rc, stdout, stderr)``."""
    if not shutil.which(words[0]):
        return 127, "", "%s: not found" % words[0]
    # No module runs here whose run_command there would be. pylint: disable-next=ansible-bad-function
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
