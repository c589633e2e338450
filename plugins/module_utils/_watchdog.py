# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the run and its connection: a timer of systemd's, or a process of its own."""

import hashlib
import os
import subprocess
import sys

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def name(config):
    """Return how the names of watchdogs for the main file ``config`` begin, as `systemctl list-timers` shows them."""
    return "multiplex-sshd-revert-" + hashlib.sha256(os.path.realpath(config).encode()).hexdigest()[:8]


def start(unit, script, seconds, run):
    """Have ``script`` run in ``seconds``. Raises Error if nothing can be started."""
    python = [sys.executable, "-I", "-B", script]
    if os.path.isdir("/run/systemd/system") and os.geteuid() == 0:
        words = ["systemd-run", "--quiet", "--collect", "--unit=" + unit, "--on-active=%d" % seconds]
        words += ["--timer-property=AccuracySec=100ms", "--description=Revert an unconfirmed change of sshd's MaxSessions"]
        rc, _stdout, stderr = run(words + python)
        if rc:
            raise Error("Nothing was changed: systemd does not take the timer that would undo it: %s" % stderr.strip())
        return
    try:
        # It outlives the module, and run_command would wait for it. pylint: disable-next=ansible-bad-function
        subprocess.Popen(
            python + ["--after", str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Error("Nothing was changed: the process that would undo it can't be started: %s" % error) from error


def stop(unit, run):
    """Call the timer off; a process ends by itself when it finds nothing pending."""
    if os.path.isdir("/run/systemd/system") and os.geteuid() == 0:
        run(["systemctl", "stop", unit + ".timer"])
