# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the run and its connection: a timer of systemd's, or a process of its own.

A timer doesn't outlive a reboot; with systemd a unit that it starts at the next boot does.
"""

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Tuple

from .._config.configuration import Configuration
from .._config.files import flush
from .._errors import Error, changing

if TYPE_CHECKING:
    from .._proof.sshd import Run

UNITS = "/etc/systemd/system"
AT_BOOT = """\
[Unit]
Description=Revert a change of sshd's MaxSessions that nobody had confirmed when the system went down
ConditionPathExists=%(pending)s/record.json
After=ssh.service sshd.service ssh.socket

[Service]
Type=simple
ExecStart="%(python)s" -I -B "%(pending)s/revert" --at-boot
"""


def start(configuration: Configuration, unit: str, seconds: int, run: "Run") -> None:
    """Have the pending change's ``revert`` run in ``seconds``, and after a reboot. Raises Error where that can't be had."""
    command = [sys.executable, "-I", "-B", os.path.join(configuration.pending, "revert"), "--wait"]
    if _has_systemd():
        _write_unit(configuration)
        timer = ["systemd-run", "--quiet", "--collect", "--unit=" + unit, "--on-active=%d" % seconds]
        timer += ["--timer-property=AccuracySec=100ms", "--description=Revert an unconfirmed change of sshd's MaxSessions"]
        made = run(timer + command)
        if made.rc:
            raise Error("Nothing was changed: systemd does not take the timer that would undo it: %s" % made.stderr.strip())
        return
    import subprocess  # noqa: PLC0415 (who stops one need not load it)

    try:
        # It outlives the module, and run_command would wait for it. pylint: disable-next=ansible-bad-function
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise Error("Nothing was changed: the process that would undo it can't be started: %s" % error) from error


def stop(configuration: Configuration, unit: str, run: "Run") -> None:
    """Call it off; a process ends by itself when it finds nothing pending."""
    if _has_systemd():
        _remove_unit(configuration)
        run(["systemctl", "stop", unit + ".timer"])


def _unit_paths(configuration: Configuration) -> Tuple[str, str]:
    """Return the paths of the unit for the next boot, and of the link that enables it."""
    name = configuration.unit + "-at-boot.service"
    return os.path.join(UNITS, name), os.path.join(UNITS, "multi-user.target.wants", name)


def _write_unit(configuration: Configuration) -> None:
    # systemd reads it at the next boot and not before: it needs no daemon-reload.
    path, link = _unit_paths(configuration)
    names = {"pending": configuration.pending, "python": sys.executable}
    text = AT_BOOT % {key: name.replace("%", "%%") for key, name in names.items()}
    _remove_unit(configuration)
    with changing(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with changing(link):
        os.makedirs(os.path.dirname(link), mode=0o755, exist_ok=True)
        os.symlink(path, link)
        flush(os.path.dirname(link))
        flush(UNITS)


def _remove_unit(configuration: Configuration) -> None:
    for path in reversed(_unit_paths(configuration)):
        with changing(path), contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _has_systemd() -> bool:
    return os.path.isdir("/run/systemd/system") and os.geteuid() == 0
