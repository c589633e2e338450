# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session of a connection: how far it is to go, and how far it got. Pure: bytes in, bytes out."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux
from ansible_collections.multiplex.sshd.plugins.plugin_utils._words import end, one_line

# It stays until its input ends, as a clone does, so that all of them hold their files and processes at one time.
STAY = b"cat"
ANSWER = "answer"
SAID = 1 << 10  # bytes; a marker is shorter
LONGEST = 200  # characters


def answering(marker):
    """Return a command that says ``marker`` if a shell runs it, but not if something only repeats it."""
    half = len(marker) // 2
    return b'echo %s""%s; %s' % (marker[:half], marker[half:], STAY)


def _exec(command):
    return "exec", lambda recipient: _mux.exec_request(recipient, command)


_PTY, _SHELL = ("pty-req", _mux.pty_request), ("shell", _mux.shell_request)

REQUESTS = {  # name of how far a session goes: what is asked for, given the marker
    "open": lambda _marker: (),
    "exec": lambda _marker: (_exec(STAY),),
    "shell": lambda _marker: (_PTY, _SHELL),
    "answer": lambda marker: (_PTY, _exec(answering(marker))),
}

# What may be said before we take it in. Where it is of no interest the server keeps it, so nothing piles up on the way;
# it then doesn't notice either that the session's output has ended, and closes none.
WINDOWS = {"open": 0, "exec": 0, "shell": SAID, "answer": SAID}


class Refusal:
    """What came of it first: which session (from 1), at which step, the server's reason code (or None) and words."""

    def __init__(self, session, request, reason_code, text):
        self.session = session
        self.request = request
        self.reason_code = reason_code
        self.text = text


class Session:
    """Session ``number`` (from 1). ``due`` names the steps that are not answered yet, ``refusal`` is None or a Refusal.

    ``goal`` is a key of REQUESTS, ``recipient`` the server's number for the session, None until it is open. ``status``
    says how its process ended, None until it did.
    """

    def __init__(self, number, goal):
        self.number = number
        self.starting = goal == "open"  # nothing more than that is to come
        self.recipient = None
        self.due = ["open"]
        self.refusal = None
        self.closed = False
        self.status = None
        self.said = b""

    @property
    def started(self):
        """Whether everything that was asked for was granted."""
        return self.starting and not self.due and not self.refusal

    @property
    def ended(self):
        """Whether it started and is over already, which we never ask for."""
        return self.started and (self.closed or self.status is not None)

    def start(self, steps):
        """Note that ``steps`` were asked for."""
        self.due = list(steps)
        self.starting = True

    def opened(self, recipient):
        """Note that the server let it in."""
        self._only_while_opening()
        self.recipient = recipient

    def not_opened(self, reason_code, text):
        """Note that it did not."""
        self._only_while_opening()
        self.refuse("open", reason_code, text)

    def answered(self, granted):
        """Note the answer to the request that is due."""
        if not self.due or self.due[0] == ANSWER:
            raise _mux.WireError(f"The server answered a request that session {self.number} did not make.")
        name = self.due.pop(0)
        if not granted:
            self.refuse(name, None, f"{name} request failed")
            self.due = [each for each in self.due if each != ANSWER]  # which is not to be expected any more

    def say(self, data, marker):
        """Take in what the session says; only the end of it is kept."""
        if ANSWER in self.due and marker in self.said + data:
            self.due.remove(ANSWER)
        self.said = (self.said + data)[-SAID:]

    def close(self):
        """Note that the server closed it."""
        self.closed = True
        if not self.due:
            return
        name, self.due = self.due[0], []
        if name == ANSWER:
            self.refuse(name, None, f"it ended {self.farewell()}")
        else:
            self.refuse(name, None, f"session closed before the {name} request was answered")

    def refuse(self, request, reason_code, text):
        """Keep the first refusal."""
        self.refusal = self.refusal or Refusal(self.number, request, reason_code, text)

    def farewell(self):
        """Return how it ended and its last words, in parentheses."""
        words = self.words()
        return f"({self.status or 'without an exit status'}{words and '; it said: ' + words})"

    def words(self):
        """Return the end of what it said, on one line."""
        return end(one_line(self.said.decode("utf-8", "replace").splitlines()).rstrip("."), LONGEST)

    def _only_while_opening(self):
        if self.due[:1] != ["open"]:
            raise _mux.WireError(f"The server answered the opening of session {self.number} twice.")
        self.due.pop(0)
