# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the run and its connection: a timer of systemd's, or a process of its own."""

import os
import subprocess
import sys

from .._errors import Error
from .._proof.sshd import Run


def start(unit: str, script: str, seconds: int, run: Run) -> None:
    """Have ``script`` run in ``seconds``. Raises Error if nothing can be started."""
    command = [sys.executable, "-I", "-B", script]
    if _has_systemd():
        timer = ["systemd-run", "--quiet", "--collect", "--unit=" + unit, "--on-active=%d" % seconds]
        timer += ["--timer-property=AccuracySec=100ms", "--description=Revert an unconfirmed change of sshd's MaxSessions"]
        made = run(timer + command)
        if made.rc:
            raise Error("Nothing was changed: systemd does not take the timer that would undo it: %s" % made.stderr.strip())
        return
    try:
        # It outlives the module, and run_command would wait for it. pylint: disable-next=ansible-bad-function
        subprocess.Popen(
            command + ["--after", str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Error("Nothing was changed: the process that would undo it can't be started: %s" % error) from error


def stop(unit: str, run: Run) -> None:
    """Call the timer off; a process ends by itself when it finds nothing pending."""
    if _has_systemd():
        run(["systemctl", "stop", unit + ".timer"])


def _has_systemd() -> bool:
    return os.path.isdir("/run/systemd/system") and os.geteuid() == 0
