# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ends of the TCP connections that are open, as /proc shows them."""

import contextlib
from typing import Dict, Tuple

from .._service.address import Address
from .._service.listener import numeric_host

ESTABLISHED = "01"  # TCP_ESTABLISHED in the kernel's include/net/tcp_states.h
MAPPED = "::ffff:"  # an address of IPv4 at a socket of IPv6, as inet_ntop(3) writes it


def ends(proc: str = "/proc") -> Dict[str, Tuple[Address, Address]]:
    """Return ``{name of the socket as a descriptor shows it: (local address, remote address)}``."""
    found = {}
    for table in (proc + "/net/tcp", proc + "/net/tcp6"):
        with contextlib.suppress(OSError), open(table) as file:
            for line in file:
                fields = line.split()
                if fields[3] == ESTABLISHED:
                    found["socket:[%s]" % fields[9]] = (_address(fields[1]), _address(fields[2]))
    return found


def _address(text: str) -> Address:
    host, port = text.split(":")
    numeric = numeric_host(host)
    mapped = numeric.startswith(MAPPED) and "." in numeric
    return numeric[len(MAPPED):] if mapped else numeric, int(port, 16)
