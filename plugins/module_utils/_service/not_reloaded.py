# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note beside the main file: sshd has not been reloaded since its configuration was changed.

It outlives a run that ends between the change and the reload, so that the next run knows. It names the run of the system
that it was left in: as the system boots, sshd reads what is there.
"""

import contextlib
import os
import re
from typing import Iterator

from .._config.configuration import Configuration
from .._config.files import create
from .._errors import changing, reading
from .process import first_line

NOTE = """\
multiplex.sshd.max_sessions changed this configuration; sshd has not been reloaded since.
boot_id: %s
"""


def boot_id() -> str:
    """Return what names this run of the system, empty where the kernel doesn't tell."""
    return first_line("/proc/sys/kernel/random/boot_id")


@contextlib.contextmanager
def marked(configuration: Configuration) -> Iterator[None]:
    """Leave the note, and take it back if the block fails and it didn't count before. Raises Error."""
    before = is_marked(configuration)
    try:
        if not before:
            clear(configuration)
            with changing(configuration.main), create(configuration.not_reloaded) as file:
                file.write((NOTE % boot_id()).encode())
        yield
    except BaseException:
        if not before:
            clear(configuration)
        raise


def clear(configuration: Configuration) -> None:
    """Take the note away. Raises Error."""
    # A read-only file system refuses to remove what is not there, too.
    if os.path.lexists(configuration.not_reloaded):
        with changing(configuration.not_reloaded):
            os.unlink(configuration.not_reloaded)


def is_marked(configuration: Configuration) -> bool:
    """Say whether the note is there, and names no other run of the system. Raises Error."""
    if not os.path.exists(configuration.not_reloaded):
        return False
    with reading(configuration.not_reloaded), open(configuration.not_reloaded) as file:
        named = re.search("boot_id: ([0-9a-f-]+)", file.read())
    return not named or boot_id() in ("", named.group(1))
