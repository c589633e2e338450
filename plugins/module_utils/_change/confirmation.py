# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pending change is kept. The host runs this too, while somebody waits for it: it loads next to nothing."""

import os
import sys
from typing import TYPE_CHECKING, Sequence

from .._config.configuration import Configuration
from .._errors import Error
from . import pending, watchdog
from .lock import locked
from .pending import Record
from .private_directory import private_directory

if TYPE_CHECKING:
    from .._proof.sshd import Run


def main(path: str, until: float, arguments: Sequence[str]) -> None:
    """Confirm the change of the main file at ``path``; exit with the reason where that can't be any more.

    The change is the one that waits ``until`` the time that ``arguments`` say, or else until then.
    """
    configuration = Configuration.at(path)
    if arguments:
        until = float(arguments[0])
    try:
        with locked(configuration):
            record = pending.read_record(configuration)
            if record is None or record["until"] != until:
                sys.exit("it is not pending any more: it was settled before")
            if pending.is_expired(record):
                sys.exit("its time was up at %s" % record["until_text"])
            discard(record, _run)
    except Error as error:
        sys.exit(str(error))


def discard(record: Record, run: "Run") -> None:
    """Forget the pending change: what is in place stays."""
    configuration = Configuration.at(record["config"])
    with private_directory(configuration.directory) as directory:
        os.rename(configuration.pending, os.path.join(directory, "pending"))
    watchdog.stop(record["watchdog"], run)


def _run(command):
    import subprocess  # noqa: PLC0415

    return subprocess.call(command, stdin=subprocess.DEVNULL)
