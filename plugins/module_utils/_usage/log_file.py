# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain log files: the system's or sshd's own, with those that a log rotation made of them."""

import bz2
import contextlib
import errno
import glob
import gzip
import itertools
import lzma
import os
import re
import stat
import zlib
from typing import Any, Callable, Dict, Iterator, List, Optional

from .._config.files import decode
from . import entry, message, moment
from .entry import Entry
from .process import NAMES

SYSTEM = ("/var/log/auth.log", "/var/log/secure")
ROTATED = re.compile(r"(?:[.-]\d+)*(?:\.(?:gz|xz|bz2|zst))?\Z")
OPENERS: Dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
LONGEST = 8192  # octets of a line that are looked at; sshd's are shorter
BROKEN = 2  # lines that may be in front of the first with a date: what is left of one, or what a crash left
OTHERS = re.compile((r"(?:%s)\[\d+\]: " % "|".join(NAMES)).encode())  # in a line of the system's, and in none of sshd's own
DATED = re.compile("(%s) " % moment.STAMP)
UNKNOWN = "no date in a form that is known stands in front of its lines"
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
    """Return the moment of the first line with a date, None where none is. Raises OSError and what else is UNREADABLE."""
    for line in itertools.islice(_lines(path), BROKEN + 1):
        found = _time(line, os.stat(path).st_mtime)
        if found is not None:
            return found
    return None


def read(
    path: str,
    since: float,
    until: Optional[float],
    take: Callable[[Optional[Entry]], None],
    own: Optional[bool] = None,
) -> None:
    """Give sshd's entries of a file from ``since`` on and before ``until`` to ``take``, None for one that tells nothing.

    ``own`` is whether sshd writes it itself, None where the file has to tell. Raises what is UNREADABLE.
    """
    latest = os.stat(path).st_mtime
    dated = not own if own is not None else any(map(_is_dated, itertools.islice(_lines(path), BROKEN)))
    known, line = not dated, b""
    for line in _lines(path):
        known = known or _is_dated(line)
        if dated and (b"sshd" not in line or not known):
            continue
        if own is None and not dated and OTHERS.search(line):
            raise OSError(errno.EINVAL, UNKNOWN)
        found = None
        if message.may_tell(line):
            found = entry.of_line(line, latest) if dated else entry.of_own_line(line)
            if found is None or (found.time is not None and not since <= found.time < (until or found.time + 1)):
                continue
        take(found)
    if line and not known:
        raise OSError(errno.EINVAL, UNKNOWN)


def _is_dated(line: bytes) -> bool:
    return DATED.match(decode(line)) is not None


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
