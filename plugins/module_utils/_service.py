# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this host runs sshd, and its reload."""

import os
import re
import signal
import time
from collections import namedtuple

from ansible_collections.multiplex.sshd.plugins.module_utils import _listener
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._server_log import ServerLog

DEFAULT_CONFIG = "/etc/ssh/sshd_config"
SWITCHES = "46DGQRTVdeiqrt"  # those of sshd(8) that take no argument: an -f may follow them in the same word

# sockets: its listening Sockets; pid: of the listener, None if there is none now; unit: its systemd service, None if
# it is nobody's; activated: whether process 1 listens and starts it.
Service = namedtuple("Service", "sockets pid unit activated")


def found(sockets, config, run):
    """Return the Service that listens on ``sockets`` for the main file ``config``. Raises Error if it is another's."""
    pids = sorted({one.pid for one in sockets if one.pid})
    if len(pids) > 1:
        raise Error("Nothing was signalled: several sshd share the addresses of %s (processes %s)" % (config, pids))
    pid = pids[0] if pids else None
    if pid and not _reads(_listener.arguments(pid), config):
        raise Error(
            "Nothing was signalled: process %d listens there, as '%s', but not with the configuration %s. "
            "Name the one that it uses in 'config'" % (pid, _listener.arguments(pid), config)
        )
    unit = _unit(pid, run)
    return Service(sockets, pid, unit, any(one.activated for one in sockets))


def _unit(pid, run):
    """Return the name of the systemd service whose main process is ``pid``, None if it is none's."""
    name = pid and os.path.isdir("/run/systemd/system") and _listener.unit(pid)
    # A listener that somebody started by hand inside another service is not that service.
    return name if name and _show("MainPID", name, run) == str(pid) else None


def _show(name, unit, run):
    return run(["systemctl", "show", "--property=" + name, unit])[1].strip().partition("=")[2]


def _reads(arguments, config):
    """Say whether an sshd with command line ``arguments`` reads ``config``; a title that is cut off gets the doubt."""
    named = re.search(r" -[%s]*f ?(\S+)( ?)" % SWITCHES, arguments)
    path = named.group(1) if named else DEFAULT_CONFIG
    cut = named and not named.group(2) and len(path) < len(config)
    return os.path.realpath(path) == os.path.realpath(config) or bool(cut and config.startswith(path))


def method(service):
    """Return the way that ``reloaded`` takes: ``systemd``, ``signal``, or why there is no need, ``socket``, ``none``."""
    if service.pid is None:
        return "socket" if service.activated else "none"
    return "systemd" if service.unit else "signal"


def start_words(service):
    """Return the command that would start ``service`` again, None where another connection would, or none runs."""
    if service.pid is None or service.activated:
        return None
    if service.unit:
        return ["systemctl", "start", service.unit]
    words = re.sub(r"^sshd: | \[listener\].*", "", _listener.arguments(service.pid)).split()
    return [word for word in words if word != "-D"]  # in the foreground it would not let go of who starts it


def can_listen(service, addresses):
    """Raise Error if an sshd that lets go of its sockets could open none of ``addresses``: it would end."""
    held = {one.address for one in service.sockets}
    if addresses and not addresses & held and not any(_listener.is_free(address) for address in addresses):
        raise Error(
            "Nothing was signalled: sshd is configured to listen on %s, where something else listens, and would end on a "
            "reload. Free the port, or change Port or ListenAddress back" % ", ".join(map(_listener.text, sorted(addresses)))
        )


def reloaded(service, addresses, pid_file, run, timeout):
    """Reload ``service`` and return its Sockets once it accepts again with what it read.

    ``addresses`` and ``pid_file`` are those of the configuration that it reads. Raises Error after ``timeout`` seconds.
    """
    log = ServerLog(_listener.arguments(service.pid), service.unit, run)
    before = {(one.inode, one.pid) for one in service.sockets}
    said = _signal(service, run)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        now = _listener.listening(addresses, pid_file)
        # A reload opens the sockets anew, a restart is another process: until then it's the old configuration's.
        anew = now and not before & {(one.inode, one.pid) for one in now}
        if anew and all(_listener.banner(one.address, deadline - time.monotonic()).startswith(b"SSH-") for one in now):
            return now
        time.sleep(0.01)
    raise Error(
        "sshd was told to reload and does not accept connections %d seconds later. Connections that are open go on: "
        "keep one. %s" % (timeout, "It said: %s" % "; ".join(filter(None, [said, log.words()])))
    )


def _signal(service, run):
    """Make sshd read its configuration again; return what the service manager said if it failed."""
    if not service.unit:
        # Other init systems' reload is the same signal, sent to whom a pid file names; this one goes to who listens.
        os.kill(service.pid, signal.SIGHUP)
        return ""
    verb = "reload"
    if service.activated and _show("KillMode", service.unit, run) == "process":
        # On SIGHUP sshd closes the socket that systemd holds, and can't open it again (10.0: "Cannot bind any
        # address"). A restart hands it over once more, and with this KillMode the sessions go on.
        verb = "try-restart"
    # It need not wait for the job, which may hang: whether sshd listens again is seen at its sockets.
    rc, _stdout, stderr = run(["systemctl", "--no-block", verb, service.unit])
    return stderr.strip() if rc else ""
