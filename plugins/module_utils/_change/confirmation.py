# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pending change is kept, by the module or by the script ``confirm``: somebody waits for it, so it loads little."""

import os
import sys
from typing import TYPE_CHECKING, Sequence

from .._config.configuration import Configuration
from .._errors import Error, changing
from .._proof.private_directory import remove
from . import pending, watchdog
from .lock import locked
from .pending import Record

if TYPE_CHECKING:
    from .._proof.sshd import Run


def confirm(main: str, real: str, identity: str, arguments: Sequence[str]) -> int:
    """Confirm the change ``identity`` of the Configuration; say what came of it, and return the exit status.

    Where the ``arguments`` name a change it must be that one: whoever made another may have made this script too.
    """
    configuration = Configuration(main, real)
    try:
        with locked(configuration):
            record = pending.read_record(configuration)
            if record is None or record["id"] != identity or list(arguments[:1]) not in ([], [identity]):
                raise Error("Nothing was confirmed: that change isn't pending any more")
            keep(record, _run)
    except Error as error:
        sys.stderr.write("%s\n" % error)
        return 1
    sys.stdout.write("the change that %s made is confirmed\n" % record["who"])
    return 0


def keep(record: Record, run: "Run") -> None:
    """Keep the change that waits for it. Raises Error if its time is up."""
    require_time(record)
    discard(record, run)


def require_time(record: Record) -> None:
    """Raise Error if nobody may confirm any more."""
    if pending.is_expired(record):
        raise Error("The change can't be confirmed any more: its time was up at %s" % record["until"])


def discard(record: Record, run: "Run") -> None:
    """Forget the pending change: what is in place stays. Raises Error."""
    configuration = pending.configuration_of(record)
    with changing(configuration.pending):
        if os.path.islink(configuration.signpost) and os.path.realpath(configuration.signpost) == configuration.pending:
            os.unlink(configuration.signpost)
        remove(configuration.pending)
    watchdog.stop(configuration, record["watchdog"], run)


def _run(command):
    import subprocess  # noqa: PLC0415

    # No module runs here whose run_command there would be. pylint: disable-next=ansible-bad-function
    return subprocess.call(command, stdin=subprocess.DEVNULL)
