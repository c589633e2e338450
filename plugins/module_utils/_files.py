# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a configuration is read from, as they are or as they would be."""

import errno
import fnmatch
import glob
import os

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


class Files:
    """The file system under ``overlay``: path -> the text that it shall have, None where it shall be gone."""

    def __init__(self, overlay=None):
        self.overlay = overlay or {}

    def text(self, path):
        """Return the text of ``path``; bytes that are no UTF-8 come back the same from ``encode``. Raises Error."""
        if self.overlay.get(path) is not None:
            return self.overlay[path]
        try:
            with open(path, "rb") as file:
                return decode(file.read())
        except OSError as error:
            raise unreadable(path, error) from error

    def expand(self, pattern):
        """Return the paths that ``pattern`` names to sshd, sorted as glob(3) does in the C locale.

        A directory is none of them: sshd reads nothing from it.
        """
        pattern = pattern.replace("[^", "[!")
        found = {path for path in glob.glob(pattern) if not os.path.isdir(path)}
        found -= set(self.overlay)
        found |= {path for path, text in self.overlay.items() if text is not None and matches(path, pattern)}
        return sorted(found, key=os.fsencode)


HINTS = {
    errno.ENOENT: ": is openssh-server installed? 'config' names sshd's main file",
    errno.EISDIR: ": sshd takes a directory for an empty configuration; name its main file in 'config'",
    errno.EACCES: ": run as a user who may read it ('become: true')",
}


def unreadable(path, error):
    """Return the Error that says of the OSError ``error`` why ``path`` can not be read, and what to do."""
    hint = HINTS.get(error.errno, "")
    if error.errno == errno.ENOENT and os.path.islink(path):
        hint = ": it is a link that leads nowhere; mend it"
    return Error("%s: %s%s" % (path, os.strerror(error.errno), hint))


def matches(path, pattern):
    """Say whether glob(3) would name ``path`` for ``pattern``: no wildcard meets a slash or a leading dot."""
    names, patterns = path.split("/"), pattern.split("/")
    return len(names) == len(patterns) and all(
        fnmatch.fnmatchcase(name, wild) and (not name.startswith(".") or wild.startswith("."))
        for name, wild in zip(names, patterns)
    )


def decode(octets):
    """Return ``octets`` as text that ``encode`` turns into the same octets again."""
    return octets.decode("utf-8", "surrogateescape")


def encode(text):
    """Return the octets of a ``text`` from ``decode``."""
    return text.encode("utf-8", "surrogateescape")


def readable(value):
    """Return ``value`` with a replacement character for each byte that is no UTF-8: Ansible refuses a result with one.

    Texts in lists, and in the keys and values of dicts, are made readable too.
    """
    if isinstance(value, str):
        return encode(value).decode("utf-8", "replace")
    if isinstance(value, list):
        return [readable(one) for one in value]
    if isinstance(value, dict):
        return {readable(key): readable(one) for key, one in value.items()}
    return value
