# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain log files: the system's or sshd's own, with those that a log rotation made of them."""

import bz2
import contextlib
import errno
import glob
import gzip
import lzma
import os
import re
import stat
import zlib
from typing import Any, Callable, Dict, Iterator, List, Optional

from .._config.files import decode
from . import entry, message, moment
from .entry import Entry

SYSTEM = ("/var/log/auth.log", "/var/log/secure")
ROTATED = re.compile(r"(?:[.-]\d+)*(?:\.(?:gz|xz|bz2|zst))?\Z")
OPENERS: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
LONGEST = 8192  # octets of a line that are looked at; sshd's are shorter
DATED = re.compile("(%s) " % moment.STAMP)
UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error)


def family(path: str, since: float) -> List[str]:
    """Return ``path`` and those that were rotated away from it and written to since a moment, oldest first."""
    found = []
    for name in glob.glob(glob.escape(path) + "*"):
        if ROTATED.match(name[len(path):]):
            with contextlib.suppress(OSError):
                status = os.stat(name)
                if stat.S_ISREG(status.st_mode) and (status.st_mtime >= since or name == path):
                    found.append((name == path, status.st_mtime, name))
    return [name for _last, _time, name in sorted(found)]


def beginning(path: str) -> Optional[float]:
    """Return the moment of the first line, None where it has no date. Raises OSError and what else is UNREADABLE."""
    for line in _lines(path):
        return _time(line, os.stat(path).st_mtime)
    return None


def read(path: str, since: float, until: Optional[float], take: Callable[[Optional[Entry]], None]) -> None:
    """Give sshd's entries of a file from ``since`` on and before ``until`` to ``take``, None for one that tells nothing.

    Raises what is UNREADABLE.
    """
    latest = os.stat(path).st_mtime
    dated: Optional[bool] = None
    for line in _lines(path):
        if dated is None:
            dated = DATED.match(decode(line)) is not None
        if dated and b"sshd" not in line:
            continue
        found = None
        if message.may_tell(line):
            found = entry.of_line(line, latest) if dated else entry.of_own_line(line)
            if found is None or (found.time is not None and not since <= found.time < (until or found.time + 1)):
                continue
        take(found)


def _time(line: bytes, latest: float) -> Optional[float]:
    found = DATED.match(decode(line))
    return moment.stamped(found.group(1), latest) if found else None


def _lines(path: str) -> Iterator[bytes]:
    """Yield the lines of a file, of each no more than LONGEST octets."""
    ending = os.path.splitext(path)[1]
    if ending == ".zst":
        raise OSError(errno.ENOTSUP, "compressed with zstd, which Python can't undo here")
    with OPENERS.get(ending, open)(path, "rb") as file:
        whole = True
        for line in iter(lambda: file.readline(LONGEST), b""):
            if whole:
                yield line
            whole = line.endswith(b"\n")
