# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of one connection, as the messages about their channels tell them. Pure: bytes in, bytes out."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

# It stays until its input ends, as a clone does, so that all of them hold their files and processes at one time.
COMMAND = b"cat"

REQUESTS = {
    "open": (),
    "exec": (("exec", lambda recipient: _mux.exec_request(recipient, COMMAND)),),
    "shell": (("pty-req", _mux.pty_request), ("shell", _mux.shell_request)),
}


class Refusal:
    """What the server refused first: which session (from 1), at which step, its reason code (or None) and words."""

    def __init__(self, session, request, reason_code, text):
        self.session = session
        self.request = request
        self.reason_code = reason_code
        self.text = text


class _Session:
    def __init__(self):
        self.recipient = None
        self.due = []
        self.started = False
        self.refusal = None


class Channels:
    """Asks for sessions, number 0 the first, and keeps what became of each."""

    def __init__(self):
        self._sessions = []
        self.waiting = 0

    def open(self, count):
        """Return the bytes that ask for ``count`` more sessions."""
        first = len(self._sessions)
        self._sessions += [_Session() for dummy in range(count)]
        self.waiting += count
        return b"".join(_mux.open_session(channel) for channel in range(first, first + count))

    def start(self, session):
        """Return the bytes that take every open session as far as ``session`` (a key of REQUESTS) says."""
        sent = []
        for each in self._sessions:
            if each.recipient is not None:
                each.due = [name for name, _encode in REQUESTS[session]]
                self.waiting += len(each.due)
                sent += [encode(each.recipient) for _name, encode in REQUESTS[session]]
        return b"".join(sent)

    @property
    def opened(self):
        """How many sessions the server let in."""
        return sum(each.recipient is not None for each in self._sessions)

    @property
    def started(self):
        """How many sessions had every request granted."""
        return sum(each.started for each in self._sessions)

    @property
    def refused(self):
        """How many sessions were refused, at whichever step."""
        return sum(each.refusal is not None for each in self._sessions)

    @property
    def refusal(self):
        """The Refusal of the first session that was refused, or None."""
        return next((each.refusal for each in self._sessions if each.refusal), None)

    def receive(self, body):
        """Take in one message and return the bytes that answer it; raise WireError when it makes no sense."""
        fields = _mux.Fields(body)
        fields.byte()
        kind = fields.byte()
        if not _mux.OPEN_CONFIRMATION <= kind <= _mux.FAILURE:
            raise _mux.WireError(f"The server sent message {kind}, which has no place between sessions.")
        channel = fields.number()
        if channel >= len(self._sessions):
            raise _mux.WireError(
                f"The server sent message {kind} for session {channel + 1}, which was never asked for."
            )
        session = self._sessions[channel]
        if kind == _mux.OPEN_CONFIRMATION:
            self._only_while_opening(session, channel)
            session.recipient = fields.number()
            self.waiting -= 1
        elif kind == _mux.OPEN_FAILURE:
            self._only_while_opening(session, channel)
            session.refusal = Refusal(channel + 1, "open", fields.number(), fields.text())
            self.waiting -= 1
        elif kind in (_mux.SUCCESS, _mux.FAILURE):
            self._answered(session, channel, kind == _mux.SUCCESS)
        elif kind == _mux.CLOSE:
            self._closed(session, channel)
        elif kind == _mux.REQUEST:
            fields.string()
            # sshd's ClientAliveInterval asks on an open session and ends the connection if nobody answers.
            if fields.byte() and session.recipient is not None:
                return _mux.failure(session.recipient)
        return b""

    @staticmethod
    def _only_while_opening(session, channel):
        if session.recipient is not None or session.refusal:
            raise _mux.WireError("The server answered the opening of session %s twice." % (channel + 1))

    def _answered(self, session, channel, granted):
        if not session.due:
            raise _mux.WireError("The server answered a request that session %s did not make." % (channel + 1))
        name = session.due.pop(0)
        self.waiting -= 1
        if not granted and not session.refusal:
            session.refusal = Refusal(channel + 1, name, None, f"{name} request failed")
        session.started = not session.due and not session.refusal

    def _closed(self, session, channel):
        if session.due and not session.refusal:
            name = session.due[0]
            session.refusal = Refusal(channel + 1, name, None, f"session closed before the {name} request was answered")
        self.waiting -= len(session.due)
        session.due = []
