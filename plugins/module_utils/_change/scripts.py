# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the script ``revert`` beside a pending change's record does, on the host and without Ansible."""

import contextlib
import sys
import time
from typing import TYPE_CHECKING, List, Optional, Sequence

from .._config.configuration import Configuration
from .._config.files import readable
from .._errors import Error
from . import lock, pending
from .pending import Record

if TYPE_CHECKING:
    from .._proof.sshd import Completed

PAUSE = 10  # seconds


def revert(
    main: str,
    real: str,
    identity: str,
    arguments: Sequence[str],
    patience: float = lock.PATIENCE,
    pause: float = PAUSE,
) -> int:
    """Revert the change ``identity`` of the Configuration if nobody settled it; return the exit status.

    As the watchdog, with the argument ``--wait`` for its deadline or ``--at-boot`` at once, never give up while it is
    pending: another run may take more than ``patience`` seconds, and what fails is tried again after a ``pause``. With
    nobody watching, the outcome is logged.
    """
    configuration = Configuration(main, real)
    waiting, told = "--wait" in arguments, ""
    watching = waiting or "--at-boot" in arguments
    while True:
        try:
            record = _still_pending(configuration, identity)
            if waiting and record and not pending.is_expired(record):
                time.sleep(min(1, max(0, record["deadline"] - pending.uptime())))
                continue
            if record:
                _undo(configuration, identity, patience)
            return 0
        except (Error, OSError) as error:
            failed = "an unconfirmed change of %s is still to be undone: %s" % (configuration.main, error)
            if not watching:
                sys.stderr.write("%s\n" % failed)
                return 1
            if failed != told:
                _log(failed)
            told = failed
            if not isinstance(error, lock.Busy):  # for which it has waited
                time.sleep(pause)


def _undo(configuration: Configuration, identity: str, patience: float) -> None:
    """Revert the change ``identity`` unless it is settled once no other run is at work. Raises Error, OSError."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock.locked(configuration, patience))
        except lock.NotOurs as error:
            # It keeps every run out: none is at work, and whoever may hold it need not be waited for.
            _log(str(error))
        record = _still_pending(configuration, identity)
        if record:
            # Not before: while it waits, which is most often all that it does, others want the processor.
            from . import settlement  # noqa: PLC0415

            outcome = settlement.revert(record, run)
            _log("an unconfirmed change of %s, made by %s, %s" % (configuration.main, record["who"], outcome))


def _log(message: str) -> None:
    import syslog  # noqa: PLC0415

    syslog.openlog("multiplex.sshd")
    syslog.syslog(syslog.LOG_WARNING, readable(message))


def run(command: List[str]) -> "Completed":
    """Run a program as AnsibleModule.run_command does."""
    import shutil  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    from .._proof.sshd import Completed  # noqa: PLC0415

    if not shutil.which(command[0]):
        return Completed(127, "", "%s: not found" % command[0])
    # No module runs here whose run_command there would be. pylint: disable-next=ansible-bad-function
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return Completed(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _still_pending(configuration: Configuration, identity: str) -> Optional[Record]:
    """Return the change's record, None if it was settled: what is pending then is another change."""
    record = pending.read_record(configuration)
    return record if record and record["id"] == identity else None
