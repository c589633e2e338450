# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files replaced whole, by rename, with all that hangs on them; and put back if anything goes wrong."""

import contextlib
import os
import shutil
from typing import Iterator, Optional

from .._config.files import encode
from .._config.plan import Edits
from .._errors import changing
from .metadata import copy_metadata
from .private_directory import NotRestored, private_directory


@contextlib.contextmanager
def replaced(edits: Edits, model: str, *, copy_all: bool = False) -> Iterator[None]:
    """Make ``edits``; put all back unless the block ends well. Raises Error with nothing changed.

    A new file gets the owner and mode of the file ``model``, with ``copy_all`` all that hangs on it.
    """
    with contextlib.ExitStack() as cleared, contextlib.ExitStack() as undo:
        for path, text in edits.items():
            with changing(path):
                _replace(os.path.realpath(path), text, model, copy_all, cleared, undo)
        yield
        undo.pop_all()


def copy(path: str, to: str) -> None:
    """Make the new file ``to`` a copy of ``path`` with all that hangs on it. Raises OSError."""
    with open(path, "rb") as file, contextlib.ExitStack() as undo:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            undo.callback(remove_if_there, to)
            shutil.copyfileobj(file, new)
            copy_metadata(new.fileno(), path, path)
        undo.pop_all()


def remove_if_there(path: str) -> None:
    """Remove the file at ``path``; none is there, that is well too. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _replace(
    path: str,
    text: Optional[str],
    model: str,
    copy_all: bool,
    cleared: contextlib.ExitStack,
    undo: contextlib.ExitStack,
) -> None:
    """Make ``path`` hold ``text``, or be gone where it is None, through a private directory beside it."""
    directory = os.path.dirname(path)
    place = cleared.enter_context(private_directory(directory))
    old, new = os.path.join(place, "old"), os.path.join(place, "new")
    if os.path.exists(path):
        # The very file, not a copy: put back, it is the same in every respect.
        os.link(path, old)
        undo.callback(_put_back, old, path)
    else:
        undo.callback(remove_if_there, path)
    if text is None:
        os.unlink(path)
    else:
        with open(new, "wb") as file:
            file.write(encode(text))
            file.flush()
            copied = path if os.path.exists(path) else model if copy_all else None
            copy_metadata(file.fileno(), copied, model)
            os.fsync(file.fileno())
        os.rename(new, path)
    _flush(directory)


def _put_back(old: str, path: str) -> None:
    try:
        os.rename(old, path)
    except OSError as error:
        raise NotRestored("%s could not be put back: %s. The old file is %s" % (path, error.strerror, old)) from error


def _flush(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
