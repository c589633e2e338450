# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reload of the sshd that reads a configuration, after proof that it can."""

import contextlib
import os
import signal
import time
from typing import Any, Dict, List, Set, Tuple

from .._config import tree
from .._config.configuration import Configuration
from .._config.files import Files
from .._errors import Error
from .._proof.sshd import MEND, Run, Sshd, require_valid
from . import address, command_line, listener, not_reloaded, service
from .listener import ListeningSocket
from .server_log import ServerLog
from .service import UNTOUCHED, Service

SENTENCES = {
    "systemd": "%(unit)s %(would)s reloaded: new connections get the new configuration, open ones keep the old",
    "signal": "process %(pid)d %(would)s sent SIGHUP: new connections get the new configuration, open ones keep the old",
    "socket": "nothing to reload: the next connection starts an sshd that reads the new configuration",
    "none": "nothing to reload: no sshd listens for this configuration",
}
UNANSWERED = "; it listens anew, and whether it lets anybody in can't be seen from the host itself, which it turns away"


class Unanswered(Error):
    """The Error that sshd listens anew with what it read, and is silent."""


def reload(sshd: Sshd, configuration: Configuration, timeout: float, *, check_mode: bool = False) -> Dict[str, Any]:
    """Reload the sshd that reads ``configuration``; return the result of the module reload. Raises Error."""
    tree.read(configuration.main, Files())  # raises Error for a FIFO, at which sshd would wait for ever
    # As it would start now, nothing lent: what is missing here would end the listener. Under socket activation there may
    # be none: systemd makes /run/sshd when it starts one.
    validation = sshd.test(configuration.main, lend=False)
    running = service.running(sshd, configuration)
    if running.pid is not None:
        require_valid(validation, UNTOUCHED, MEND % configuration.main)
    sockets, answered = running.sockets, None
    if not check_mode:
        if running.pid:
            _require_address(running)
            try:
                sockets, answered = _reloaded(running, sshd, timeout)
            except Unanswered:
                not_reloaded.clear(configuration)
                raise
        not_reloaded.clear(configuration)
    would = "would be" if check_mode else "was"
    return {
        "changed": running.pid is not None,
        "method": running.method,
        "unit": running.unit,
        "pid": running.pid,
        "listening": sorted(address.text(one.address) for one in sockets),
        "answered": answered,
        "validation": validation._asdict(),
        "msg": SENTENCES[running.method] % {"would": would, "unit": running.unit, "pid": running.pid}
        + (UNANSWERED if answered is False else ""),
    }


def _require_address(running: Service) -> None:
    """Raise Error if an sshd that lets go of its sockets could open none of its addresses: it would end."""
    held = {one.address for one in running.sockets}
    addresses = running.addresses
    if addresses and not addresses & held and not any(address.is_free(one) for one in addresses):
        raise Error(
            "Nothing was signalled: sshd is configured to listen on %s, where something else listens, and would end on a "
            "reload. Free the port, or change Port or ListenAddress back" % ", ".join(map(address.text, sorted(addresses)))
        )


def _reloaded(running: Service, sshd: Sshd, timeout: float) -> Tuple[List[ListeningSocket], bool]:
    """Reload; return the sockets on which sshd listens with what it read, and whether it greets this host there.

    Raises Error after ``timeout`` seconds, which is Unanswered where only the greeting is missing.
    """
    log = ServerLog(command_line.of_process(running.pid), running.unit, sshd.run)
    before = {(one.inode, one.pid) for one in running.sockets}
    said = _signal(running, sshd.run)
    deadline, kind = time.monotonic() + timeout, Error

    def look() -> Tuple[List[ListeningSocket], Set[Tuple[str, int]]]:
        now = listener.listening(running.addresses, sshd.path, running.pid_file, running.main)
        return now, {(one.inode, one.pid) for one in now}

    while time.monotonic() < deadline:
        now, held = look()
        # A reload opens the sockets anew, a restart is another process: until then it's the old configuration's.
        if now and not before & held:
            answered = address.greeted([one.address for one in now], max(0.1, deadline - time.monotonic()))
            if answered:
                return now, True
            goes_on = all(one.pid for one in now) and look()[1] == held
            if goes_on and answered is False:
                return now, False
            kind = Unanswered if goes_on else Error
        time.sleep(0.01)
    raise kind(
        "sshd was told to reload and does not accept connections %d seconds later. Connections that are open go on: "
        "keep one. %s" % (timeout, "It said: %s" % "; ".join(filter(None, [said, log.last_lines()])))
    )


def _signal(running: Service, run: Run) -> str:
    """Make sshd read its configuration again; return what the service manager said if it failed."""
    if not running.unit or not running.verb:
        # Other init systems' reload is the same signal, sent to whom a pid file names; this one goes to who listens. So does
        # what a unit without ExecReload can't be told.
        with contextlib.suppress(ProcessLookupError):  # it ended a moment ago: then nothing listens, which is said
            os.kill(running.pid, signal.SIGHUP)
        return ""
    # It need not wait for the job, which may hang: whether sshd listens again is seen at its sockets.
    done = run(["systemctl", "--no-block", running.verb, running.unit])
    return done.stderr.strip() if done.rc else ""
