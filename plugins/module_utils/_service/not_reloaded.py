# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note beside the main file: sshd has not been reloaded since its configuration was changed.

It outlives a run that ends between the change and the reload, so that the next run knows.
"""

import contextlib
import os
from typing import Iterator

from .._config.configuration import Configuration
from .._config.files import create
from .._errors import changing


@contextlib.contextmanager
def marked(configuration: Configuration) -> Iterator[None]:
    """Leave the note, and take it back if the block fails and it wasn't there before. Raises Error."""
    before = is_marked(configuration)
    try:
        if not before:
            with changing(configuration.main), create(configuration.not_reloaded) as file:
                file.write(b"multiplex.sshd.max_sessions changed this configuration; sshd has not been reloaded since.\n")
        yield
    except BaseException:
        if not before:
            clear(configuration)
        raise


def clear(configuration: Configuration) -> None:
    """Take the note away. Raises Error."""
    # A read-only file system refuses to remove what is not there, too.
    if is_marked(configuration):
        with changing(configuration.not_reloaded):
            os.unlink(configuration.not_reloaded)


def is_marked(configuration: Configuration) -> bool:
    """Say whether the note is there."""
    return os.path.exists(configuration.not_reloaded)
