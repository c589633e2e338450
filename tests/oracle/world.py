# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A World: a root directory with an sshd, users, and an /etc/ssh of its own, in namespaces of its own.

The machine's own root is one; so is any Debian that mmdebstrap has extracted. Nothing that happens in it is seen outside,
and it sees no process and no network but its own.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections import namedtuple
from multiprocessing.connection import Connection

import ansible
from throwaway_sshd import SSHD

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
HUNG = -99  # the exit status of what hangs
PROBE = "/mnt/probe"

# The keys of `sshd -C`.
Context = namedtuple("Context", "user host addr laddr lport", defaults=("client.invalid", "192.0.2.1", "192.0.2.2", "22"))

USERS = """\
root:x:0:0:root:/root:/bin/sh
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
alice:x:1001:1001::/home/alice:/bin/sh
bob:x:1002:1002::/home/bob:/bin/sh
carol:x:1003:2001::/home/carol:/bin/sh
dave:x:1004:1004::/home/dave:/bin/sh
"""
GROUPS = """\
root:x:0:
nogroup:x:65534:
alice:x:1001:
bob:x:1002:
dave:x:1004:
dba:x:2001:bob
staff:x:2002:alice,bob
void:x:2003:
"""

# $1 is the root directory, the rest the command. What is mounted goes with the mount namespace. /etc is a copy: a file that
# is mounted over one of its own is unmounted as soon as somebody outside replaces that one, as useradd does.
ENTER = r"""
set -eu
root=${1%/}; shift
mkdir -p "$root/mnt" "$root/srv" "$root/run" "$root/proc"
for place in mnt srv run; do mount -t tmpfs -o mode=755 tmpfs "$root/$place"; done
if [ -n "$root" ]; then
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
fi
mkdir -p "$root/run/sshd" "$root/mnt/tmp" "$root/mnt/lib/ansible" "$root/mnt/oracle" "$root/mnt/etc" \
    "$root/mnt/collections/ansible_collections/multiplex/sshd"
cp -r "$root/etc/." "$root/mnt/etc" 2>/dev/null || :
rm -rf "$root/mnt/etc/ssh"
mkdir "$root/mnt/etc/ssh"
mount --bind "$root/mnt/etc" "$root/etc"
mount -t tmpfs -o mode=755 tmpfs "$root/etc/ssh"
printf 'passwd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
cp "$ORACLE_FILES/passwd" "$ORACLE_FILES/group" "$root/etc"
cp "$ORACLE_FILES/key" "$root/mnt"
mount --bind "$ORACLE_ANSIBLE" "$root/mnt/lib/ansible"
mount --bind "$ORACLE_HERE" "$root/mnt/oracle"
mount --bind "$ORACLE_CHECKOUT" "$root/mnt/collections/ansible_collections/multiplex/sshd"
[ -z "$root" ] || set -- chroot "$root" "$@"
exec "$@"
"""


class World:
    """A context manager. ``sshd`` is the program's path inside ``root``."""

    def __init__(self, root="/", sshd=None):
        self.root = root
        self.sshd = sshd or (SSHD if root == "/" else "/usr/sbin/sshd")
        self.python = sys.executable if root == "/" else "/usr/bin/python3"
        self.version = None
        self.met = {}
        self.trees = self.runs = 0

    def __enter__(self):
        ours, theirs = socket.socketpair()
        words = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--net", "--kill-child"]
        words += [] if os.geteuid() == 0 else ["--map-root-user"]
        words += ["sh", "-c", ENTER, "sh", self.root, self.python, "-B", "/mnt/oracle/inside.py", str(theirs.fileno())]
        with tempfile.TemporaryDirectory() as files:
            for name, text in (("passwd", USERS), ("group", GROUPS)):
                with open(os.path.join(files, name), "w") as file:
                    file.write(text)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{files}/key"], check=True)
            environment = {
                "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
                "ORACLE_FILES": files,
                "ORACLE_HERE": HERE,
                "ORACLE_CHECKOUT": CHECKOUT,
                "ORACLE_ANSIBLE": os.path.dirname(ansible.__file__),
            }
            self.process = subprocess.Popen(words, pass_fds=[theirs.fileno()], env=environment)
            theirs.close()
            self.connection = Connection(ours.detach())
            self.lay({})  # answered once all is mounted
        self.version, words = self._call("version", self.sshd)
        if self.version is None:
            self.__exit__()
            raise OSError(f"{self.sshd} of {self.root} does not run there, or is no sshd: {words.strip()}")
        return self

    def __exit__(self, *exc):
        self.seconds, self.asked = self._call("spent")
        self.connection.close()
        self.process.wait(30)

    def _call(self, name, *arguments):
        self.connection.send((name, arguments))
        return self.connection.recv()

    def lay(self, entries):
        """Make the configuration ``entries`` and nothing else."""
        self.trees += 1
        self._call("lay", entries)

    def change(self, entries):
        """Make ``entries`` in the configuration as it is; None takes one away."""
        self._call("change", entries)

    def snapshot(self):
        """Return ``{path: (kind, mode, owner, group, inode, content or target)}``."""
        return self._call("snapshot")

    def content(self, path):
        """Return ``(octets, mode)`` of the file that ``path`` leads to."""
        return self._call("content", path)

    def module(self, seconds=60, **options):
        """Run the module with ``options``; return ``(exit status, what it printed, its other words)``."""
        self.runs += 1
        return self._call("run", {"sshd": self.sshd, **options}, seconds)

    def used(self):
        """Return the last run's seconds of CPU and MB of memory, sshd's included."""
        return self._call("used")

    def test(self, main):
        """Return ``(exit status, words)`` of `sshd -t`."""
        status, _out, words = self._call("ask", self.sshd, main, [None])[0]
        return status, words

    def said(self, main, contexts):
        """Return ``{context: (MaxSessions, {all other lines})}`` by `sshd -T -C`; both None where it refuses."""
        answers = self._call("ask", self.sshd, main, [specification(one) for one in contexts])
        return {one: parted(None if status else out) for one, (status, out, _words) in zip(contexts, answers, strict=True)}

    def max_sessions(self, main, contexts):
        """Return ``{context: MaxSessions}`` by `sshd -T -C`, None where it refuses."""
        return {context: number for context, (number, _rest) in self.said(main, contexts).items()}

    def temporary(self):
        """Return what is in the directory for temporary files."""
        return self._call("temporary")

    def meets(self, context, criteria):
        """Say whether sshd takes ``context`` for one whom a line `Match criteria` is about, None where it rejects it."""
        if (context, criteria) not in self.met:
            text = f"MaxSessions 1\nMatch {criteria}\nMaxSessions 2\n"
            self.change({PROBE: ("file", text.encode(), 0o600)})
            value = self.max_sessions(PROBE, [context])[context]
            self.met[context, criteria] = value and value == 2
        return self.met[context, criteria]


def parted(text):
    """Return ``(MaxSessions, the other lines)`` of what `sshd -T` says."""
    if text is None:
        return None, None
    lines = text.splitlines()
    numbers = [line for line in lines if line.lower().startswith("maxsessions ")]
    return int(numbers[0].split()[1]), frozenset(lines).difference(numbers)


def specification(context):
    """Return the Context ``context`` as the argument of `sshd -C`."""
    return ",".join(f"{key}={value}" for key, value in zip(context._fields, context))
