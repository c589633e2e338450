# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files replaced whole, by rename, with all that hangs on them; and put back if anything goes wrong."""

import contextlib
import errno
import fcntl
import glob
import os
import shutil
import signal
import stat
import tempfile
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._files import encode, unreadable

ACL = "system.posix_acl_access"
ROOM = ".multiplex-"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HINTS = {
    errno.EACCES: ": run as a user who may write there ('become: true')",
    errno.EPERM: ": run as its owner or root ('become: true'); if you did, is it immutable (lsattr)?",
    errno.EROFS: ": the file system is read-only",
    errno.EBUSY: ": it is a mount of its own; replace it where it is mounted from",
    errno.EXDEV: ": it is a mount of its own; replace it where it is mounted from",
}


class NotRestored(Error):
    """The old file could not be put back: it stays where it is, the only one there is."""


@contextlib.contextmanager
def locked(config):
    """Let one run at a time work on the configuration of main file ``config``; waits for the other to end. Raises Error."""
    # The directory itself carries the lock: nothing is created, and a killed run holds nothing.
    try:
        directory = os.open(os.path.dirname(os.path.realpath(config)), os.O_RDONLY)
    except OSError as error:
        raise unreadable(config, error) from error
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


@contextlib.contextmanager
def unwinding():
    """Have SIGINT, SIGTERM and SIGHUP end the block as an exception does, so that all is undone.

    Gives a function to call once all is well: from then on they are ignored to the end of the block.
    """
    # Whoever ignores one, as nohup does, is left to.
    before = {number: signal.getsignal(number) for number in ENDINGS if signal.getsignal(number) != signal.SIG_IGN}

    ended = []

    def end(number, _frame):
        ended.append("ended by signal %d" % number)
        done()

    def done():
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        if ended:
            raise SystemExit(ended[0])

    for number in before:
        signal.signal(number, end)
    try:
        yield done
        # What a handler raises is lost where Python ignores exceptions, as in what it calls after a fork.
        if ended:
            raise SystemExit(ended[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def room(directory):
    """Give the path of a private directory in ``directory``, and remove it however the block ends."""
    # A leading dot: an Include's pattern passes over it.
    path = tempfile.mkdtemp(prefix=ROOM, dir=directory)
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
        shutil.rmtree(path, ignore_errors=True)
    except BaseException as error:
        if not isinstance(error, NotRestored):
            shutil.rmtree(path, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def swept(directories):
    """Remove the private directories that runs which were killed have left in ``directories``."""
    for directory in directories:
        for path in glob.glob(os.path.join(glob.escape(directory), ROOM + "*")):
            with contextlib.suppress(OSError):
                handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever works in one holds it
                    shutil.rmtree(path)
                finally:
                    os.close(handle)


@contextlib.contextmanager
def replaced(candidate, model, copied=False):
    """Put ``candidate``, ``{path: text, None to remove it}``, in place; put all back unless the block ends well.

    A new file gets the owner and mode of the file ``model``, ``copied`` all that hangs on it. Raises Error with nothing
    changed.
    """
    with contextlib.ExitStack() as cleared, contextlib.ExitStack() as undo:
        for path, text in candidate.items():
            with explained(path):
                _put(os.path.realpath(path), text, model, copied, cleared, undo)
        yield
        undo.pop_all()


@contextlib.contextmanager
def kept(candidate, config):
    """Copy each file of ``candidate`` that exists to a dated name beside ``config``; give ``{path: its copy}``.

    Never beside a drop-in: an Include that takes every name would read the copy too. No copy is kept of what was not
    replaced: if the block fails, they go.
    """
    copies = {}
    with contextlib.ExitStack() as undo:
        for path in candidate:
            if os.path.exists(path):
                name = "%s.%s~" % (os.path.basename(path), time.strftime("%Y-%m-%d@%H:%M:%S"))
                copies[path] = os.path.join(os.path.dirname(os.path.realpath(config)), name)
                with explained(path):
                    copy(path, copies[path])
                undo.callback(_gone, copies[path])
        yield copies
        undo.pop_all()


def copy(path, to):
    """Make the new file ``to`` a copy of ``path`` with all that hangs on it."""
    with open(path, "rb") as file, contextlib.ExitStack() as undo:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            undo.callback(_gone, to)
            shutil.copyfileobj(file, new)
            _dress(new.fileno(), path, path)
        undo.pop_all()


def _put(path, text, model, copied, cleared, undo):
    """Make ``path`` hold ``text``, or be gone where it is None, through a private directory beside it."""
    directory = os.path.dirname(path)
    place = cleared.enter_context(room(directory))
    old, new = os.path.join(place, "old"), os.path.join(place, "new")
    if os.path.exists(path):
        # The very file, not a copy: put back, it is the same in every respect.
        os.link(path, old)
        undo.callback(_restored, old, path)
    else:
        undo.callback(_gone, path)
    if text is None:
        os.unlink(path)
    else:
        with open(new, "wb") as file:
            file.write(encode(text))
            file.flush()
            _dress(file.fileno(), path if os.path.exists(path) else model if copied else None, model)
            os.fsync(file.fileno())
        os.rename(new, path)
    _flush(directory)


def _restored(old, path):
    try:
        os.rename(old, path)
    except OSError as error:
        raise NotRestored("%s could not be put back: %s. The old file is %s" % (path, error.strerror, old)) from error


def _gone(path):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _flush(directory):
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _dress(handle, path, model):
    """Give the open file owner, mode, ACL, SELinux label and the like of ``path``; owner and mode of ``model`` without."""
    found = os.stat(path or model)
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (found.st_uid, found.st_gid):
        os.fchown(handle, found.st_uid, found.st_gid)
    if path and ACL in os.listxattr(handle) and ACL not in os.listxattr(path):
        # The directory's default ACL came with the new file.
        os.removexattr(handle, ACL)
    os.fchmod(handle, stat.S_IMODE(found.st_mode))
    for name in os.listxattr(path) if path else ():
        value = os.getxattr(path, name)
        if name not in os.listxattr(handle) or os.getxattr(handle, name) != value:
            os.setxattr(handle, name, value)


@contextlib.contextmanager
def explained(path):
    """Raise Error for an OSError of the block: that ``path`` was not changed, why, and what to do."""
    try:
        yield
    except OSError as error:
        raise Error("%s was not changed: %s%s" % (path, error.strerror, HINTS.get(error.errno, ""))) from error
