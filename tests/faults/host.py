# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throwaway sshd on which the module runs as a program of its own, so that it can be killed or starved."""

import json
import os
import subprocess
import sys
import time

from throwaway_sshd import ThrowawaySshd

MODULE = [sys.executable, "-m", "ansible_collections.multiplex.sshd.plugins.modules."]
LEFTOVERS = (".multiplex-", ".sshd_config.")
DROP_IN = "sshd_config.d/0-multiplex.conf"


class Host(ThrowawaySshd):
    """``place`` says where the module writes: ``drop_in`` or ``main``."""

    def __init__(self, place="drop_in"):
        super().__init__(body="MaxSessions 2\n")
        if place == "drop_in":
            self.write("sshd_config", f"Include {self.drop_ins}/*.conf\n{self.read()}")
        os.mkdir(self.path("tmp"))

    def words(self, module="max_sessions", **options):
        """Return the command that runs ``module`` with ``options``."""
        self.write("tmp/args", json.dumps({"ANSIBLE_MODULE_ARGS": {"config": self.config, **options}}))
        return [*MODULE[:-1], MODULE[-1] + module, self.path("tmp/args")]

    def environment(self, **more):
        """Return the environment that the module runs in."""
        return {**os.environ, "PYTHONPATH": ".cache/collections", "TMPDIR": self.path("tmp"), **more}

    def run(self, module="max_sessions", environment=None, **options):
        """Run ``module`` to its end; return its result."""
        done = subprocess.run(
            self.words(module, **options),
            env=self.environment(**(environment or {})),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def files(self):
        """Return ``{path: (octets, owner, mode)}`` of the configuration, what is hidden included but for our marks."""
        found = {}
        for folder in (self.directory, self.drop_ins):
            for name in os.listdir(folder):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and (name.startswith("sshd_config") or folder == self.drop_ins):
                    about = os.stat(path)
                    with open(path, "rb") as file:
                        found[path] = (file.read(), about.st_uid, about.st_gid, about.st_mode)
        return found

    def leftovers(self):
        """Return what a run may have left beside the configuration."""
        names = os.listdir(self.directory) + os.listdir(self.drop_ins)
        return sorted(name for name in names if name.startswith(LEFTOVERS))

    def valid(self):
        """Say whether sshd accepts the configuration."""
        return subprocess.run(["/usr/sbin/sshd", "-t", "-f", self.config], check=False).returncode == 0

    def eventually(self, condition, seconds=15):
        """Wait until ``condition()`` holds; say whether it did within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        return condition()
