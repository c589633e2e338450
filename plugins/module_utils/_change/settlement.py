# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a pending change: confirmed, reverted, or left from a run that ended early."""

import os
from typing import List, Optional, Sequence

from .._config.configuration import Configuration
from .._config.files import Files
from .._config.limits import NOTHING, Limit
from .._errors import ChangedMeanwhile, Error
from .._private_directory import private_directory
from .._proof.sshd import Run, Sshd
from .._service import not_reloaded
from .._service.reload import reload
from . import pending, watchdog
from .pending import Record
from .replacement import replaced

TIMEOUT = 15  # seconds for sshd to listen again


def undo_expired(run: Run, record: Record, desired: Sequence[Limit]) -> List[str]:
    """Clear the way for a run that wants ``desired``; return what a person should know. Raises Error if it must wait.

    The same request by the same user goes on with what is pending; a change that nobody can confirm any more is undone.
    """
    if not pending.is_expired(record):
        if not _is_mine(record, desired):
            raise Error(
                "Nothing was changed: a change that %s made is pending until %s. Wait, or settle it with state 'confirmed' "
                "or 'reverted'" % (record["who"], record["until_text"])
            )
        if pending.is_complete(record):
            return []
    outcome = revert(record, run)
    return ["The change that %s made, and nobody confirmed until %s, %s" % (record["who"], record["until_text"], outcome)]


def settle(
    run: Run, configuration: Configuration, desired: Sequence[Limit], state: str, *, check_mode: bool
) -> Optional[Record]:
    """Confirm or revert the pending change; return its record, None if nothing was pending. Raises Error."""
    record = pending.read_record(configuration)
    if record is None:
        return None
    if state == "confirmed":
        if pending.is_expired(record):
            raise Error("The change can't be confirmed any more: its time was up at %s" % record["until_text"])
        if not _is_mine(record, desired):
            raise Error(
                "Nothing was confirmed: what is pending is a change that %s made, to %s"
                % (record["who"], ", ".join("%s for %s" % (limit.max_sessions, limit.whom) for limit in _limits(record)))
            )
    if not check_mode:
        if state == "confirmed":
            discard(record, run)
        else:
            record["outcome"] = revert(record, run)
    return record


def revert(record: Record, run: Run) -> str:
    """Put the old files back and have sshd read them, started if need be; say what came of it. Raises Error."""
    configuration = Configuration.at(record["config"])
    conflicts = _restore(record, configuration)
    with Sshd(record["sshd"], run) as sshd:
        if reload(sshd, configuration, TIMEOUT)["method"] == "none" and record["start"]:
            started = sshd.run(record["start"])
            if started.rc:
                raise Error("the old files are back, but sshd does not start: %s" % started.stderr.strip())
    discard(record, run)
    if conflicts:
        return "was undone but for %s, which somebody else changed meanwhile: look at it" % ", ".join(conflicts)
    return "was undone"


def discard(record: Record, run: Run) -> None:
    """Forget the pending change: what is in place stays."""
    configuration = Configuration.at(record["config"])
    with private_directory(configuration.directory) as directory:
        os.rename(configuration.pending, os.path.join(directory, "pending"))
    watchdog.stop(record["watchdog"], run)


def sentence(record: Optional[Record], state: str, *, check_mode: bool) -> str:
    """Say in one sentence what became of the pending change."""
    if record is None:
        return "no change is pending: none was made to be confirmed, or it was confirmed or reverted before"
    if check_mode:
        return "the change that %s made would be %s" % (record["who"], state)
    return "the change that %s made %s" % (record["who"], record.get("outcome", "is confirmed"))


def _restore(record: Record, configuration: Configuration) -> List[str]:
    """Put the old files back; return the paths that somebody else changed meanwhile, which stay as they are."""
    conflicts = []
    for file in reversed(record["files"]):
        now = pending.digest_of_file(file["path"])
        old = file["old"] and os.path.join(configuration.pending, file["old"])
        text = old and Files().text(old)
        if now == (old and pending.digest(text)):
            continue
        if now != file["new"]:
            conflicts.append(file["path"])
            continue
        model = old or configuration.main
        read = {} if now is None else {file["path"]: Files().text(file["path"])}
        try:
            with not_reloaded.marked(configuration), replaced({file["path"]: text}, read, model, copy_all=True) as recheck:
                recheck()
        except ChangedMeanwhile:
            conflicts.append(file["path"])
    return conflicts


def _limits(record: Record) -> List[Limit]:
    return [Limit(*limit) for limit in record["limits"]]


def _is_mine(record: Record, desired: Sequence[Limit]) -> bool:
    """Say whether the pending change is this user's, and to what is desired now if that is said."""
    return record["who"] == pending.user() and list(desired) in (NOTHING, _limits(record))
