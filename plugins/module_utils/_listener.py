# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that accepts SSH connections, as /proc shows it."""

import contextlib
import glob
import os
import re
import socket
import struct
from collections import namedtuple

LISTEN = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h

# address: (host, port) in numbers; inode: names the socket; pid: of the sshd that holds it open, None where there is
# none; activated: whether process 1 holds it, to hand it to an sshd.
Socket = namedtuple("Socket", "address inode pid activated")


def wanted(values):
    """Return the set of ``(host, port)`` that sshd listens on by the ``values`` of `sshd -T`."""
    found = set()
    for value in values.get("listenaddress", ()):
        host, _colon, port = value.split(" ")[0].rpartition(":")
        found.add((host.strip("[]"), int(port)))
    return found


def listening(addresses, pid_file=None):
    """Return the Sockets on any of ``addresses`` that an sshd, or process 1 in its stead, listens on.

    Where none is, those of the sshd that the file ``pid_file`` names: its configuration may have had another address.
    """
    sockets = _sockets()
    holders = _holders({one.inode for one in sockets})
    held = []
    for one in sockets:
        pids = holders.get(one.inode, ())
        sshd = _oldest([pid for pid in pids if _is_sshd(pid)])
        if pids:
            held.append(one._replace(pid=sshd, activated=1 in pids and sshd != 1))
    pid = _first_line(pid_file)
    return [one for one in held if one.address in addresses] or [one for one in held if pid and str(one.pid) == pid]


def banner(address, timeout):
    """Return the first octets that a server at ``(host, port)`` sends, empty if it doesn't within ``timeout`` seconds."""
    host, port = address
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - to connect to it
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout) as client:
        return client.recv(64)
    return b""


def is_free(address):
    """Say whether a server could listen at ``(host, port)``."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            trial.bind(address)
            trial.listen(1)
        except OSError:
            return False
    return True


def text(address):
    """Return ``(host, port)`` as sshd writes it: ``HOST:PORT``, a host of IPv6 in brackets."""
    return ("[%s]:%d" if ":" in address[0] else "%s:%d") % address


def arguments(pid):
    """Return the command line of process ``pid`` as it shows itself, empty if it is gone."""
    with contextlib.suppress(OSError), open("/proc/%d/cmdline" % pid, "rb") as file:
        return os.fsdecode(file.read()).replace("\0", " ").strip()
    return ""


def unit(pid):
    """Return the systemd service that process ``pid`` runs in, None if it runs in none."""
    with contextlib.suppress(OSError), open("/proc/%d/cgroup" % pid) as file:
        found = re.search(r"(?m)^(?:\d+:name=systemd|0:):.*/([^/]+\.service)(?:/[^/]+)?$", file.read())
        return found and found.group(1)
    return None


def _sockets():
    """Return every listening TCP Socket of this network namespace, without holders."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError), open(table) as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == LISTEN:
                    host, port = fields[1].split(":")
                    found.append(Socket((_host(host), int(port, 16)), fields[9], None, False))
    return found


def _host(text):
    """Return the numeric host of /proc/net/tcp's ``text``: 32-bit words in the machine's byte order."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    return socket.inet_ntop(socket.AF_INET if len(words) == 1 else socket.AF_INET6, struct.pack("=%dI" % len(words), *words))


def _holders(inodes):
    """Return ``{inode: [pid, …]}`` of the sshd processes, and process 1, that hold those ``inodes`` open."""
    names = {"socket:[%s]" % inode: inode for inode in inodes}
    holders = {}
    for directory in glob.glob("/proc/[0-9]*"):
        pid = int(directory[6:])
        if pid == 1 or _is_sshd(pid):
            with contextlib.suppress(OSError):
                for descriptor in os.listdir(directory + "/fd"):
                    with contextlib.suppress(OSError):
                        name = os.readlink("%s/fd/%s" % (directory, descriptor))
                        if name in names:
                            holders.setdefault(names[name], []).append(pid)
    return holders


def _oldest(pids):
    """Return the one of ``pids`` that no other is the parent of: a connection's process holds the socket for a moment."""
    return next((pid for pid in pids if _parent(pid) not in pids), None)


def _parent(pid):
    # The name before it, in parentheses, may hold anything.
    fields = _first_line("/proc/%d/stat" % pid).rpartition(")")[2].split()
    return int(fields[1]) if fields else None


def _is_sshd(pid):
    # Not the path of the program: an upgrade replaces the file under a listener that goes on.
    return _first_line("/proc/%d/comm" % pid) == "sshd"


def _first_line(path):
    with contextlib.suppress(OSError, TypeError), open(path) as file:
        return file.readline().strip()
    return ""
