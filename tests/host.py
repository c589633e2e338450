# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throwaway sshd on which the module runs as a program of its own, so that it can be killed or starved."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import warm
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from throwaway_sshd import SSHD, ThrowawaySshd

MODULE = [sys.executable, "-m", "ansible_collections.multiplex.sshd.plugins.modules."]
LEFTOVERS = (".multiplex-", ".sshd_config.")
DROP_IN = "sshd_config.d/0-multiplex.conf"


class Host(ThrowawaySshd):
    """``place`` says where the module writes: ``drop_in`` or ``main``; ``folder``, the configuration's in the directory."""

    def __init__(self, place="drop_in", folder="."):
        super().__init__(body="MaxSessions 2\n")
        text = self.read()
        self.folder = os.path.normpath(self.path(folder))
        self.config = os.path.join(self.folder, "sshd_config")
        self.drop_ins = os.path.join(self.folder, "sshd_config.d")
        os.makedirs(self.drop_ins, exist_ok=True)
        self.write(self.config, f"Include {self.drop_ins}/*.conf\n{text}" if place == "drop_in" else text)
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
        words, whole = self.words(module, **options), self.environment(**(environment or {}))
        if environment:  # its locale, or what is preloaded, counts from a process's start
            done = subprocess.run(words, env=whole, capture_output=True, text=True, check=False)
            printed, said = done.stdout, done.stderr
        else:
            printed, said = warm.run(module, words[-1], whole)
        assert printed, said
        return json.loads(printed)

    def files(self):
        """Return ``{path: (octets, owner, mode, attributes)}`` of the configuration, but for our marks."""
        found = {}
        for path in self._paths():
            with contextlib.suppress(FileNotFoundError):  # a watchdog removes files too
                about = os.stat(path)
                attributes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
                with open(path, "rb") as file:
                    found[path] = (file.read(), about.st_uid, about.st_gid, about.st_mode, attributes)
        return found

    def identities(self):
        """Return ``{path: (inode, time of its last change)}`` of the configuration."""
        return {path: (os.stat(path).st_ino, os.stat(path).st_mtime_ns) for path in self._paths()}

    def _paths(self):
        for folder in (self.folder, self.drop_ins):
            for name in os.listdir(folder):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and (name.startswith("sshd_config") or folder == self.drop_ins):
                    yield path

    def leftovers(self):
        """Return what a run may have left beside the configuration."""
        names = os.listdir(self.folder) + os.listdir(self.drop_ins)
        return sorted(name for name in names if name.startswith(LEFTOVERS))

    def restart(self, *options, program=SSHD):
        """Start the listener anew, as ``program`` and with ``options``, in the foreground."""
        self.stop()
        words = [program, *(options or ["-D"]), "-f", self.config, "-E", self.log]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        if "-p" in options:
            self.port = int(options[options.index("-p") + 1])
        assert self.eventually(self.answers, 10), self.read("log")
        # The title follows the socket.
        assert self.eventually(lambda: "[listener]" in self.title(), 10)

    def title(self):
        """Return the command line that the listener shows."""
        with open(f"/proc/{self.process.pid}/cmdline") as file:
            return file.read()

    def listener(self):
        """Return what names the listening socket: a reload opens another one."""
        with open("/proc/net/tcp") as file:
            lines = [line.split() for line in file]
        return [fields[9] for fields in lines if fields[1].endswith(f":{self.port:04X}") and fields[3] == "0A"]

    def standing(self):
        """Return all that a refused change must leave: files with all that hangs on them, leftovers, the listener."""
        return self.files(), self.leftovers(), self.listener(), self.process.poll(), self.valid(), self.answers()

    def sshd(self, script):
        """Lay an sshd that runs the shell's ``script`` before it is itself; return its path."""
        path = self.write("tmp/sshd", f'#!/bin/sh\n{script}\nexec {SSHD} "$@"\n')
        os.chmod(path, 0o755)  # noqa: S103
        return path

    def temporary(self):
        """Return what the module may have left in its temporary directory."""
        return os.listdir(self.path("tmp"))

    def watchdogs(self):
        """Return what waits to undo a change, or does: systemd's units, or processes."""
        words = ["pgrep", "-f", f"^[^ ]*python.*{self.folder}/.sshd_config.pending"]
        if os.path.isdir("/run/systemd/system") and os.geteuid() == 0:
            units = f"{Configuration.at(self.config).unit}-*"
            words = ["systemctl", "list-units", "--all", "--plain", "--no-legend", units]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()

    def end_watchdogs(self):
        """End what waits to undo a change, as a reboot does."""
        for watchdog in self.watchdogs():
            if watchdog.isdigit():
                os.kill(int(watchdog), signal.SIGKILL)
            else:
                subprocess.run(["systemctl", "stop", watchdog.split()[0]], check=True)
        assert self.eventually(lambda: not self.watchdogs())

    def valid(self):
        """Say whether sshd accepts the configuration."""
        return subprocess.run([SSHD, "-t", "-f", self.config], check=False).returncode == 0

    def eventually(self, condition, seconds=40):
        """Wait until ``condition()`` holds; say whether it did within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        return condition()
