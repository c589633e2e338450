# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the whole configuration under a private directory, which sshd judges as it would judge the real one."""

import contextlib
import os
import re
import shutil
import tempfile

from ansible_collections.multiplex.sshd.plugins.module_utils import _syntax
from ansible_collections.multiplex.sshd.plugins.module_utils._files import encode


class Stage:
    """A staged tree: ``main`` is the path of its main file."""

    def __init__(self, tree, directory):
        self.real = {os.path.join(directory, str(number)): path for number, path in enumerate(tree.files)}
        self.staged = {path: name for name, path in self.real.items()}
        self.main = self.staged[tree.main]
        for path, text in tree.files.items():
            with open(self.staged[path], "wb") as file:
                file.write(encode(self._text(tree, path, text, directory)))

    def _text(self, tree, path, text, directory):
        lines = _syntax.lines(text)
        for (including, number), found in tree.includes.items():
            if including == path:
                # An unmet Include stays one: sshd passes over a file that is not there.
                names = [self.staged[item] for item in found] or [os.path.join(directory, "nothing")]
                lines[number - 1] = "Include " + " ".join(names)
        return "\n".join(lines)

    def translate(self, words):
        """Return sshd's ``words`` with the real paths in place of the staged ones."""
        for name in sorted(self.real, key=len, reverse=True):
            words = words.replace(name, self.real[name])
        return words


@contextlib.contextmanager
def staged(tree):
    """Give a Stage of ``tree``, and remove it however the block ends."""
    # An Include's argument is a pattern: a temporary directory that reads as one would not name itself.
    plain = re.match(r"[\w./-]+\Z", tempfile.gettempdir())
    directory = tempfile.mkdtemp(prefix="multiplex-sshd-", dir=None if plain else "/tmp")  # noqa: S108 - a name of its own there
    try:
        yield Stage(tree, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
