# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right to change a configuration, which one run at a time has."""

import contextlib
import fcntl
import os
import pwd
import stat
import time
from typing import Any, Iterator, Optional

from .._config.configuration import Configuration
from .._errors import Error, changing

PATIENCE = 60  # seconds


class Busy(Error):
    """Another run does not end."""


class NotOurs(Error):
    """What lies where the lock should is one that others may hold: no run takes it."""


class Lock:
    """A context manager that gives the right back which ``take`` has taken.

    The lock is on a file that is there as long as somebody has it, and that others can't open: whoever may read a file or a
    directory can lock it, and keep everybody waiting.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.descriptor: Optional[int] = None

    @property
    def is_held(self) -> bool:
        """Whether it is taken."""
        return self.descriptor is not None

    def take(self, patience: float = PATIENCE) -> None:
        """Have the lock from now on; wait ``patience`` seconds for another run to end. Raises Error."""
        if not self.is_held:
            self.descriptor = _hold(self.configuration, time.monotonic() + patience)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_exc: Any) -> None:
        if self.descriptor is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.configuration.lock)
            os.close(self.descriptor)
            self.descriptor = None


@contextlib.contextmanager
def locked(configuration: Configuration, patience: float = PATIENCE) -> Iterator[None]:
    """Let one run at a time change ``configuration``; wait ``patience`` seconds for another to end. Raises Error.

    If its main file is another by now, neither does a run change that one.
    """
    now = configuration._replace(real=os.path.realpath(configuration.main))
    with Lock(configuration) as lock, Lock(now) as other:
        lock.take(patience)
        if now.lock != configuration.lock and os.path.isdir(now.directory):
            other.take(patience)
        yield


def _hold(configuration: Configuration, deadline: float) -> int:
    """Return the descriptor of the lock file, locked."""
    path = configuration.lock
    while True:
        with changing(configuration.main):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            _require_ours(configuration, os.fstat(descriptor))
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had it before has removed it: another may have made a new one meanwhile.
            if _is_at(path, descriptor):
                os.fchmod(descriptor, 0o600)  # whatever the umask is
                return descriptor
            os.close(descriptor)
        except BlockingIOError as error:
            holder = _holder(os.fstat(descriptor).st_ino)
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise Busy(
                    "Nothing was changed: %s works on %s and does not end. Wait for it, or end it"
                    % (holder or "another run", configuration.main)
                ) from error
            time.sleep(0.02)
        except BaseException:
            os.close(descriptor)
            raise


def _require_ours(configuration: Configuration, about: os.stat_result) -> None:
    owners = (0, os.geteuid(), os.stat(configuration.directory).st_uid)
    if not stat.S_ISREG(about.st_mode) or about.st_uid not in owners or about.st_mode & 0o077:
        raise NotOurs(
            "Nothing was changed: %s is not this collection's: others may hold it. Look at it and remove it"
            % configuration.lock
        )


def _is_at(path: str, descriptor: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    return False


def _holder(inode: int) -> Optional[str]:
    """Return who has the lock on the file with that ``inode``, in words, None where the kernel doesn't tell."""
    with contextlib.suppress(OSError, KeyError), open("/proc/locks") as file:
        for line in file:
            # "1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END": a file system may show another device than stat.
            fields = line.split()
            if fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == str(inode):
                user = pwd.getpwuid(os.stat("/proc/" + fields[4]).st_uid).pw_name
                return "process %s of %s" % (fields[4], user)
    return None
