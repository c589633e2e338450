# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a pending change that nobody confirmed; runs on the host, with nobody watching."""

import shutil
import subprocess
import syslog
import time
from typing import List, Optional, Sequence

from .._config.configuration import Configuration
from .._config.files import encode
from .._errors import Error
from .._proof.sshd import Completed
from . import lock, pending, settlement
from .pending import Record


def main(path: str, until: float, arguments: Sequence[str]) -> None:
    """Revert the change of the main file at ``path`` that waits for a confirmation ``until`` then, and log the outcome.

    With the arguments ``--after SECONDS`` wait so long first.
    """
    configuration = Configuration.at(path)
    if arguments[:1] == ["--after"]:
        deadline = time.monotonic() + float(arguments[1])
        while time.monotonic() < deadline and _still_pending(configuration, until):
            time.sleep(min(1, max(0, deadline - time.monotonic())))
    with lock.locked(configuration):
        record = _still_pending(configuration, until)
        if record is None:
            return
        try:
            outcome = settlement.revert(record, run)
        except Error as error:
            outcome = "could not be undone: %s" % error
        syslog.openlog("multiplex.sshd")
        message = "an unconfirmed change of %s, made by %s, %s" % (configuration.main, record["who"], outcome)
        syslog.syslog(syslog.LOG_WARNING, encode(message).decode("utf-8", "replace"))


def run(command: List[str]) -> Completed:
    """Run a program as AnsibleModule.run_command does."""
    if not shutil.which(command[0]):
        return Completed(127, "", "%s: not found" % command[0])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return Completed(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _still_pending(configuration: Configuration, until: float) -> Optional[Record]:
    """Return the change's record, None if it was settled: what is pending then is another change, with its own time."""
    record = pending.read_record(configuration)
    return record if record and record["until"] == until else None
