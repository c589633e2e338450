# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a pending change: confirmed, reverted, or left from a run that ended early."""

import contextlib
import os
from typing import Callable, List, Optional, Sequence

from .._config import block
from .._config.configuration import Configuration
from .._config.files import Files
from .._config.limits import NOTHING, Limit
from .._errors import ChangedMeanwhile, Error
from .._proof.sshd import Run, Sshd
from .._service import not_reloaded
from .._service.reload import Unanswered, reload
from . import pending
from .confirmation import discard, keep, require_time
from .pending import Record
from .replacement import replaced

TIMEOUT = 15  # seconds for sshd to listen again


def clear_way(run: Run, record: Record, desired: Sequence[Limit], seconds: int, *, check_mode: bool) -> List[str]:
    """Clear the way for a run that wants ``desired``, confirmed within ``seconds``; return what a person should know.

    The same request by the same user goes on with what is pending. A change that nobody can confirm any more, or that was
    cut off on the way, is undone first. Raises Error if the run must wait.
    """
    about = "a change that %s made is pending until %s" % (record["who"], record["until"])
    if pending.is_expired(record):
        happened = "nobody confirmed until %s" % record["until"]
    elif not _is_mine(record, desired, settling=False):
        raise Error("Nothing was changed: %s. Wait, or settle it with state 'confirmed' or 'reverted'" % about)
    elif pending.is_cut_off(record):
        happened = "was cut off on the way"
    elif record["real"] != os.path.realpath(record["config"]):
        happened = "was made with another main file than is there now"
    elif pending.edited(record):
        raise Error(
            "Nothing was changed: %s, and meanwhile somebody edited %s. Look at it, then settle the change: state "
            "'confirmed' keeps it, 'reverted' takes it out again" % (about, ", ".join(pending.edited(record)))
        )
    elif not seconds:
        raise Error(
            "Nothing was changed: %s, and would be taken back then. Confirm it with state 'confirmed', or give "
            "confirm_within to go on waiting" % about
        )
    else:
        return []
    outcome = "would be undone first" if check_mode else revert(record, run)
    return ["The change that %s made, and that %s, %s" % (record["who"], happened, outcome)]


def settle(
    run: Run,
    configuration: Configuration,
    desired: Sequence[Limit],
    state: str,
    require_in_force: Callable[[], None],
    *,
    check_mode: bool,
) -> Optional[Record]:
    """Confirm or revert the pending change; return its record, None if nothing was pending. Raises Error.

    To be confirmed it has to be ``desired``, and ``require_in_force()`` not to raise Error.
    """
    record = pending.read_record(configuration)
    if record is None:
        return None
    if state == "confirmed":
        require_time(record)
        if not _is_mine(record, desired, settling=True):
            raise Error(
                "Nothing was confirmed: what is pending is a change that %s made, to %s"
                % (record["who"], ", ".join("%s for %s" % (limit.max_sessions, limit.whom) for limit in _limits(record)))
            )
        require_in_force()
    if not check_mode:
        if state == "confirmed":
            keep(record, run)
        else:
            record["outcome"] = revert(record, run)
    return record


def revert(record: Record, run: Run) -> str:
    """Put the old files back and have sshd read them, started if need be; say what came of it. Raises Error."""
    configuration = pending.configuration_of(record)
    edited = pending.edited(record)
    conflicts = _restore(record, configuration)
    # Once sshd has read the old files there is nothing more to undo, and to read them again would bring no other answer.
    with contextlib.suppress(Unanswered), Sshd(record["sshd"], run) as sshd:
        done = reload(sshd, configuration, TIMEOUT)
        # Where it is gone, another that reads the same file may have been found.
        if record["start"] and (done["method"] == "none" or done["pid"] in record.get("others", ())):
            started = sshd.run(record["start"])
            if started.rc:
                raise Error("the old files are back, but sshd does not start: %s" % started.stderr.strip())
    discard(record, run)
    if conflicts:
        return "was undone but for %s, which somebody else changed meanwhile: look at it" % ", ".join(conflicts)
    if edited:
        return "was undone; what somebody else changed meanwhile in %s is left as it is" % ", ".join(edited)
    return "was undone"


def sentence(record: Optional[Record], state: str, *, check_mode: bool) -> str:
    """Say in one sentence what became of the pending change."""
    if record is None:
        return "no change is pending: none was made to be confirmed, or it was confirmed or reverted before"
    if check_mode:
        return "the change that %s made would be %s" % (record["who"], state)
    return "the change that %s made %s" % (record["who"], record.get("outcome", "is confirmed"))


def _restore(record: Record, configuration: Configuration) -> List[str]:
    """Put the old files back; return the paths of those that somebody else changed beyond telling what is ours."""
    conflicts = []
    for file in reversed(record["files"]):
        path = file["path"]
        now = pending.digest_of_file(path)
        old = file["old"] and os.path.join(configuration.pending, file["old"])
        text = old and Files().text(old)
        if now == (old and pending.digest(text)):
            continue
        if now != file["new"]:
            try:
                text = _with_block_of(path, now and Files().text(path), text)
            except Error:
                conflicts.append(path)
                continue
        read = {} if now is None else {path: Files().text(path)}
        model = old or configuration.main
        try:
            with not_reloaded.marked(configuration), replaced({path: text}, read, model, copy_all=True) as recheck:
                recheck()
        except ChangedMeanwhile:
            conflicts.append(path)
    return conflicts


def _with_block_of(path: str, text: Optional[str], old: Optional[str]) -> Optional[str]:
    """Return ``text``, which somebody else edited, with our block as ``old`` had it, None if nothing is left.

    Raises Error where that can't be told.
    """
    if text is None or block.line_numbers(old or ""):
        raise Error("%s is gone, or had a block of ours before" % path)
    bare = block.without(path, text)
    return bare if bare or old is not None else None


def _limits(record: Record) -> List[Limit]:
    return [Limit(*limit) for limit in record["limits"]]


def _is_mine(record: Record, desired: Sequence[Limit], *, settling: bool) -> bool:
    """Say whether the pending change is this user's, and to what is desired now: who is ``settling`` it need not say."""
    asked = [_limits(record), NOTHING] if settling else [_limits(record)]
    return record["who"] == pending.user() and list(desired) in asked
