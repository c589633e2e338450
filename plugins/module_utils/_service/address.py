# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address on which a server listens: who answers there, and whether one could."""

import contextlib
import socket
from typing import Tuple

Address = Tuple[str, int]  # (host, port) in numbers


def banner(address: Address, timeout: float) -> bytes:
    """Return the first octets that a server at ``address`` sends, empty if it doesn't within ``timeout`` seconds."""
    host, port = address
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - to connect to it
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout) as client:
        return client.recv(64)
    return b""


def is_free(address: Address) -> bool:
    """Say whether a server could listen at ``address``."""
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


def text(address: Address) -> str:
    """Return ``address`` as sshd writes it: ``HOST:PORT``, a host of IPv6 in brackets."""
    return ("[%s]:%d" if ":" in address[0] else "%s:%d") % address
