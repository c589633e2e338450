# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits made for real, proven in place, and undone by whatever goes wrong before that."""

import contextlib
import os
from typing import Any, Callable, Dict, Mapping, Sequence

from .._config import plan
from .._config.configuration import Configuration
from .._config.files import Edits, os_path
from .._config.limits import Limit
from .._errors import changing
from .._proof.proof import verify_in_place
from .._proof.sshd import Sshd
from .._proof.state import Proposal
from .._service import not_reloaded
from .backup import backed_up
from .replacement import replaced


def apply(
    sshd: Sshd,
    configuration: Configuration,
    proposal: Proposal,
    desired: Sequence[Limit],
    params: Mapping[str, Any],
    commit: Callable[[], None],
) -> Dict[str, str]:
    """Make the proposal's edits, and ``commit`` once the live files say what was proven; return ``{path: its backup}``.

    ``params`` are the module's. Raises Error with all undone, ChangedMeanwhile if somebody wrote to one of the files.
    """
    before = proposal.before.tree
    before.require_same(plan.read(before.main, params["drop_in"] and os_path(params["drop_in"])))
    with contextlib.ExitStack() as undo:
        backups = undo.enter_context(backed_up(proposal.edits, configuration)) if params["backup"] else {}
        undo.enter_context(not_reloaded.marked(configuration))
        if params["confirm_within"]:
            # Only here: whoever arms nothing need not load it.
            from .commit_confirmed import commit_confirmed  # noqa: PLC0415

            seconds = params["confirm_within"]
            undo.enter_context(commit_confirmed(sshd, configuration, proposal, desired, seconds))
        recheck = undo.enter_context(replaced(proposal.edits, before.files, configuration.main))
        verify_in_place(sshd, proposal.after)
        recheck()
        commit()
    return backups


def require_writable(configuration: Configuration, edits: Edits) -> None:
    """Raise Error where ``edits`` could not be made because nobody, or not this user, may write in their directories."""
    places = [(configuration.main, configuration.directory)]
    places += [(path, os.path.dirname(path if text is None else os.path.realpath(path))) for path, text in edits.items()]
    for path, directory in places:
        if not os.access(directory, os.W_OK | os.X_OK):
            with changing(path):
                # What forbids it is only told to who tries, and this leaves nothing should it be allowed.
                os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY))
