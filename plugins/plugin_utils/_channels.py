# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of one connection, as the messages about their channels tell them. Pure: bytes in, bytes out."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux
from ansible_collections.multiplex.sshd.plugins.plugin_utils._session import ANSWER, REQUESTS, WINDOWS, Session

MOST = 16000  # clones: sshd ends a connection that asks for more than 16384 channels


class Channels:
    """Asks for sessions, number 0 the first, and keeps what became of each.

    ``session`` is a key of REQUESTS, ``marker`` bytes that nobody can guess. ``waiting`` counts the answers that are due,
    ``running`` the sessions that are open and that the server did not close.
    """

    def __init__(self, session, marker=b""):
        self.session = session
        self.requests = REQUESTS[session](marker)
        self.window = WINDOWS[session]
        self.marker = marker
        self.sessions = []
        self.waiting = 0
        self.running = 0

    def open(self, count):
        """Return the bytes that ask for ``count`` more sessions."""
        first = len(self.sessions)
        self.sessions += [Session(first + index + 1, self.session) for index in range(count)]
        self.waiting += count
        return b"".join(_mux.open_session(channel, self.window) for channel in range(first, first + count))

    def start(self):
        """Return the bytes that take every open session as far as it is to go."""
        steps = [name for name, _encode in self.requests] + [ANSWER] * (self.session == ANSWER)
        sent = []
        for each in self.opened:
            each.start(steps)
            self.waiting += len(steps)
            sent += [encode(each.recipient) for _name, encode in self.requests]
        return b"".join(sent)

    @property
    def opened(self):
        """The sessions that the server let in."""
        return [each for each in self.sessions if each.recipient is not None]

    @property
    def started(self):
        """The sessions that got as far as they were to go."""
        return [each for each in self.sessions if each.started]

    @property
    def refused(self):
        """The sessions that were refused, at whichever step."""
        return [each for each in self.sessions if each.refusal]

    @property
    def ended(self):
        """The sessions that started and were over at once."""
        return [each for each in self.sessions if each.ended]

    def give_up(self, words):
        """Say ``words`` of each session whose process runs and doesn't answer; return False if more is missing."""
        silent = [each for each in self.sessions if each.due == [ANSWER]]
        if len(silent) != self.waiting:
            return False
        for each in silent:
            said = each.words()
            each.refuse(ANSWER, None, f"{words}{said and '; it said: ' + said}")
            each.due = []
        self.waiting = 0
        return True

    def receive(self, body):
        """Take in one message and return the bytes that answer it; raise WireError when it makes no sense."""
        fields = _mux.Fields(body)
        fields.byte()
        kind = fields.byte()
        if not _mux.OPEN_CONFIRMATION <= kind <= _mux.FAILURE:
            raise _mux.WireError(f"The server sent message {kind}, which has no place between sessions.")
        channel = fields.number()
        if channel >= len(self.sessions):
            raise _mux.WireError(f"The server sent message {kind} for session {channel + 1}, which was never asked for.")
        session = self.sessions[channel]
        due = len(session.due)
        reply = self._take(session, kind, fields)
        self.waiting += len(session.due) - due
        return reply

    def _take(self, session, kind, fields):
        if kind == _mux.OPEN_CONFIRMATION:
            session.opened(fields.number())
            self.running += 1
        elif kind == _mux.OPEN_FAILURE:
            session.not_opened(fields.number(), fields.text())
        elif session.recipient is None:
            raise _mux.WireError(f"The server sent message {kind} for session {session.number}, which is not open.")
        elif kind in (_mux.SUCCESS, _mux.FAILURE):
            session.answered(kind == _mux.SUCCESS)
        elif kind in (_mux.DATA, _mux.EXTENDED_DATA):
            return self._say(session, kind, fields)
        elif kind == _mux.CLOSE:
            self.running -= not session.closed
            session.close()
        elif kind == _mux.REQUEST:
            return self._request(session, fields)
        return b""

    def _say(self, session, kind, fields):
        if kind == _mux.EXTENDED_DATA:
            fields.number()
        data = fields.string()
        session.say(data, self.marker)
        return _mux.window_adjust(session.recipient, len(data)) if self.window else b""

    @staticmethod
    def _request(session, fields):
        name, wants_reply = fields.string(), fields.byte()
        if name == b"exit-status":
            session.status = f"exit status {fields.number()}"
        elif name == b"exit-signal":
            session.status = f"signal {fields.text()}"
        # sshd's ClientAliveInterval asks on an open session and ends the connection if nobody answers.
        return _mux.failure(session.recipient) if wants_reply else b""
