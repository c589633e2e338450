# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one family of errors that this collection raises for a person to read."""

import contextlib
import errno
import os
from typing import Any, Dict, Iterator, Optional


class Error(Exception):
    """What is wrong and what to do next, in one text; ``details`` are further values for the module's result."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class LineError(Error):
    """An Error about one line: ``PATH line N: what is wrong``, as sshd says it."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__("%s line %d: %s" % (path, line, message))


class ChangedMeanwhile(Error):
    """What is to be replaced is no longer what was read: to be read anew."""

    def __init__(self, path: str) -> None:
        super().__init__("%s was changed by somebody else meanwhile, so nothing was changed: run again" % path)


READING_HINTS: Dict[Optional[int], str] = {
    errno.ENOENT: ": is openssh-server installed? 'config' names sshd's main file",
    errno.EISDIR: ": sshd takes a directory for an empty configuration; name its main file in 'config'",
    errno.EACCES: ": run as a user who may read it ('become: true')",
}
CHANGING_HINTS: Dict[Optional[int], str] = {
    errno.EACCES: ": run as a user who may write there ('become: true')",
    errno.EPERM: ": run as its owner or root ('become: true'); if you did, is it immutable (lsattr)?",
    errno.EROFS: ": the file system is read-only",
    errno.EBUSY: ": it is a mount of its own; replace it where it is mounted from",
    errno.EXDEV: ": it is a mount of its own; replace it where it is mounted from",
}


@contextlib.contextmanager
def reading(path: str) -> Iterator[None]:
    """Raise Error for an OSError of the block: that ``path`` could not be read, why, and what to do."""
    try:
        yield
    except OSError as error:
        hint = READING_HINTS.get(error.errno, "")
        if error.errno == errno.ENOENT and os.path.islink(path):
            hint = ": it is a link that leads nowhere; mend it"
        raise Error("%s: %s%s" % (path, error.strerror, hint)) from error


@contextlib.contextmanager
def changing(path: str) -> Iterator[None]:
    """Raise Error for an OSError of the block: that ``path`` was not changed, why, and what to do."""
    try:
        yield
    except OSError as error:
        hint = CHANGING_HINTS.get(error.errno, "")
        raise Error("%s was not changed: %s%s" % (path, error.strerror, hint)) from error
