# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private directories beside the files that are worked on, on the same file system and passed over by every Include."""

import contextlib
import fcntl
import glob
import os
import shutil
import tempfile
from typing import Iterable, Iterator

from .._errors import Error

PREFIX = ".multiplex-"  # a leading dot: an Include's pattern passes over it


class NotRestored(Error):
    """The old file could not be put back: it stays where it is, the only one there is."""


@contextlib.contextmanager
def private_directory(parent: str) -> Iterator[str]:
    """Give the path of a private directory in ``parent``, and remove it however the block ends."""
    path = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
        shutil.rmtree(path, ignore_errors=True)
    except BaseException as error:
        if not isinstance(error, NotRestored):
            shutil.rmtree(path, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def remove_leftovers(parents: Iterable[str]) -> None:
    """Remove the private directories that runs which were killed have left in ``parents``."""
    for parent in parents:
        for path in glob.glob(os.path.join(glob.escape(parent), PREFIX + "*")):
            with contextlib.suppress(OSError):
                handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever works in one holds it
                    shutil.rmtree(path)
                finally:
                    os.close(handle)
