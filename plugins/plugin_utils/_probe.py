# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe itself: one fresh connection, all sessions at once, and what became of them."""

import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _verdict
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Channels
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import ConnectionFailed, Master
from ansible_collections.multiplex.sshd.plugins.plugin_utils._proxy import Lost, Proxy

LIMIT = 100


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


def probe(target, clone_depth=None, exact=False, session="exec", limit=LIMIT):
    """Open the first session and ``clone_depth`` clones (without it, up to ``limit``) over one fresh connection.

    ``exact`` asks for one session more, ``session`` is a key of _channels.REQUESTS, ``target`` a _client.Target, whose
    timeout holds for each step: reaching the server, logging in, the next answer. Returns an Outcome; raises Error when
    it can't be tried, with ssh's words and what to look at.
    """
    try:
        return _probe(target, clone_depth, exact, session, limit)
    except ConnectionFailed as error:
        raise Error(_verdict.unreached(target.host, error.words)) from error


def _probe(target, clone_depth, exact, session, limit):
    outcome = Outcome(session, asked=1 + (limit if clone_depth is None else clone_depth) + int(exact))
    begin = time.monotonic()
    # Twice: ConnectTimeout ends the way to the server, and logging in takes time of its own.
    with Master(target.master, 2 * target.timeout, target.answers) as master:
        outcome.connection = master.connection
        connected = time.monotonic()
        outcome.seconds_connecting = connected - begin
        channels = Channels()
        try:
            with Proxy(master.control_path, target.timeout) as proxy:
                proxy.settle(channels, channels.open(outcome.asked))
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
