# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations on disk to work on, and all that can be seen of them before and after."""

import os
import stat
import tempfile
from collections import namedtuple

Entry = namedtuple("Entry", "kind mode uid gid inode mtime content")


class Tree:
    """A directory with a main file ``sshd_config`` and what it includes.

    ``files`` maps names in it to texts or bytes; ``{d}`` in a text is the directory.
    """

    def __init__(self, parent, files):
        self.directory = tempfile.mkdtemp(prefix="tree-", dir=parent)
        os.chmod(self.directory, 0o755)  # noqa: S103
        os.mkdir(self.path("conf.d"), 0o755)
        for name, content in files.items():
            self.write(name, content)

    def path(self, name="sshd_config"):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        octets = content if isinstance(content, bytes) else content.replace("{d}", self.directory).encode()
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(octets.replace(b"{D}", self.directory.encode()))

    def read(self, name="sshd_config"):
        """Return the bytes of file ``name``, with ``{d}`` for the directory."""
        with open(self.path(name), "rb") as file:
            return file.read().replace(self.directory.encode(), b"{d}").decode("utf-8", "surrogateescape")

    def listing(self):
        """Return the names of all files, hidden ones too."""
        return sorted(name for name, entry in self.snapshot().items() if entry.kind != "directory")

    def snapshot(self):
        """Return ``{name: Entry}`` of everything in it, itself too."""
        return snapshot(self.directory)


def snapshot(directory):
    """Return ``{name: Entry}`` of everything in ``directory``, itself too."""
    found = {".": entry(directory)}
    for parent, directories, files in os.walk(directory):
        for name in directories + files:
            path = os.path.join(parent, name)
            found[os.path.relpath(path, directory)] = entry(path)
    return found


def entry(path):
    """Return the Entry of ``path`` itself, be it a link."""
    status = os.lstat(path)
    kind, content = "other", None
    if stat.S_ISLNK(status.st_mode):
        kind, content = "link", os.readlink(path)
    elif stat.S_ISDIR(status.st_mode):
        kind = "directory"
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            kind, content = "file", file.read()
    mode = stat.S_IMODE(status.st_mode)
    return Entry(kind, mode, status.st_uid, status.st_gid, status.st_ino, status.st_mtime_ns, content)


def contents(found):
    """Return a snapshot's files and links less what a change and its taking back alter: inodes, and times."""
    return {name: (one.kind, one.mode, one.uid, one.gid, one.content) for name, one in found.items()}
