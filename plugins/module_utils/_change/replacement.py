# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files replaced whole, and put back unless all ends well."""

import contextlib
import os
import shutil
from typing import Callable, Iterator, Mapping, Optional

from .._config.files import Edits, create, encode, flush, read_file, require_replaceable
from .._errors import ChangedMeanwhile, Error, changing
from .._proof.private_directory import keep, private_directory
from .metadata import copy_metadata


@contextlib.contextmanager
def replaced(edits: Edits, read: Mapping[str, str], model: str, *, copy_all: bool = False) -> Iterator[Callable[[], None]]:
    """Make ``edits``; put all back unless the block ends well. Raises Error with nothing changed.

    ``read`` has the text that was read at each path, none where nothing was: where it isn't so any more, that is
    ChangedMeanwhile. Gives ``recheck``, to be called as late as can be: it raises that too if somebody who had an old file
    open has written to it. A new file gets the owner and mode of the file ``model``, with ``copy_all`` all that hangs on it.
    """
    with contextlib.ExitStack() as cleared, contextlib.ExitStack() as undo:
        replacements = [_Replacement(path, text, read.get(path)) for path, text in edits.items()]
        for one in replacements:
            with changing(one.path):
                one.prepare(model, copy_all, cleared)
        for one in replacements:
            with changing(one.path):
                one.make(undo)

        def recheck() -> None:
            for one in replacements:
                one.require_old_text()

        yield recheck
        undo.pop_all()


def copy(path: str, to: str) -> None:
    """Make the new file ``to``, on the disk, a copy of ``path`` with all that hangs on it. Raises OSError."""
    with open(path, "rb") as file, contextlib.ExitStack() as undo:
        with create(to) as new:
            undo.callback(remove_if_there, to)
            shutil.copyfileobj(file, new)
            copy_metadata(new.fileno(), path, path)
            new.flush()
            os.fsync(new.fileno())
        undo.pop_all()


def remove_if_there(path: str) -> None:
    """Remove the file at ``path``; none is there, that is well too. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


class _Replacement:
    """What is at ``path``, and held the text ``was``, is replaced by ``text``, through a private directory beside it.

    None for a text means that nothing was, or will be there.
    """

    def __init__(self, path: str, text: Optional[str], was: Optional[str]) -> None:
        self.path, self.text, self.was = path, text, was
        # A link is removed itself: what it leads to is not in force by itself, and may be needed elsewhere.
        self.name = path if text is None else os.path.realpath(path)
        self.directory = self.old = self.new = ""
        self.made: Optional[os.stat_result] = None  # the new file

    def prepare(self, model: str, copy_all: bool, cleared: contextlib.ExitStack) -> None:
        """Lay all that is needed in a private directory, which goes with ``cleared``. Raises OSError and Error."""
        require_replaceable(self.path)
        self.directory = cleared.enter_context(private_directory(os.path.dirname(self.name)))
        self.old, self.new = os.path.join(self.directory, "old"), os.path.join(self.directory, "new")
        if self.was is not None:
            self._hold_old(self.was)
        if self.text is not None:
            self._write_new(self.text, model, copy_all)

    def make(self, undo: contextlib.ExitStack) -> None:
        """Make it; have ``undo`` put it back. Raises OSError and Error."""
        self._require_as_read()
        undo.callback(self._put_back)
        if self.text is None:
            os.unlink(self.name)
        elif self.was is None:
            self._lay_new()
        else:
            os.rename(self.new, self.name)
        flush(os.path.dirname(self.name))

    def require_old_text(self) -> None:
        """Raise ChangedMeanwhile if the old file, which is replaced by now, no longer holds what was read."""
        if self.was is not None and not os.path.islink(self.old) and read_file(self.old) != encode(self.was):
            raise ChangedMeanwhile(self.path)

    def _hold_old(self, was: str) -> None:
        try:
            # The very file, not a copy: put back, it is the same in every respect.
            os.link(self.name, self.old, follow_symlinks=False)
            if read_file(self.path) != encode(was):
                raise ChangedMeanwhile(self.path)
        except FileNotFoundError as error:
            raise ChangedMeanwhile(self.path) from error

    def _write_new(self, text: str, model: str, copy_all: bool) -> None:
        with create(self.new) as file:
            file.write(encode(text))
            file.flush()
            copied = self.old if self.was is not None else model if copy_all else None
            copy_metadata(file.fileno(), copied, model)
            os.fsync(file.fileno())
            self.made = os.fstat(file.fileno())

    def _lay_new(self) -> None:
        try:
            os.link(self.new, self.name)  # never over what somebody else laid there a moment ago
        except FileExistsError as error:
            raise ChangedMeanwhile(self.path) from error
        os.unlink(self.new)

    def _require_as_read(self) -> None:
        there = _status(self.name)
        if (there is None) != (self.was is None):
            raise ChangedMeanwhile(self.path)
        if there and not os.path.samestat(there, os.lstat(self.old)):
            raise ChangedMeanwhile(self.path)
        self.require_old_text()

    def _put_back(self) -> None:
        there = _status(self.name)
        try:
            if self.was is not None and there and os.path.samestat(there, os.lstat(self.old)):
                return  # it was never replaced
            if not self._is_as_made(there):
                raise FileExistsError(0, "somebody else changed it meanwhile")
            if self.was is None:
                remove_if_there(self.name)
            elif there:
                os.rename(self.old, self.name)
            else:
                os.link(self.old, self.name, follow_symlinks=False)
        except OSError as error:
            if self.was is None:
                raise Error("%s could not be removed again: %s" % (self.path, error.strerror)) from error
            keep(self.directory)
            raise Error(
                "%s could not be put back: %s. The old file is %s" % (self.path, error.strerror, self.old)
            ) from error

    def _is_as_made(self, there: Optional[os.stat_result]) -> bool:
        """Say whether what is there is what this has made of it, or not yet made."""
        if there is None:
            return self.text is None or self.was is None
        made = self.made is not None and os.path.samestat(there, self.made)
        return made and self.text is not None and read_file(self.name) == encode(self.text)


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
