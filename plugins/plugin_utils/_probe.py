# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe itself: one fresh connection, all sessions at once, and what became of them."""

import secrets
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _unreached
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Channels
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import ConnectionFailed, Master
from ansible_collections.multiplex.sshd.plugins.plugin_utils._proxy import Lost, Proxy, Silence
from ansible_collections.multiplex.sshd.plugins.plugin_utils._words import hidden

LIMIT = 100
AT_ONCE = 1  # second: a shell that ends sooner was none for a person
LAST_WORDS = 1  # seconds


class Outcome:
    """What a probe found.

    ``opened`` sessions were let in, ``reached`` of them got as far as ``session`` says, ``refused`` were refused.
    ``refusal`` is the first Refusal, ``not_opened`` and ``not_started`` are the first of each kind, or None. ``ended``
    sessions started and were over at once (``farewell``: the first one's exit status and words); None if nobody looked.
    ``lost`` is why not all were answered, or None. ``connection`` is {host, port, user} as ssh resolved them.
    ``seconds_connecting``, ``seconds_opening`` and ``seconds_starting`` say what took how long.
    """

    def __init__(self, session, asked):
        self.session = session
        self.asked = asked
        self.opened = 0
        self.reached = 0
        self.refused = 0
        self.refusal = None
        self.not_opened = None
        self.not_started = None
        self.ended = None
        self.farewell = None
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

    def sum_up(self, channels, secrets):
        """Take from ``channels`` what became of them, but none of ``secrets``."""
        self.opened = len(channels.opened)
        self.reached = len(channels.started)
        refusals = [each.refusal for each in channels.refused]
        for each in refusals:
            each.text = hidden(each.text, secrets)
        self.refused = len(refusals)
        self.refusal = next(iter(refusals), None)
        self.not_opened = next((each for each in refusals if each.request == "open"), None)
        self.not_started = next((each for each in refusals if each.request != "open"), None)
        if self.session == "shell":
            self.ended = len(channels.ended)
            self.farewell = next((hidden(each.farewell(), secrets) for each in channels.ended), None)


def probe(target, clone_depth=None, exact=False, session="exec", limit=LIMIT):
    """Open the first session and ``clone_depth`` clones (without it, up to ``limit``) over one fresh connection.

    ``exact`` asks for one session more, ``session`` is a key of _session.REQUESTS, ``target`` a _client.Target, whose
    timeout holds for each step: reaching the server, logging in, the next answer. Returns an Outcome; raises Error when
    it can't be tried, with ssh's words and what to look at.
    """
    outcome = Outcome(session, asked=1 + (limit if clone_depth is None else clone_depth) + int(exact))
    begin = time.monotonic()
    try:
        # Twice: ConnectTimeout ends the way to the server, and logging in takes time of its own.
        with Master(target.master, 2 * target.timeout, target.answers) as master:
            outcome.connection = master.connection
            outcome.seconds_connecting = time.monotonic() - begin
            _fill(outcome, master, target.timeout)
    except ConnectionFailed as error:
        raise Error(_unreached.unreached(target.host, error.words)) from error
    except OSError as error:
        raise Error(
            f"Nothing could be tried on {target.host}: ssh can't be run on this machine ({error.strerror}). "
            "Look at the limits of processes and open files here, or lower Ansible's forks."
        ) from error
    return outcome


def _fill(outcome, master, timeout):
    """Open ``outcome.asked`` sessions over ``master`` and note in ``outcome`` what became of them."""
    channels = Channels(outcome.session, secrets.token_hex(16).encode())
    connected = time.monotonic()
    try:
        with Proxy(master.control_path, timeout) as proxy:
            proxy.settle(channels, channels.open(outcome.asked))
            opened = time.monotonic()
            outcome.seconds_opening = opened - connected
            _start(channels, proxy)
            outcome.seconds_starting = time.monotonic() - opened
    except Lost as error:
        words = master.words(0 if isinstance(error, Silence) else LAST_WORDS).rstrip(".")
        outcome.lost = f"{error} ({words})" if words else str(error)
    outcome.sum_up(channels, master.secrets)


def _start(channels, proxy):
    try:
        proxy.settle(channels, channels.start())
    except Silence as error:
        if not channels.give_up(str(error)):
            raise
    if channels.session == "shell":
        proxy.watch(channels, AT_ONCE)
