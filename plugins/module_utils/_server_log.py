# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd logged since a moment, from wherever it logs."""

import contextlib
import os
import re
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._files import decode, readable

FILES = ("/var/log/auth.log", "/var/log/secure", "/var/log/messages")
LINES = 10  # enough for sshd's reason and the service manager's


class ServerLog:
    """The log of one sshd from now on. ``arguments`` is its command line, ``unit`` its systemd service or None."""

    def __init__(self, arguments, unit, run):
        own = re.search(r" -E ?(\S+)", arguments)
        self.unit = unit
        self.run = run
        self.since = time.time()
        self.ends = {}
        for path in [own.group(1)] if own else FILES:
            with contextlib.suppress(OSError):
                self.ends[path] = os.path.getsize(path)

    def words(self):
        """Return its last lines as one text, empty if nothing was logged where this looks."""
        found = []
        if self.unit:
            since = "--since=@%d" % self.since
            found = self.run(["journalctl", "-q", "--no-pager", "-o", "cat", "-u", self.unit, since])[1].splitlines()
        for path, end in self.ends.items():
            with contextlib.suppress(OSError), open(path, "rb") as file:
                file.seek(end)
                found += [line for line in readable(decode(file.read())).splitlines() if self.mine(path, line)]
        return "\n".join(found[-LINES:])

    @staticmethod
    def mine(path, line):
        """Say whether the ``line`` of the file ``path`` is an sshd's: the system's logs are everyone's."""
        return path not in FILES or "sshd" in line
