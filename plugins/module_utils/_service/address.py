# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address on which a server listens: who answers there, and whether one could."""

import contextlib
import errno
import os
import select
import socket
import time
from typing import Collection, Iterable, Optional, Tuple

Address = Tuple[str, int]  # (host, port) in numbers


def greeted(addresses: Collection[Address], timeout: float) -> Optional[bool]:
    """Say whether an sshd greets this host at any of ``addresses``; None if some are silent for ``timeout`` seconds.

    It needn't: an address may be one that this host can't reach, and TCP wrappers may let nobody in from here.
    """
    # sshd may refuse for a while whoever leaves without logging in (PerSourcePenalties): not those who come from this host,
    # through a tunnel or a jump, as long as another of its addresses can ask.
    ipv4 = [one for one in addresses if ":" not in one[0]]
    return _greeted(ipv4, timeout / 2, _nobodys()) or _greeted(addresses, timeout / 2)


def _nobodys() -> str:
    """Return an address of this host's that nobody else comes from, another one for each process."""
    pid = os.getpid()
    return "127.%d.%d.%d" % (64 + (pid >> 16), pid >> 8 & 255, pid & 255)


def _greeted(addresses: Iterable[Address], timeout: float, source: str = "") -> Optional[bool]:
    deadline = time.monotonic() + timeout
    with contextlib.ExitStack() as opened:
        waiting = []
        for host, port in addresses:
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - to connect to it
            with contextlib.suppress(OSError):
                client = opened.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
                client.setblocking(False)
                if source:
                    client.bind((source, 0))
                if client.connect_ex((host, port)) in (0, errno.EINPROGRESS):
                    waiting.append(client)
        while waiting and time.monotonic() < deadline:
            for client in select.select(waiting, [], [], max(0, deadline - time.monotonic()))[0]:
                with contextlib.suppress(OSError):
                    if client.recv(64).startswith(b"SSH-"):
                        return True
                waiting.remove(client)
        return None if waiting else False


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
