# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket's wire: the hello of OpenSSH's PROTOCOL.mux, then RFC 4254 messages in its proxy framing."""

import struct

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils._words import printable

VERSION = 4
HELLO = 0x00000001
C_PROXY = 0x1000000F
S_PERMISSION_DENIED = 0x80000002
S_FAILURE = 0x80000003
S_PROXY = 0x8000000F

IGNORE = 2
OPEN = 90
OPEN_CONFIRMATION = 91
OPEN_FAILURE = 92
WINDOW_ADJUST = 93
DATA = 94
EXTENDED_DATA = 95
EOF = 96
CLOSE = 97
REQUEST = 98
SUCCESS = 99
FAILURE = 100

REASONS = {  # RFC 4254, 5.1
    1: "administratively prohibited",
    2: "connect failed",
    3: "unknown channel type",
    4: "resource shortage",
}

MAXIMUM_PACKET = 32768
LENGTH = 4
LONGEST = 1 << 20
LONGEST_TEXT = 300


class WireError(Error):
    """The control socket said what neither PROTOCOL.mux nor RFC 4254 allows there."""


def string(data):
    """Encode an SSH string."""
    return struct.pack(">I", len(data)) + data


def mux_hello():
    """Encode the first frame of a multiplexing client."""
    return string(struct.pack(">II", HELLO, VERSION))


def mux_proxy():
    """Encode the request that turns the control socket into a proxy of the connection."""
    return string(struct.pack(">II", C_PROXY, 0))


def message(kind, payload):
    """Encode a connection protocol message, unpadded as the proxy wants it."""
    return string(struct.pack(">BB", 0, kind) + payload)


def ignore():
    """Encode a message that the server throws away."""
    return message(IGNORE, string(b""))


def open_session(channel, window):
    """Encode the CHANNEL_OPEN of a session that we call ``channel``, and that may say ``window`` bytes."""
    return message(OPEN, string(b"session") + struct.pack(">III", channel, window, MAXIMUM_PACKET))


def window_adjust(recipient, count):
    """Encode that the session which the server calls ``recipient`` may say ``count`` bytes more."""
    return message(WINDOW_ADJUST, struct.pack(">II", recipient, count))


def request(recipient, name, payload=b""):
    """Encode a CHANNEL_REQUEST that wants a reply, to the channel that the server calls ``recipient``."""
    return message(REQUEST, struct.pack(">I", recipient) + string(name) + b"\x01" + payload)


def failure(recipient):
    """Encode the CHANNEL_FAILURE that answers a request which we don't know."""
    return message(FAILURE, struct.pack(">I", recipient))


def exec_request(recipient, command):
    """Encode the request to run ``command``, as one text for the user's shell."""
    return request(recipient, b"exec", string(command))


def pty_request(recipient):
    """Encode the request for a dumb terminal of 80 by 24 characters."""
    return request(recipient, b"pty-req", string(b"dumb") + struct.pack(">IIII", 80, 24, 0, 0) + string(b"\x00"))


def shell_request(recipient):
    """Encode the request to start the user's shell."""
    return request(recipient, b"shell")


class Fields:
    """The fields of one frame, read from left to right; raises WireError past its end."""

    def __init__(self, body):
        self.body = body
        self.at = 0

    def take(self, count):
        """Return the next ``count`` bytes."""
        end = self.at + count
        if end > len(self.body):
            raise WireError(
                f"The control socket sent a message that ends too soon ({len(self.body)} bytes): is this OpenSSH's ssh?"
            )
        data = self.body[self.at:end]
        self.at = end
        return data

    def byte(self):
        """Return the next byte as a number."""
        return self.take(1)[0]

    def number(self):
        """Return the next uint32."""
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        """Return the bytes of the next string."""
        return self.take(self.number())

    def text(self):
        """Return the next string as text on one short line, whatever bytes a server puts there."""
        return printable(self.string()[:LONGEST_TEXT].decode("utf-8", "replace"))


class Frames:
    """Cuts a stream of bytes into frames, wherever the reads happen to split it."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        """Return the bodies of the frames that ``data`` completes; raise WireError on an impossible length."""
        stream = self.rest + data
        at = 0
        bodies = []
        while len(stream) - at >= LENGTH:
            (length,) = struct.unpack_from(">I", stream, at)
            if length > LONGEST:
                raise WireError(f"The control socket sent a frame of {length} bytes: is this OpenSSH's ssh?")
            if len(stream) - at - LENGTH < length:
                break
            at += LENGTH
            bodies.append(stream[at:at + length])
            at += length
        self.rest = stream[at:]
        return bodies


def check_hello(body):
    """Raise WireError unless ``body`` is the hello of a master that speaks our version."""
    fields = Fields(body)
    kind, version = fields.number(), fields.number()
    if kind != HELLO or version != VERSION:
        raise WireError(
            f"The ssh client speaks version {version} of the multiplexing protocol, not {VERSION}: use OpenSSH 7.4 or later."
        )


def check_proxy(body):
    """Raise WireError unless ``body`` agrees to proxy mode."""
    fields = Fields(body)
    kind = fields.number()
    if kind == S_PROXY:
        return
    fields.number()
    said = fields.text() if kind in (S_FAILURE, S_PERMISSION_DENIED) else f"reply 0x{kind:08x}"
    raise WireError(f"The ssh client offers no proxy mode on its control socket ({said}): use OpenSSH 7.4 or later.")
