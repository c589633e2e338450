# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reload of the sshd that reads a configuration, after proof that it can."""

from ansible_collections.multiplex.sshd.plugins.module_utils import (
    _config,
    _contexts,
    _listener,
    _proof,
    _reload_note,
    _service,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._files import Files

UNTOUCHED = "Nothing was signalled: sshd rejects its configuration and would end on a reload."
SENTENCES = {
    "systemd": "%(unit)s %(would)s reloaded: new connections get the new configuration, open ones keep the old",
    "signal": "process %(pid)d %(would)s sent SIGHUP: new connections get the new configuration, open ones keep the old",
    "socket": "nothing to reload: the next connection starts an sshd that reads the new configuration",
    "none": "nothing to reload: no sshd listens for this configuration",
}


def start_words(sshd, config):
    """Return the command that starts the sshd which listens for ``config`` now, None if none does."""
    return _service.start_words(_found(sshd, config)[0])


def _found(sshd, config):
    """Return ``(Service, addresses, PidFile)`` of the sshd for ``config``. Raises Error if sshd rejects it."""
    context = _contexts.anyone(_config.read(config, Files()).directives)
    verdict, values = sshd.effective(config, context)
    _proof.accepted(verdict, UNTOUCHED, _proof.MEND % config)
    addresses, pid_file = _listener.wanted(values), values["pidfile"][0]
    return _service.found(_listener.listening(addresses, pid_file), config, sshd.run), addresses, pid_file


def reloaded(sshd, config, timeout, check_mode=False):
    """Reload the sshd that reads ``config``; return the result of the module reload. Raises Error."""
    # As it would start now, nothing lent: what is missing here would end the listener. Under socket activation there may
    # be none: systemd makes /run/sshd when it starts one.
    validation = sshd.test(config, lend=False)
    service, addresses, pid_file = _found(sshd, config)
    method = _service.method(service)
    if service.pid is not None:
        _proof.accepted(validation, UNTOUCHED, _proof.MEND % config)
    sockets = service.sockets
    if not check_mode:
        if service.pid:
            _service.can_listen(service, addresses)
            sockets = _service.reloaded(service, addresses, pid_file, sshd.run, timeout)
        _reload_note.take(config)
    return {
        "changed": service.pid is not None,
        "method": method,
        "unit": service.unit,
        "pid": service.pid,
        "listening": sorted(_listener.text(one.address) for one in sockets),
        "validation": validation._asdict(),
        "msg": SENTENCES[method] % {"would": "would be" if check_mode else "was", "unit": service.unit, "pid": service.pid},
    }
