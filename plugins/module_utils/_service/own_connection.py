# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH connection that this call came in by: which sshd has it, and which rule is about it."""

import os
import re
from typing import NamedTuple, Optional, Sequence

from .._config.configuration import Configuration
from .._config.limits import Limit, as_read
from .._proof import examples
from .._proof.connection_spec import ConnectionSpec
from .._proof.people import groups_of_users
from .._proof.sshd import Sshd
from . import address, command_line, listener
from .address import Address
from .process import first_line, parent


class OwnConnection(NamedTuple):
    """The connection of ``user`` from the host ``client`` to ``server``, one of this host's addresses."""

    user: str
    client: str
    server: Address


def own_connection() -> Optional[OwnConnection]:
    """Return the connection that this process came in by, None where that can't be seen."""
    # sudo takes it out of the environment: it is in that of the process which sshd itself started.
    pid, below = os.getpid(), b""
    while pid > 1 and not first_line("/proc/%d/comm" % pid).startswith("sshd"):
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                below = file.read()
        except OSError:
            below = b""
        pid = parent(pid) or 0
    told = dict(one.split("=", 1) for one in os.fsdecode(below).split("\0") if "=" in one)
    ends = re.match(r"(\S+) \d+ (\S+) (\d+)\Z", told.get("SSH_CONNECTION", ""))
    if pid <= 1 or not ends or not told.get("LOGNAME"):
        return None
    client, host, port = ends.groups()
    return OwnConnection(told["LOGNAME"], _without_scope(client), (_without_scope(host), int(port)))


def obstacle(sshd: Sshd, configuration: Configuration) -> Optional[str]:
    """Return in words that this connection's sshd reads another configuration, None where that isn't certain."""
    own = own_connection()
    if own is None:
        return None
    port = own.server[1]
    addresses = {own.server, ("0.0.0.0", port), ("::", port)}  # noqa: S104 - to find who listens there
    sockets = listener.listening(addresses, sshd.path, "", configuration.main)
    lines = {command_line.of_process(one.pid) if one.pid and not one.activated else "" for one in sockets}
    if not lines or any(not line or command_line.reads(line, configuration.main) for line in lines):
        return None
    return (
        "Nothing was changed: the clones can't be opened from here. This connection came in at %s, where another sshd "
        "listens ('%s'), and not the one that reads %s. Let Ansible connect to that one (ansible_host, ansible_port), or "
        "set verify to false to do without this proof" % (address.text(own.server), sorted(lines)[0], configuration.main)
    )


def rule(sshd: Sshd, configuration: Configuration, limits: Sequence[Limit]) -> Optional[Limit]:
    """Return the rule among ``limits`` that is about this connection, None where none is known to be, or sshd says less."""
    own = own_connection()
    if own is None:
        return None
    spec = ConnectionSpec(own.user, own.client, own.client, own.server[0], str(own.server[1]))
    asked = [examples.pattern_lists((as_read(limit.match),)) for limit in limits[1:]]
    groups = groups_of_users([own.user], []).get(own.user, ()) if any("group" in one for one in asked) else ()
    met = examples.answerable(asked)
    met &= examples.Index(asked, "user").met([own.user]) & examples.Index(asked, "group").met(groups)
    for kind in examples.KINDS:
        met &= examples.met(asked, kind.criterion, getattr(spec, kind.key), kind.match)
    found = next((limit for number, limit in enumerate(limits[1:]) if met >> number & 1), None)
    if found is None:
        return None
    validation, effective = sshd.effective(configuration.main, spec)
    return None if validation.rc or effective.max_sessions < found.max_sessions else found


def _without_scope(host: str) -> str:
    return host.partition("%")[0]
