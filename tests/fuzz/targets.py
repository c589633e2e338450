# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What any octets are given to: the reader, the criteria, the probe's ears. Nothing but an Error may come out."""

import contextlib
import os
import socket
import tempfile
import threading

from ansible_collections.multiplex.sshd.plugins.module_utils._config import block, files, limits, syntax, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config import criteria as matching
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _channels, _mux, _proxy
from ansible_collections.multiplex.sshd.plugins.plugin_utils._session import REQUESTS

NEXT_FILE = b"\x01"
MARKER = b"0123456789abcdef"
NOTHING = {"clone_depth": None, "extra_sessions": 0, "max_sessions": None, "ceiling": None}


class Memory(files.Files):
    """Files that are nowhere but here: an Include reads those whose names stand in its pattern."""

    def expand(self, pattern):
        return sorted(path for path in self.edits if os.path.basename(path) in pattern)


def reader(octets):
    """Read files, which NEXT_FILE divides: the main file, ``a``, ``b`` and so on."""
    texts = [files.decode(text) for text in octets.split(NEXT_FILE)[:8]]
    names = ["/c/main", *(f"/c/{name}" for name in "abcdefg")]
    held = dict(zip(names, texts, strict=False))
    for path, text in held.items():
        assert files.decode(files.encode(text)) == text
        with contextlib.suppress(Error):
            bare = block.without(path, text)
            assert block.without(path, bare) == bare
    with contextlib.suppress(Error):
        found = tree.read("/c/main", Memory(held))
        for one in found.directives:
            line = syntax.lines(found.files[one.path])[one.line - 1]
            assert syntax.parse(line).keyword == one.keyword
            assert one.max_sessions is None or one.max_sessions >= 0


def criteria(octets):
    """Take octets for a rule's criteria, and ask whom they are about."""
    rule = {"match": files.decode(octets), **NOTHING, "max_sessions": 1}
    with contextlib.suppress(Error):
        for limit in limits.desired_limits({"state": "present", "rules": [rule], **NOTHING})[1:]:
            for name, patterns in matching.criteria(limit.match):
                match = matching.match_address if "address" in name else matching.match_pattern
                for value in ("nobody", "192.0.2.1", "2001:db8::1", "a" * 30):
                    matching.match_pattern_list(value, patterns, match)


def channels(octets):
    """Take octets for what a server sends to sessions that were asked for; the first says how, and how they are cut."""
    way = octets[0] if octets else 0
    frames, some = _mux.Frames(), _channels.Channels(sorted(REQUESTS)[way % len(REQUESTS)], MARKER)
    some.open(3)
    with contextlib.suppress(Error):
        for at in range(1, len(octets), 1 + way):
            for body in frames.feed(octets[at : at + 1 + way]):
                some.receive(body)
                if len(some.opened) == 1 and not some.opened[0].due:
                    some.start()
    assert len(some.started) <= len(some.opened) <= 3
    assert all(one.refusal.text.isprintable() for one in some.refused)


def control_socket(octets):
    """Take octets for what an ssh client writes to its control socket before it hangs up."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{directory}/s")
        listener.listen()
        master = threading.Thread(target=_hang_up, args=(listener, octets))
        master.start()
        some = _channels.Channels("open")
        try:
            with contextlib.suppress(Error), _proxy.Proxy(f"{directory}/s", 0.5) as proxy:
                proxy.settle(some, some.open(2))
        finally:
            master.join()


def _hang_up(listener, octets):
    connection, _address = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


TARGETS = {one.__name__: one for one in (reader, criteria, channels, control_socket)}
