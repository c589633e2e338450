# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the whole configuration under a private directory, which sshd judges as it would judge the real one."""

import contextlib
import os
from typing import Iterator

from .._config import syntax
from .._config.files import create, encode
from .._config.tree import Tree
from .._errors import Error
from .private_directory import private_directory, temporary_directories
from .sshd import Validation


class Stage:
    """A staged tree: ``main`` is the path of its main file."""

    def __init__(self, tree: Tree, directory: str) -> None:
        self.real = {os.path.join(directory, str(number)): path for number, path in enumerate(tree.files)}
        self.staged = {path: name for name, path in self.real.items()}
        self.main = self.staged[tree.main]
        for path, text in tree.files.items():
            with create(self.staged[path]) as file:
                file.write(encode(self._with_staged_includes(tree, path, text, directory)))

    def _with_staged_includes(self, tree: Tree, path: str, text: str, directory: str) -> str:
        lines = syntax.lines(text)
        for (including, number), included in tree.includes.items():
            if including == path:
                # An unmet Include stays one: sshd passes over a file that is not there.
                names = [self.staged[one] for one in included] or [os.path.join(directory, "nothing")]
                lines[number - 1] = "Include " + " ".join(names)
        return "\n".join(lines)

    def translate(self, validation: Validation) -> Validation:
        """Return ``validation`` with sshd's words about the real paths in place of the staged ones."""
        words = validation.stderr
        for name in sorted(self.real, key=len, reverse=True):
            words = words.replace(name, self.real[name])
        return validation._replace(stderr=words)


@contextlib.contextmanager
def staged(tree: Tree) -> Iterator[Stage]:
    """Give a Stage of ``tree``, and remove it however the block ends. Raises Error."""
    place = temporary_directories()[0]
    with contextlib.ExitStack() as removed:
        try:
            stage = Stage(tree, removed.enter_context(private_directory(place)))
        except OSError as error:
            raise Error(
                "Nothing was changed: the copy for sshd to judge can't be laid in %s: %s. Make room there, or name another "
                "directory in TMPDIR" % (place, error.strerror)
            ) from error
        yield stage
