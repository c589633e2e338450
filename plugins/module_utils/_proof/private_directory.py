# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of this collection's own: made for one piece of work, held while it lasts, and gone with it.

One that is there and that nobody holds was left by a run that was killed.
"""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from typing import Iterator, List, Tuple

from .._config.files import flush

PREFIX = "multiplex-sshd-"
NAME = re.compile(r"\.?%s[a-z0-9_]{8}\Z" % PREFIX)  # what tempfile.mkdtemp() makes of it
# All that is ever put in one, "pending" up to 1.0.0. Another name in it is somebody else's, and so is the directory.
CONTENT = re.compile(r"(\d+|old|new|key|key\.pub|pending|revert|confirm|code\.zip|record\.json)\Z")
KEPT = 0o500  # the mode of one that holds what must not go


@contextlib.contextmanager
def private_directory(parent: str) -> Iterator[str]:
    """Give the path of a private directory in ``parent``, and remove it however the block ends. Raises OSError."""
    # A leading dot beside the configuration: an Include's pattern passes over it.
    path, handle = _made(parent, PREFIX if parent in temporary_directories() else "." + PREFIX)
    try:
        yield path
    finally:
        # It may have been renamed by now, to stay.
        if _names(path, handle) and not _is_kept(os.fstat(handle)):
            shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def keep(path: str) -> None:
    """Have the private directory at ``path`` stay: it holds what is nowhere else."""
    # Neither a full disk nor an immutable directory around it refuses that.
    with contextlib.suppress(OSError):
        os.chmod(path, KEPT)


def remove(path: str) -> None:
    """Remove the directory at ``path``, which was a private one: all at once, on a full disk too. Raises OSError."""
    parent = os.path.dirname(path)
    gone = os.path.join(parent, ".%s%s" % (PREFIX, os.urandom(4).hex()))
    os.rename(path, gone)
    flush(parent)  # or a power cut brings it back
    shutil.rmtree(gone, ignore_errors=True)


def kept(parent: str) -> List[str]:
    """Return the paths of the private directories in ``parent`` that earlier runs had to keep."""
    return [path for path in _ours(parent) if _is_kept(os.lstat(path))]


def abandoned(parent: str) -> List[str]:
    """Return the paths of the private directories in ``parent`` that nobody works in any more, nor has to keep."""
    found = []
    for path in _ours(parent):
        with contextlib.suppress(OSError), _held(path):
            found.append(path)
    return found


def remove_abandoned(parent: str) -> None:
    """Remove the private directories in ``parent`` that runs which were killed have left."""
    for path in abandoned(parent):
        with contextlib.suppress(OSError), _held(path):
            shutil.rmtree(path)


def temporary_directories() -> List[str]:
    """Return where temporary files may lie, the place for new ones first."""
    # Never where the process happens to be, as tempfile would: it may be somebody's home. What an Include names is a
    # pattern: a directory that reads as one would not name itself.
    places = [os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp"]  # noqa: S108 - each in there has a name that nobody foresees
    usable = [one for one in places if re.match(r"/[\w./-]*\Z", one) and os.access(one, os.W_OK | os.X_OK)]
    return usable or ["/tmp"]  # noqa: S108


def _made(parent: str, prefix: str) -> Tuple[str, int]:
    """Make a private directory and hold it; return its path and its descriptor."""
    while True:
        path = tempfile.mkdtemp(prefix=prefix, dir=parent)
        try:
            os.chmod(path, 0o700)  # whatever the umask is
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # another run took it for one that was left, and so it does below
        except BaseException:
            os.rmdir(path)
            raise
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _names(path, handle):
            return path, handle
        os.close(handle)


@contextlib.contextmanager
def _held(path: str) -> Iterator[None]:
    """Hold the directory at ``path`` if nobody does, and it is to go. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        about = os.fstat(handle)
        if stat.S_IMODE(about.st_mode) != 0o700 or not all(CONTENT.match(name) for name in os.listdir(path)):
            raise PermissionError
        yield
    finally:
        os.close(handle)


def _ours(parent: str) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for name in sorted(os.listdir(parent)):
            path = os.path.join(parent, name)
            if NAME.match(name):
                with contextlib.suppress(OSError):
                    about = os.lstat(path)
                    if stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid():
                        yield path


def _is_kept(about: os.stat_result) -> bool:
    return stat.S_IMODE(about.st_mode) == KEPT


def _names(path: str, handle: int) -> bool:
    """Say whether ``path`` names the directory that is open as ``handle``."""
    with contextlib.suppress(OSError):
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    return False
