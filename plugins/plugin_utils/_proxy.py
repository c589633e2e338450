# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control socket in proxy mode: sends and reads at the same time until every session has its answer."""

import contextlib
import selectors
import socket
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

PIECE = 1 << 16
MOST_UNSENT = 1 << 22  # bytes; the requests for as many sessions as there may be are fewer


class Lost(Error):
    """The connection ended before every answer was there."""


class Silence(Lost):
    """The server fell silent before every answer was there."""


class Proxy:
    """A context manager around the control socket at ``path``; ``timeout`` is the longest silence in seconds."""

    def __init__(self, path, timeout):
        self.timeout = timeout
        self.frames = _mux.Frames()
        self.bodies = []
        self.out = b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.selector = selectors.DefaultSelector()
        try:
            self.socket.connect(path)
            self.socket.setblocking(False)
            self.selector.register(self.socket, selectors.EVENT_READ)
            self.out = _mux.mux_hello() + _mux.mux_proxy()
            _mux.check_hello(self._next())
            _mux.check_proxy(self._next())
        except OSError as error:
            self.close()
            raise Lost(f"the ssh client closed its control socket ({error.strerror})") from error
        except BaseException:
            self.close()
            raise

    def settle(self, channels, out):
        """Send ``out`` and read until ``channels`` wait for nothing; raise Silence, Lost or WireError."""
        self.out += out
        self._read(channels, "waiting", self.timeout)

    def watch(self, channels, seconds):
        """Read until no session of ``channels`` runs any more, or all that still do ran for ``seconds`` longer."""
        with contextlib.suppress(Silence):
            self._read(channels, "running", seconds)

    def _read(self, channels, count, seconds):
        """Read until ``count`` of ``channels`` is 0; raise Silence when it was the same for ``seconds``."""
        deadline = time.monotonic() + seconds
        while getattr(channels, count):
            before = getattr(channels, count)
            for body in self._take(deadline):
                self.out += channels.receive(body)
            if getattr(channels, count) < before:
                deadline = time.monotonic() + seconds
                # Neither end of a master's connection sets TCP_NODELAY. While we say nothing the server's next answers
                # wait for a delayed acknowledgement, 40 ms and more; anything that we send carries it at once.
                self.out += _mux.ignore()

    def close(self):
        """Hang up."""
        self.selector.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    def _next(self):
        deadline = time.monotonic() + self.timeout
        while not self.bodies:
            self.bodies = self._take(deadline)
        return self.bodies.pop(0)

    def _take(self, deadline):
        """Write what can be written, read what can be read, and return the bodies that it completed."""
        if self.bodies:
            bodies, self.bodies = self.bodies, []
            return bodies
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silence(f"no answer for {self.timeout:g} seconds")
        if len(self.out) > MOST_UNSENT:
            raise Lost("the server asks for more and takes nothing")
        self.selector.modify(self.socket, selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0))
        bodies = []
        for _key, ready in self.selector.select(left):
            try:
                if ready & selectors.EVENT_READ:
                    data = self.socket.recv(PIECE)
                    if not data:
                        raise Lost("the connection ended")
                    bodies = self.frames.feed(data)
                if ready & selectors.EVENT_WRITE and self.out:
                    self.out = self.out[self.socket.send(self.out[:PIECE]):]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Lost(f"the connection ended ({error.strerror})") from error
        return bodies
