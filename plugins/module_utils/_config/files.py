# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a configuration is read from, as they are or as they would be."""

import errno
import os
import stat
from typing import Any, BinaryIO, Dict, List, Mapping, Optional

from .._errors import Error, reading
from . import glob

Edits = Dict[str, Optional[str]]  # path -> its new text, None to remove it; in the order to make them


class Files:
    """The file system with ``edits`` made: path -> the text that it shall have, None where it shall be gone."""

    def __init__(self, edits: Optional[Mapping[str, Optional[str]]] = None) -> None:
        # By real paths: one file may be included by several names.
        self.edits: Dict[str, Optional[str]] = {os.path.realpath(path): text for path, text in (edits or {}).items()}

    def text(self, path: str) -> str:
        """Return the text of ``path``; bytes that are no UTF-8 come back the same from ``encode``. Raises Error."""
        edited = self.edits.get(os.path.realpath(path)) if self.edits else None
        if edited is not None:
            return edited
        with reading(path):
            return decode(read_file(path))

    def expand(self, pattern: str) -> List[str]:
        """Return the paths that ``pattern`` names to sshd, sorted by their bytes.

        A directory is none of them: sshd reads nothing from it.
        """
        return glob.expand(pattern, self.edits)


def read_file(path: str) -> bytes:
    """Return the octets of the file at ``path``, none of the null device, as sshd reads it. Raises OSError and Error."""
    about = os.stat(path)
    kind = _kind(about)
    if kind == "a directory":
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if kind and not _is_null_device(about):
        hint = ", at which sshd waits for ever" if kind == "a FIFO" else ""
        raise Error("%s%s. Remove it, or what names it" % (_named(path, kind), hint))
    # Should another be in its place by now, it must not hold up whoever opens it.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOCTTY)) as file:
        return file.read()


def require_replaceable(path: str) -> None:
    """Return if a file is at ``path``, or nothing; raise Error if something else is, OSError where that can't be seen."""
    kind = _kind(os.stat(path)) if os.path.exists(path) else None
    if kind:
        raise Error(
            "%s. Nothing was changed: only a file can be replaced or removed. Remove it, or choose another place"
            % _named(path, kind)
        )


def os_path(text: str) -> str:
    """Return the path ``text``, as Ansible or a file gives it, as the os module takes it in any locale. Raises Error."""
    if "\0" in text:
        raise Error("%r is no path: it has a NUL byte" % text)
    return os.fsdecode(encode(text))


def create(path: str) -> BinaryIO:
    """Return the new file at ``path``, open to be written; its owner alone may read it, whatever the umask is."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def flush(path: str) -> None:
    """Have what the file or directory at ``path`` holds outlive a power cut. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _kind(about: os.stat_result) -> Optional[str]:
    """Return what is there instead of a file, None if a file is."""
    if stat.S_ISREG(about.st_mode):
        return None
    if stat.S_ISDIR(about.st_mode):
        return "a directory"
    if stat.S_ISFIFO(about.st_mode):
        return "a FIFO"
    return "a socket" if stat.S_ISSOCK(about.st_mode) else "a device"


def _named(path: str, kind: str) -> str:
    leads = " (it leads to %s)" % os.path.realpath(path) if os.path.islink(path) else ""
    return "%s%s is %s" % (path, leads, kind)


def _is_null_device(about: os.stat_result) -> bool:
    return stat.S_ISCHR(about.st_mode) and about.st_rdev == os.stat(os.devnull).st_rdev


def decode(octets: bytes) -> str:
    """Return ``octets`` as text that ``encode`` turns into the same octets again."""
    return octets.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the octets of a ``text`` from ``decode``."""
    return text.encode("utf-8", "surrogateescape")


def readable(value: Any) -> Any:
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
