# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs inside a World: lays trees, runs the module in a fork of this process, and asks sshd.

Python 3.8 is enough, for a World may be an older Debian. Started as ``inside.py DESCRIPTOR``; requests and answers are
pickled tuples on that socket.
"""

import importlib
import json
import os
import pkgutil
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

sys.path[:0] = ["/mnt/lib", "/mnt/collections"]
os.environ.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", TMPDIR="/mnt/tmp", LC_ALL="C.UTF-8", HOME="/root")
tempfile.tempdir = "/mnt/tmp"

from ansible.module_utils import basic  # noqa: E402
from ansible_collections.multiplex.sshd.plugins import module_utils  # noqa: E402
from ansible_collections.multiplex.sshd.plugins.modules import max_sessions  # noqa: E402

for one in pkgutil.walk_packages(module_utils.__path__, module_utils.__name__ + "."):
    importlib.import_module(one.name)  # what main() imports at need is there in each fork

PLACES = ("/etc/ssh", "/srv")  # each a file system of this World's own
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
SECONDS = 60  # after which a module, or an sshd, hangs
HUNG = -99  # the exit status of what does
MOST = 10000  # answers that are kept, of 4 kB each
answers = {}  # {((sshd, main file, hash of the tree), specification): sshd's answer}
asked = [0]  # how often it was
usage = [0, 0]  # seconds of CPU and MB of memory that the last run took, with the sshd that it asked


def lay(entries):
    """Empty PLACES and make ``entries``, ``{path: (kind, …)}`` as in trees.py, with a host key beside them."""
    for place in PLACES:
        for name in os.listdir(place):
            path = os.path.join(place, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
    shutil.copy("/mnt/key", HOST_KEY)
    change(entries)


def change(entries):
    """Make ``entries`` in the tree as it is; None takes one away."""
    for path, entry in entries.items():
        kind, rest = (entry[0], entry[1:]) if entry else (None, ())
        if os.path.lexists(path) and kind not in ("file", "directory"):
            os.unlink(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind == "file":
            with open(path, "wb") as file:
                file.write(rest[0])
            os.chmod(path, rest[1])
        elif kind == "link":
            os.symlink(rest[0], path)
        elif kind == "directory":
            os.makedirs(path, exist_ok=True)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(path)


def snapshot():
    """Return ``{path: (kind, mode, owner, group, inode, content or target)}`` of all that is in PLACES."""
    found = {}
    for place in PLACES:
        for folder, folders, names in os.walk(place):
            for name in folders + names:
                path = os.path.join(folder, name)
                about = os.lstat(path)
                content = None
                if stat.S_ISREG(about.st_mode):
                    with open(path, "rb") as file:
                        content = file.read()
                elif stat.S_ISLNK(about.st_mode):
                    content = os.readlink(path)
                kind = stat.S_IFMT(about.st_mode)
                found[path] = (kind, stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid, about.st_ino, content)
    return found


def content(path):
    """Return ``(octets, mode)`` of the file that ``path`` leads to."""
    with open(path, "rb") as file:
        return file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode)


def spent():
    """Return the seconds of CPU that this World has taken so far, and how often it asked sshd."""
    return sum(os.times()[:4]), asked[0]


def used():
    """Return the last run's seconds of CPU and MB of memory, those of the programs that it called included."""
    return tuple(usage)


def temporary():
    """Return what is in the directory for temporary files."""
    return os.listdir("/mnt/tmp")


def run(options, seconds=SECONDS):
    """Run the module's main() with ``options`` in a fork; return ``(exit status, what it printed, its other words)``."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
            basic._ANSIBLE_PROFILE = "legacy"  # core 2.19 and later: how the result is serialized
            _main()
        status = _waited(child, seconds)
        out.seek(0)
        err.seek(0)
        return status, out.read().decode("utf-8", "backslashreplace"), err.read().decode("utf-8", "backslashreplace")


def _main():
    status = 1
    try:
        max_sessions.main()
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def _waited(child, seconds):
    deadline = time.monotonic() + seconds
    while True:
        pid, status, used = os.wait4(child, os.WNOHANG)
        if pid:
            usage[:] = [used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]
            return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return HUNG
        time.sleep(0.002)


def ask(sshd, main, specifications):
    """Return ``[(exit status, output, words)]`` of `sshd -T` for each of the texts that -C takes; None: `sshd -t`.

    A tree that is what it was once more is not asked about anew.
    """
    found = snapshot()
    tree = tuple((path, *one[:4], one[5]) for path, one in sorted(found.items()))
    tree = sshd, main, hash((tree, None if main in found else content(main)))
    if len(answers) > MOST:
        answers.clear()
    missing = [one for one in dict.fromkeys(specifications) if (tree, one) not in answers]
    asked[0] += len(missing)
    with ThreadPoolExecutor(2) as some:
        answers.update(zip([(tree, one) for one in missing], some.map(lambda one: _answer(sshd, main, one), missing)))
    return [answers[tree, one] for one in specifications]


def _answer(sshd, main, one):
    words = [sshd, "-t", "-f", main] if one is None else [sshd, "-T", "-f", main, "-C", one]
    try:
        pipe = subprocess.PIPE
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return HUNG, "", "hangs"
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def version(sshd):
    """Return what sshd calls itself, and its words; None where it calls itself nothing."""
    try:
        done = subprocess.run([sshd, "-V"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except OSError as error:
        return None, str(error)
    found = re.search(rb"OpenSSH_[^ ,]+", done.stdout)
    return found and found.group().decode(), done.stdout.decode("latin-1")


def serve(connection):
    """Answer requests until the other side is gone."""
    while True:
        try:
            name, arguments = connection.recv()
        except EOFError:
            return
        connection.send(globals()[name](*arguments))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
