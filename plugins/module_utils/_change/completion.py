# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a change in the same call: sshd is reloaded, and the change is for good unless it is to be proven first."""

from typing import Any, Dict, Optional, Tuple

from .._config.configuration import Configuration
from .._errors import Error
from .._proof.sshd import Run, Sshd
from .._service.reload import reload
from . import pending
from .confirmation import discard
from .pending import Record
from .settlement import TIMEOUT, revert


def require_proof(sshd: Sshd, configuration: Configuration, obstacle: Optional[str]) -> None:
    """Raise Error with the words of the ``obstacle`` to a proof, unless there is none, or no sshd runs."""
    if obstacle and reload(sshd, configuration, TIMEOUT, check_mode=True)["method"] != "none":
        raise Error(obstacle)


def complete(
    sshd: Sshd, configuration: Configuration, verify: str, *, due: bool, check_mode: bool
) -> Tuple[Optional[Dict[str, Any]], bool]:
    """Reload sshd if that is ``due``, and confirm what is pending unless the controller is to prove it first.

    ``verify`` is the module's. Returns what the module reload does, None where it was not due, and whether something was
    confirmed. Raises Error, with what was pending undone.
    """
    record, reloaded = pending.read_record(configuration), None
    try:
        if due:
            reloaded = reload(sshd, configuration, TIMEOUT, check_mode=check_mode)
    except Error as error:
        raise Error("%s. %s" % (str(error).rstrip("."), _undone(record, sshd.run)), **error.details) from error
    # Where no sshd runs, as in an image that is being built, nobody can open a session.
    no_sshd = verify == "true" and reloaded is not None and reloaded["method"] == "none"
    if record is None or check_mode or not (no_sshd or verify == "false"):
        return reloaded, False
    discard(record, sshd.run)
    return reloaded, True


def _undone(record: Optional[Record], run: Run) -> str:
    if record is None:
        return "The files stay as they are: none are kept to go back to"
    try:
        return "The change %s: MaxSessions is %d again" % (revert(record, run), record["before"])
    except Error as error:
        return "It could not be undone at once (%s): the host tries again at %s" % (error, record["until"])
