# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd logged since a moment, from wherever it logs."""

import contextlib
import errno
import os
import stat
import time
from typing import Dict, Optional

from .._proof.sshd import Run
from .command_line import log_file

FILES = ("/var/log/auth.log", "/var/log/secure", "/var/log/messages")
LINES = 10  # enough for sshd's reason and the service manager's


class ServerLog:
    """The log of the sshd with a command ``line`` from now on. ``unit`` is its systemd service or None."""

    def __init__(self, line: str, unit: Optional[str], run: Run) -> None:
        own = log_file(line)
        self.unit = unit
        self.run = run
        self.since = time.time()
        self.ends: Dict[str, int] = {}
        for path in [own] if own else FILES:
            with contextlib.suppress(OSError), open(path, "rb", opener=_file) as file:
                self.ends[path] = os.fstat(file.fileno()).st_size

    def last_lines(self) -> str:
        """Return its last lines as one text, empty if nothing was logged where this looks."""
        lines = []
        if self.unit:
            since = "--since=@%d" % self.since
            lines = self.run(["journalctl", "-q", "--no-pager", "-o", "cat", "-u", self.unit, since]).stdout.splitlines()
        for path, end in self.ends.items():
            with contextlib.suppress(OSError), open(path, "rb", opener=_file) as file:
                file.seek(end)
                text = file.read().decode("utf-8", "replace")
                lines += [line for line in text.splitlines() if self._is_sshds(path, line)]
        return "\n".join(lines[-LINES:])

    @staticmethod
    def _is_sshds(path: str, line: str) -> bool:
        """Say whether the ``line`` of the file ``path`` is an sshd's: the system's logs are everyone's."""
        return path not in FILES or "sshd" in line


def _file(path: str, flags: int) -> int:
    """Open the file at ``path``, and nothing else: its directory may be somebody's who would have root read other things."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
