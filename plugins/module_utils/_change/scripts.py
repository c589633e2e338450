# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the script ``revert`` beside a pending change's record does, on the host and without Ansible."""

import time
from typing import TYPE_CHECKING, List, Optional, Sequence

from .._config.configuration import Configuration
from .._config.files import encode
from .._errors import Error
from . import lock, pending
from .pending import Record

if TYPE_CHECKING:
    from .._proof.sshd import Completed


def revert(path: str, identity: str, arguments: Sequence[str]) -> int:
    """Revert the change ``identity`` of the main file at ``path`` if nobody settled it; return the exit status.

    With the argument ``--wait`` wait for its deadline first. With nobody watching, the outcome is logged.
    """
    configuration = Configuration.at(path)
    record = _still_pending(configuration, identity)
    while "--wait" in arguments and record and not pending.is_expired(record):
        time.sleep(min(1, max(0, record["deadline"] - pending.uptime())))
        record = _still_pending(configuration, identity)
    with lock.locked(configuration):
        record = _still_pending(configuration, identity)
        if record is None:
            return 0
        # Not before: while it waits, which is most often all that it does, others want the processor.
        import syslog  # noqa: PLC0415

        from . import settlement  # noqa: PLC0415

        failed = False
        try:
            outcome = settlement.revert(record, run)
        except Error as error:
            failed, outcome = True, "could not be undone: %s" % error
        syslog.openlog("multiplex.sshd")
        message = "an unconfirmed change of %s, made by %s, %s" % (configuration.main, record["who"], outcome)
        syslog.syslog(syslog.LOG_WARNING, encode(message).decode("utf-8", "replace"))
        return int(failed)


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
