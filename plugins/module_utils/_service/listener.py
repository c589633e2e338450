# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that accepts SSH connections, as /proc shows it."""

import contextlib
import os
import socket
import struct
from typing import Callable, Collection, Dict, Iterable, List, NamedTuple, Optional

from .._config.configuration import Configuration
from .._errors import Error
from .._proof.sshd import NO_OPTIONS, CommandLine, EffectiveConfiguration, Sshd
from . import address, command_line
from .address import Address
from .process import first_line, is_here, is_sshd, parent

LISTEN = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h


class ListeningSocket(NamedTuple):
    """A socket on ``address``, by its ``inode``, and who holds it open."""

    address: Address
    inode: str
    pid: Optional[int]  # of the sshd that holds it, None where there is none
    activated: bool  # whether process 1 holds it, to hand it to an sshd


def listening(addresses: Collection[Address], program: str, pid_file: str, main: str) -> List[ListeningSocket]:
    """Return the sockets on any of ``addresses`` that an sshd, which is ``program``, or process 1 in its stead, listens on.

    Where none is, those of the sshd that the file ``pid_file`` names, or else of one that reads the ``main`` file: that may
    have had another address, or its command line has.
    """
    held, pid = _held_sockets(program), first_line(pid_file)
    return (
        [one for one in held if one.address in addresses]
        or [one for one in held if pid and str(one.pid) == pid]
        or [one for one in held if _is_for(one.pid, main)]
    )


def others(known: Iterable[ListeningSocket], program: str, main: str) -> Dict[int, List[Address]]:
    """Return ``{pid: its addresses}`` of sshd that read the ``main`` file too, as with ``-p``, and hold none ``known``."""
    found: Dict[int, List[Address]] = {}
    for one in _held_sockets(program):
        if _is_for(one.pid, main) and one.pid not in [other.pid for other in known]:
            found.setdefault(one.pid, []).append(one.address)
    return found


def _is_for(pid: Optional[int], main: str) -> bool:
    """Say whether process ``pid``, an sshd that listens, reads the ``main`` file and is no connection's.

    Such a one, up to OpenSSH 9.7 an sshd too, listens for what its client forwards.
    """
    line = command_line.of_process(pid) if pid else ""
    return bool(line) and (" [listener]" in line or not line.startswith("sshd: ")) and command_line.reads(line, main)


def _held_sockets(program: str) -> List[ListeningSocket]:
    """Return the sockets on which an sshd, or process 1 in its stead, listens."""
    sockets = _listening_sockets()
    holders = _holders({one.inode for one in sockets}, program)
    held = []
    for one in sockets:
        pids = holders.get(one.inode, ())
        sshd = _oldest([pid for pid in pids if pid != 1 or is_sshd(1, program)])
        if pids:
            held.append(one._replace(pid=sshd, activated=1 in pids and sshd != 1))
    return held


def finder(configuration: Configuration) -> Callable[[Sshd, EffectiveConfiguration], CommandLine]:
    """Return what finds the CommandLine of the sshd that listens for ``configuration``.

    Where none runs it is that of the systemd service behind the socket that listens, and else nobody's.
    """

    def found(sshd: Sshd, effective: EffectiveConfiguration) -> CommandLine:
        pid = _pid(sshd, effective, configuration.main)
        line = command_line.of_process(pid) if pid else ""
        shown = {"process %d" % pid: line} if line else {}
        if os.path.isdir("/run/systemd/system") and (not line or (line.startswith("sshd: ") and " [listener]" not in line)):
            # Only here: where a listener shows all of its command line, nobody else need be asked.
            from . import unit  # noqa: PLC0415

            shown = unit.command_lines(sshd.run, command_line.unit_of(pid) if line else None)
        for whose, line in shown.items():
            given = command_line.options(line)
            if given and command_line.reads(line, configuration.main):
                service = command_line.unit_of(pid) if whose.startswith("process") else None
                return CommandLine(given, "%s, %s" % (whose, service) if service else whose)
        return NO_OPTIONS

    return found


