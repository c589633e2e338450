# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dated copies of what is replaced, for whoever asks for them."""

import contextlib
import os
import time
from typing import Dict, Iterator

from .._config.configuration import Configuration
from .._config.plan import Edits
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
                name = "%s.%s~" % (os.path.basename(path), time.strftime("%Y-%m-%d@%H:%M:%S"))
                copies[path] = os.path.join(configuration.directory, name)
                with changing(path):
                    copy(path, copies[path])
                undo.callback(remove_if_there, copies[path])
        yield copies
        undo.pop_all()
