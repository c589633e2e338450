# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dated copies of what is replaced, for whoever asks for them."""

import contextlib
import os
import time
from typing import Dict, Iterator

from .._config.configuration import Configuration
from .._config.files import Edits, flush
from .._errors import changing
from .replacement import copy, remove_if_there


@contextlib.contextmanager
def backed_up(edits: Edits, configuration: Configuration) -> Iterator[Dict[str, str]]:
    """Copy each file of ``edits`` that exists to a dated name beside the main file; give ``{path: its copy}``.

    Never beside a drop-in: an Include that takes every name would read the copy too. No copy is kept of what was not
    replaced: if the block fails, they go.
    """
    copies: Dict[str, str] = {}
    with contextlib.ExitStack() as undo:
        for path in edits:
            if os.path.exists(path):
                with changing(path):
                    copies[path] = _copied(path, configuration.directory)
                undo.callback(remove_if_there, copies[path])
        if copies:
            with changing(configuration.main):
                flush(configuration.directory)
        yield copies
        undo.pop_all()


def _copied(path: str, directory: str) -> str:
    """Copy the file at ``path`` into ``directory`` under the first dated name that is free; return the copy's path."""
    dated = "%s.%s" % (os.path.basename(path), time.strftime("%Y-%m-%d@%H:%M:%S"))
    to, number = "%s~" % dated, 1
    while True:
        try:
            copy(path, os.path.join(directory, to))
            return os.path.join(directory, to)
        except FileExistsError:
            number += 1
            to = "%s.%d~" % (dated, number)