def _pid(sshd: Sshd, effective: EffectiveConfiguration, main: str) -> Optional[int]:
    """Return the sshd that listens as is ``effective``, None if none is seen."""
    named, addresses = first_line(effective.pid_file), effective.listen_addresses
    if named.isdigit() and is_sshd(int(named), sshd.path) and command_line.reads(command_line.of_process(int(named)), main):
        # All other processes need not be looked through: it's this one, unless several share the PidFile.
        held = _held(int(named), {one.inode for one in _listening_sockets() if one.address in addresses})
        if held is None or held:
            return int(named)
    pids = [one.pid for one in listening(addresses, sshd.path, effective.pid_file, main) if one.pid]
    return next((pid for pid in pids if command_line.reads(command_line.of_process(pid), main)), next(iter(pids), None))


def require_nobody(addresses: Collection[Address]) -> None:
    """Raise Error if something of this system listens on any of ``addresses``: it may be an sshd that isn't known as one."""
    sockets = {one.inode: address.text(one.address) for one in _listening_sockets() if one.address in addresses}
    hidden = os.geteuid() != 0
    for pid in _processes() if sockets else ():
        held = _held(pid, sockets)
        hidden = hidden or held is None
        for inode in set(held or ()):
            where = sockets.pop(inode)
            if is_here(pid):
                raise Error(
                    "Nothing was signalled: process %d (%s) listens on %s, and is no sshd of root's or this user's own. If "
                    "it is the one that reads this configuration, name its program in 'sshd'. If not, end it, or change "
                    "Port or ListenAddress" % (pid, first_line("/proc/%d/comm" % pid), where)
                )
    # What root sees nobody hold is another container's, on the same network.
    if sockets and hidden:
        raise Error(
            "Nothing was signalled: something listens on %s, and who can't be seen, so that it may be sshd. Run this as "
            "root ('become: true')" % ", ".join(sorted(sockets.values()))
        )


def _listening_sockets() -> List[ListeningSocket]:
    """Return every listening TCP socket of this network namespace, without holders."""
    sockets = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError), open(table) as file:
            for line in list(file)[1:]:
                fields = line.split()
                if fields[3] == LISTEN:
                    host, port = fields[1].split(":")
                    sockets.append(ListeningSocket((numeric_host(host), int(port, 16)), fields[9], None, False))
    return sockets


def numeric_host(text: str) -> str:
    """Return the host of /proc/net/tcp's ``text``: 32-bit words in the machine's byte order."""
    words = [int(text[at:at + 8], 16) for at in range(0, len(text), 8)]
    return socket.inet_ntop(socket.AF_INET if len(words) == 1 else socket.AF_INET6, struct.pack("=%dI" % len(words), *words))


def _holders(inodes: Collection[str], program: str) -> Dict[str, List[int]]:
    """Return ``{inode: [pid, …]}`` of the sshd processes, and process 1, that hold those ``inodes`` open."""
    holders: Dict[str, List[int]] = {}
    for pid in _processes():
        if is_sshd(pid, program) or (pid == 1 and is_here(pid)):
            for inode in _held(pid, inodes) or ():
                holders.setdefault(inode, []).append(pid)
    return holders


def _processes() -> Iterable[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _held(pid: int, inodes: Collection[str]) -> Optional[List[str]]:
    """Return which of the sockets ``inodes`` process ``pid`` holds open, None where that can't be seen."""
    found, directory = [], "/proc/%d/fd" % pid
    try:
        for descriptor in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):
                name = os.readlink("%s/%s" % (directory, descriptor))
                if name.startswith("socket:[") and name[8:-1] in inodes:
                    found.append(name[8:-1])
    except PermissionError:
        return None
    except OSError:
        pass  # it is gone
    return found


def _oldest(pids: List[int]) -> Optional[int]:
    """Return the one of ``pids`` that no other is the parent of: a connection's process holds the socket for a moment."""
    return next((pid for pid in pids if parent(pid) not in pids), None)
