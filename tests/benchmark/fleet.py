# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet on loopback: as many throwaway sshd as one wants, each with a configuration of its own."""

import contextlib
import glob
import os
import signal
import subprocess
import time

from throwaway_sshd import ThrowawaySshd

SECONDS = 20


class Member(ThrowawaySshd):
    """An sshd that allows two sessions and includes drop-ins, as a distribution's does."""

    def __init__(self, number):
        # At shell level 1 bash would read ~/.bashrc for each command, whatever this machine's user has there.
        body = "MaxSessions 2\n"
        super().__init__(body=body, address=f"127.0.{1 + number // 200}.{1 + number % 200}")
        self.bare = f"Include {self.drop_ins}/*.conf\n{self.read()}"
        self.write("sshd_config", self.bare)

    def reset(self):
        """Go back to two sessions, in the file and in the server."""
        changed = self.read() != self.bare or os.listdir(self.drop_ins)
        for path in glob.glob(self.path("sshd_config.d/*")):
            os.unlink(path)
        self.write("sshd_config", self.bare)
        if changed:
            begun = self.read("log").count("Server listening")
            self.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + SECONDS
            while self.read("log").count("Server listening") == begun or not self.answers():
                if time.monotonic() > deadline:
                    raise SystemExit(f"{self.config}: sshd does not come back")
                time.sleep(0.01)


class Fleet:
    """A context manager: ``members``, ``count`` of them, and ``inventory``, the path of what tells Ansible of them."""

    def __init__(self, count, directory):
        self.members = []
        self.stack = contextlib.ExitStack()
        self.count = count
        self.inventory = os.path.join(directory, f"hosts-{count}")

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.members = [stack.enter_context(Member(number)) for number in range(self.count)]
            self.stack = stack.pop_all()
        with open(self.inventory, "w") as file:
            for number, member in enumerate(self.members):
                settings = f"max_sessions_config={member.config} bench_config={member.config} bench_pid={member.path('pid')}"
                file.write(member.inventory(f"h{number:03}").replace("\n", f" {settings}\n"))
        return self

    def __exit__(self, *exc):
        self.cold()
        return self.stack.__exit__(*exc)

    def reset(self):
        """Have every member allow two sessions again."""
        for member in self.members:
            member.reset()

    def cold(self):
        """End all of Ansible's connections: the next run makes its own."""
        sockets = [path for member in self.members for path in glob.glob(member.path("masters/*"))]
        ending = [
            subprocess.Popen(["ssh", "-F", "none", "-S", path, "-O", "exit", "x"], stderr=subprocess.DEVNULL)
            for path in sockets
        ]
        for each in ending:
            each.wait()
