# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe itself: one fresh connection, all sessions at once, and what became of them."""

import time

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Channels
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import Master
from ansible_collections.multiplex.sshd.plugins.plugin_utils._proxy import Lost, Proxy

LIMIT = 100
TIMEOUT = 10


class Outcome:
    """What a probe found.

    ``opened`` sessions were let in, ``reached`` of them got as far as ``session`` says, ``refused`` were refused, of
    which ``refusal`` is the first. ``lost`` is why not all were answered, or None. ``connection`` is {host, port, user}
    as ssh resolved them. ``seconds_connecting``, ``seconds_opening`` and ``seconds_starting`` say what took how long.
    """

    def __init__(self, session, asked):
        self.session = session
        self.asked = asked
        self.opened = 0
        self.reached = 0
        self.refused = 0
        self.refusal = None
        self.lost = None
        self.connection = None
        self.seconds_connecting = 0.0
        self.seconds_opening = 0.0
        self.seconds_starting = 0.0

    @property
    def clones(self):
        """How many sessions were proven beside the first."""
        return max(self.reached - 1, 0)

    @property
    def seconds(self):
        """How long the whole probe took."""
        return self.seconds_connecting + self.seconds_opening + self.seconds_starting


def probe(
    host,
    args=(),
    clone_depth=None,
    exact=False,
    session="exec",
    limit=LIMIT,
    timeout=TIMEOUT,
    executable="ssh",
    answers=(),
):
    """Open the first session and ``clone_depth`` clones (without it, up to ``limit``) over one fresh connection.

    ``args`` are ssh(1)'s, ``answers`` pairs of a prompt's part and a secret, ``timeout`` seconds of silence at each
    step: reaching the server, logging in, the next answer. ``exact`` asks for one session more. Returns an Outcome;
    raises ConnectionFailed, WireError, or another Error when it can't be tried.
    """
    asked = 1 + (limit if clone_depth is None else clone_depth) + (1 if exact else 0)
    outcome = Outcome(session, asked)
    begin = time.monotonic()

    def command(control_path):
        return _client.command(executable, control_path, host, args, timeout, bool(answers))

    # Twice: ConnectTimeout ends the way to the server, and logging in takes time of its own.
    with Master(command, 2 * timeout, answers) as master:
        outcome.connection = master.connection
        connected = time.monotonic()
        outcome.seconds_connecting = connected - begin
        channels = Channels()
        try:
            with Proxy(master.control_path, timeout) as proxy:
                proxy.settle(channels, channels.open(asked))
                opened = time.monotonic()
                outcome.seconds_opening = opened - connected
                proxy.settle(channels, channels.start(session))
                outcome.seconds_starting = time.monotonic() - opened
        except Lost as error:
            outcome.lost = "; ".join(part for part in (str(error), master.words()) if part)
        outcome.opened = channels.opened
        outcome.reached = channels.opened if session == "open" else channels.started
        outcome.refused = channels.refused
        outcome.refusal = channels.refusal
    return outcome
