# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this host runs the sshd that reads a configuration."""

import os
from typing import List, NamedTuple, Optional, Sequence, Set, Tuple

from .._config import tree
from .._config.configuration import Configuration
from .._config.files import Files
from .._errors import Error
from .._proof.connection_spec import anyone
from .._proof.sshd import MEND, Run, Sshd, require_valid
from . import command_line, listener, unit
from .address import Address
from .listener import ListeningSocket

UNTOUCHED = "Nothing was signalled: sshd rejects its configuration and would end on a reload."


class Service(NamedTuple):
    """The sshd that listens for a configuration, or that would."""

    main: str
    addresses: Set[Address]  # on which the configuration says to listen
    pid_file: str
    sockets: Sequence[ListeningSocket]  # on which it listens
    pid: Optional[int]  # of the listener, None if there is none now
    unit: Optional[str]  # its systemd service, None if it is nobody's
    activated: bool  # whether process 1 listens and starts it
    verb: str = "reload"  # what makes its systemd service reload it, empty where nothing does

    @property
    def method(self) -> str:
        """How it is reloaded: ``systemd``, ``signal``, or why there is no need, ``socket``, ``none``."""
        if self.pid is None:
            return "socket" if self.activated else "none"
        return "systemd" if self.unit and self.verb else "signal"


def start_command(sshd: Sshd, configuration: Configuration) -> Optional[List[str]]:
    """Return the command that would start it again, None where another connection would, or none runs. Raises Error."""
    service = running(sshd, configuration)
    if service.pid is None or service.activated:
        return None
    if service.unit:
        return ["systemctl", "start", service.unit]
    line = command_line.of_process(service.pid)
    return command_line.to_start(line, os.path.abspath(sshd.path), configuration.main, sshd.command_line.options)


def running(sshd: Sshd, configuration: Configuration) -> Service:
    """Return the Service for ``configuration``. Raises Error if sshd rejects it, or another's listens there."""
    spec = anyone(tree.read(configuration.main, Files()))
    validation, effective = sshd.effective(configuration.main, spec)
    require_valid(validation, UNTOUCHED, MEND % configuration.main)
    addresses = effective.listen_addresses
    sockets = listener.listening(addresses, sshd.path, effective.pid_file, configuration.main)
    if not sockets:
        listener.require_nobody(addresses)
    pid = _only_pid(sockets, configuration)
    activated = any(one.activated for one in sockets)
    name, verb = _unit(pid, activated, sshd.run)
    return Service(configuration.main, addresses, effective.pid_file, sockets, pid, name, activated, verb)


def _only_pid(sockets: Sequence[ListeningSocket], configuration: Configuration) -> Optional[int]:
    """Return the process that listens on ``sockets``, None if none does; raise Error if it isn't this configuration's."""
    main = configuration.main
    pids = sorted({one.pid for one in sockets if one.pid})
    if len(pids) > 1:
        raise Error(
            "Nothing was signalled: several sshd share the addresses of %s (processes %s): end all but one" % (main, pids)
        )
    pid = pids[0] if pids else None
    if pid and not command_line.reads(command_line.of_process(pid), main):
        raise Error(
            "Nothing was signalled: process %d listens there, as '%s', but not with the configuration %s. "
            "Name the one that it uses in 'config'" % (pid, command_line.of_process(pid), main)
        )
    return pid


def _unit(pid: Optional[int], activated: bool, run: Run) -> Tuple[Optional[str], str]:
    """Return the systemd service whose main process is ``pid``, None if it is none's, and what makes it reload."""
    name = command_line.unit_of(pid) if pid and os.path.isdir("/run/systemd/system") else None
    shown = unit.show(name, run, "MainPID", "CanReload", "KillMode") if name else {}
    # A listener that somebody started by hand inside another service is not that service.
    if shown.get("MainPID") != str(pid):
        return None, ""
    if activated and shown.get("KillMode") == "process":
        # On SIGHUP sshd closes the socket that systemd holds, and can't open it again (10.0: "Cannot bind any
        # address"). A restart hands it over once more, and with this KillMode the sessions go on.
        return name, "try-restart"
    return name, "" if shown.get("CanReload") == "no" else "reload"
