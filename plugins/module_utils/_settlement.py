# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a pending change: confirmed, reverted, or left from a run that ended early."""

from ansible_collections.multiplex.sshd.plugins.module_utils import _pending, _reload, _sshd
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

TIMEOUT = 15  # seconds for sshd to listen again


def healed(config, wanted, run):
    """Clear the way for a run that wants ``wanted``; return what a person should know. Raises Error if it must wait.

    The same request by the same user goes on with what is pending; a change that nobody can confirm any more is undone.
    """
    record = _pending.found(config)
    if record is None:
        return []
    over = _pending.expired(record)
    if not over and not _mine(record, wanted):
        raise Error(
            "Nothing was changed: a change that %s made is pending until %s. Wait, or settle it with state 'confirmed' "
            "or 'reverted'" % (record["who"], record["until_text"])
        )
    if not over and _pending.complete(record):
        return []
    words = reverted(record, run)
    return ["The change that %s made, and nobody confirmed until %s, %s" % (record["who"], record["until_text"], words)]


def settled(config, wanted, state, run, check_mode):
    """Confirm or revert the pending change; return its record, None if nothing was pending. Raises Error."""
    record = _pending.found(config)
    if record is None:
        return None
    if state == "confirmed":
        if _pending.expired(record):
            raise Error("The change can't be confirmed any more: its time was up at %s" % record["until_text"])
        if not _mine(record, wanted):
            raise Error(
                "Nothing was confirmed: what is pending is a change that %s made, to %s"
                % (record["who"], ", ".join(_words(limit) for limit in record["limits"]))
            )
    if not check_mode:
        if state == "confirmed":
            _pending.dismiss(record, run)
        else:
            record["outcome"] = reverted(record, run)
    return record


def reverted(record, run):
    """Put the old files back and have sshd read them, started if need be; return what came of it. Raises Error."""
    conflicts = _pending.restore(record)
    with _sshd.Sshd(record["sshd"], run) as sshd:
        if _reload.reloaded(sshd, record["config"], TIMEOUT)["method"] == "none" and record["start"]:
            rc, _stdout, stderr = run(record["start"])
            if rc:
                raise Error("the old files are back, but sshd does not start: %s" % stderr.strip())
    _pending.dismiss(record, run)
    if conflicts:
        return "was undone but for %s, which somebody else changed meanwhile: look at it" % ", ".join(conflicts)
    return "was undone"


def sentence(record, state, check_mode):
    """Say in one sentence what became of the pending change."""
    if record is None:
        return "no change is pending: none was made to be confirmed, or it was confirmed or reverted before"
    if check_mode:
        return "the change that %s made would be %s" % (record["who"], state)
    return "the change that %s made %s" % (record["who"], record.get("outcome", "is confirmed"))


def _mine(record, wanted):
    """Say whether the pending change is this user's, and to what is wanted now if that is said."""
    asked = [list(limit) for limit in wanted]
    return record["who"] == _pending.who() and (asked == [[None, None]] or asked == record["limits"])


def _words(limit):
    match, number = limit
    return "%s for %s" % (number, "everyone" if match is None else "'Match %s'" % match)
