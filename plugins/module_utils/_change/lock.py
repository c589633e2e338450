# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right to change a configuration, which one run at a time has."""

import contextlib
import fcntl
import os
from typing import Iterator

from .._config.configuration import Configuration
from .._errors import reading


@contextlib.contextmanager
def locked(configuration: Configuration) -> Iterator[None]:
    """Let one run at a time work on ``configuration``; waits for the other to end. Raises Error."""
    # The directory itself carries the lock: nothing is created, and a killed run holds nothing.
    with reading(configuration.main):
        directory = os.open(configuration.directory, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)
