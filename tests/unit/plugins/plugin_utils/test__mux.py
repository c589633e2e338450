# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import struct

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

ENCODED = [  # (bytes, what they must be)
    (_mux.mux_hello(), "00000008 00000001 00000004"),
    (_mux.mux_proxy(), "00000008 1000000f 00000000"),
    (_mux.ignore(), "00000006 00 02 00000000"),
    (_mux.open_session(7, 0), "00000019 00 5a 00000007 73657373696f6e 00000007 00000000 00008000"),
    (_mux.window_adjust(3, 9), "0000000a 00 5d 00000003 00000009"),
    (_mux.exec_request(3, b"cat"), "00000016 00 62 00000003 00000004 65786563 01 00000003 636174"),
    (_mux.shell_request(3), "00000010 00 62 00000003 00000005 7368656c6c 01"),
    (_mux.failure(9), "00000006 00 64 00000009"),
]


@pytest.mark.parametrize(("encoded", "expected"), ENCODED)
def test_encoding(encoded, expected):
    assert encoded.hex() == expected.replace(" ", "")
    assert struct.unpack(">I", encoded[:4])[0] == len(encoded) - 4


def test_pty_request_ends_its_modes():
    body = _mux.pty_request(1)[4:]
    assert body.endswith(_mux.string(b"dumb") + struct.pack(">IIII", 80, 24, 0, 0) + _mux.string(b"\0"))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000])
def test_frames_however_the_stream_is_split(size):
    stream = b"".join(map(_mux.string, (b"", b"a", b"bc" * 300)))
    frames = _mux.Frames()
    bodies = []
    for at in range(0, len(stream), size):
        bodies += frames.feed(stream[at : at + size])
    assert bodies == [b"", b"a", b"bc" * 300]
    assert frames.rest == b""


def test_frame_of_impossible_length():
    with pytest.raises(_mux.WireError, match="frame of 4294967295 bytes"):
        _mux.Frames().feed(b"\xff" * 8)


FIELDS = [  # (body, method)
    (b"", "byte"),
    (b"\0\0\0", "number"),
    (b"\0\0\0\5abcd", "string"),
    (b"\xff\xff\xff\xffabcd", "text"),
]


@pytest.mark.parametrize(("body", "method"), FIELDS)
def test_fields_that_end_too_soon(body, method):
    with pytest.raises(_mux.WireError, match="ends too soon"):
        getattr(_mux.Fields(body), method)()


TEXTS = [  # (bytes, text)
    (b"open failed", "open failed"),
    (b"a\r\nb\x1b[2J", "a b[2J"),
    (b"\xff!", "\ufffd!"),
    (b"", ""),
    (b"x" * 999, "x" * 300),
]


@pytest.mark.parametrize(("said", "text"), TEXTS)
def test_text_is_one_printable_line(said, text):
    assert _mux.Fields(_mux.string(said)).text() == text


HELLOS = [  # (body, complaint)
    (struct.pack(">II", 1, 3), "version 3 of the multiplexing protocol, not 4"),
    (struct.pack(">II", 2, 4), "multiplexing protocol"),
    (b"\0", "ends too soon"),
]


@pytest.mark.parametrize(("body", "complaint"), HELLOS)
def test_hello_that_is_refused(body, complaint):
    with pytest.raises(_mux.WireError, match=complaint):
        _mux.check_hello(body)


def test_hello_with_extensions():
    _mux.check_hello(struct.pack(">II", 1, 4) + _mux.string(b"name") + _mux.string(b"value"))


PROXIES = [  # (body, complaint)
    (struct.pack(">II", _mux.S_FAILURE, 0) + _mux.string(b"unsupported request"), r"\(unsupported request\)"),
    (struct.pack(">II", _mux.S_PERMISSION_DENIED, 0) + _mux.string(b"no"), r"\(no\)"),
    (struct.pack(">II", 0x80000001, 0), "reply 0x80000001"),
    (struct.pack(">II", _mux.S_FAILURE, 0), "ends too soon"),
]


@pytest.mark.parametrize(("body", "complaint"), PROXIES)
def test_proxy_that_is_refused(body, complaint):
    with pytest.raises(_mux.WireError, match=complaint):
        _mux.check_proxy(body)


def test_proxy_that_is_granted():
    _mux.check_proxy(struct.pack(">II", _mux.S_PROXY, 0))
