# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private ssh master: a fresh connection, its control socket, and nothing left of either afterwards."""

import contextlib
import os
import selectors
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils._control_path import new_directory
from ansible_collections.multiplex.sshd.plugins.plugin_utils._keeper import Keeper
from ansible_collections.multiplex.sshd.plugins.plugin_utils._words import Words

PIECE = 1 << 16  # as much as a pipe holds

# On a terminal ssh asks about an unknown host key too; Ansible's answer to a question that nobody sees is no.
UNKNOWN_HOST_KEY = ("(yes/no", "no")


class ConnectionFailed(Error):
    """ssh did not reach the server or was not let in; ``words`` is what it said."""

    def __init__(self, words):
        super().__init__(words)
        self.words = words


class Master:
    """A context manager. ``command(control_path)`` returns the argument list, ``answers`` pairs of prompt and secret.

    A prompt is part of what ssh asks on its terminal; each is answered once. The secrets go to ssh's own terminal and
    nowhere else. ``timeout`` is in seconds, for the way from here to a control socket that listens.
    """

    def __init__(self, command, timeout, answers=()):
        self.timeout = timeout
        self.answers = [*answers, UNKNOWN_HOST_KEY] if answers else []
        self.secrets = [secret for _prompt, secret in answers]
        self.directory = new_directory()
        self.control_path = os.path.join(self.directory, "s")
        self.command = command(self.control_path)
        self.keeper = None
        self.ended = False
        self.reported = b""
        self.said = Words(self.secrets)
        self.asked = Words(self.secrets)

    def __enter__(self):
        try:
            self.keeper = Keeper(self.directory, self.command, with_terminal=bool(self.answers))
            self.connection = self._wait()
        except BaseException:
            self.__exit__()
            raise
        self.said = Words(self.secrets)  # a banner was not about what comes now
        return self

    def __exit__(self, *_exc):
        if self.keeper:
            self.keeper.end()

    def words(self, seconds=0):
        """Return what ssh said since it was let in, on one line; wait up to ``seconds`` for it to end."""
        deadline = time.monotonic() + seconds
        with self._selector() as selector:
            while not self.ended and self._listen(selector, deadline):
                pass
        return self._line()

    def _wait(self):
        """Return {host, port, user} once the control socket listens, as ssh resolved them; raise ConnectionFailed."""
        deadline = time.monotonic() + self.timeout
        with self._selector() as selector:
            while self._listen(selector, deadline):
                for line in self.reported.decode("utf-8", "replace").split("\n")[:-1]:
                    if line.startswith("open "):
                        host, port, user = line.split(" ", 3)[1:]
                        return {"host": host, "port": int(port), "user": user}
                if self.ended:
                    raise ConnectionFailed(self._line() or "ssh ended without a word")
        asked = self.asked.line()
        parts = f"not connected and logged in after {self.timeout:g} seconds", asked and f"ssh asks: {asked}", self._line()
        raise ConnectionFailed("; ".join(part for part in parts if part))

    def _selector(self):
        selector = selectors.DefaultSelector()
        selector.register(self.keeper.reports, selectors.EVENT_READ, self._report)
        selector.register(self.keeper.errors, selectors.EVENT_READ, self.said.feed)
        if self.keeper.terminal is not None:
            selector.register(self.keeper.terminal, selectors.EVENT_READ, self._answer)
        return selector

    def _listen(self, selector, deadline):
        """Take in what is said next; return False when nothing was until ``deadline``."""
        left = deadline - time.monotonic()
        ready = selector.select(left) if left > 0 else []
        for key, _events in ready:
            piece = os.read(key.fd, PIECE)
            if not piece:
                selector.unregister(key.fd)
            key.data(piece)
        return bool(ready)

    def _report(self, piece):
        self.reported = (self.reported + piece)[-PIECE:]
        self.ended = not piece or b"ended " in self.reported

    def _answer(self, piece):
        self.asked.feed(piece)
        text = self.asked.said.decode("utf-8", "replace")
        for prompt, answer in self.answers:
            if prompt in text:
                self.asked = Words(self.secrets)
                self.answers.remove((prompt, answer))
                os.write(self.keeper.terminal, answer.encode() + b"\n")
                return

    def _line(self):
        """Return ssh's words, those that it said just before it ended too."""
        with contextlib.suppress(BlockingIOError):
            self.said.feed(os.read(self.keeper.errors, PIECE))
        return self.said.line()
