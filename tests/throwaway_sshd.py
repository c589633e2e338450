# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real sshd on a free loopback port, with everything that it owns in one temporary directory."""

import contextlib
import getpass
import glob
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
SECONDS = 10


def free_port(address="127.0.0.1"):
    """Return a TCP port that nothing listens on at ``address``, below those that the kernel gives to clients meanwhile."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((address, random.randrange(16384, 32768)))
            return probe.getsockname()[1]


class ThrowawaySshd:
    """A context manager: an sshd that serves the calling user by key, and its client settings.

    ``body`` is the text that follows the fixed lines of its main file; the fixed lines set nothing about sessions.
    ``first`` is text that stands before them. ``files`` maps names below the directory to texts, laid before start.
    A subclass may name in ``within`` the words of a command that runs sshd in other surroundings.
    """

    within = ()

    def __init__(self, body="", first="", files=None, address="127.0.0.1"):
        self.directory = tempfile.mkdtemp(prefix="mux-sshd-")
        self.address = address
        self.port = free_port(address)
        self.user = getpass.getuser()
        self.config = self.path("sshd_config")
        self.drop_ins = self.path("sshd_config.d")
        self.key = self.path("id_ed25519")
        self.known_hosts = self.path("known_hosts")
        self.log = self.path("log")
        self.process = None
        os.mkdir(self.drop_ins, 0o755)
        for key in ("host_key", "id_ed25519"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(key)], check=True)
        shutil.copy(self.path("id_ed25519.pub"), self.path("authorized_keys"))
        with open(self.path("host_key.pub")) as public:
            self.write("known_hosts", f"[{address}]:{self.port} {public.read()}")
        for name, text in (files or {}).items():
            self.write(name, text)
        self.write("sshd_config", f"{first}{self.fixed_lines()}{body}")

    def path(self, name):
        """Return the absolute path of ``name`` in this server's directory."""
        return os.path.join(self.directory, name)

    def write(self, name, text):
        """Write ``text`` to ``name`` in this server's directory and return its path."""
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def read(self, name="sshd_config"):
        """Return the text of ``name`` in this server's directory."""
        with open(self.path(name)) as file:
            return file.read()

    def fixed_lines(self):
        """Return the lines that make this server a throwaway one."""
        return (
            f"Port {self.port}\nListenAddress {self.address}\nHostKey {self.path('host_key')}\n"
            f"PidFile {self.path('pid')}\nAuthorizedKeysFile {self.path('authorized_keys')}\n"
            "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPrintMotd no\nPermitRootLogin yes\n"
            "MaxStartups 200\nSubsystem sftp internal-sftp\n"
            # When sshd starts it at the first shell level, bash reads ~/.bashrc: that may take longer than all else.
            "SetEnv SHLVL=1\n"
        )

    def start(self):
        """Start the listener and wait for its banner; raise RuntimeError with its log if it doesn't come."""
        self.process = subprocess.Popen(
            [*self.within, SSHD, "-D", "-f", self.config, "-E", self.log], stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"sshd did not start: {self.read('log')}")
            time.sleep(0.01)

    def answers(self):
        """Say whether a new connection gets an SSH banner."""
        with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), SECONDS) as client:
            return client.recv(4) == b"SSH-"
        return False

    def stop(self):
        """End the listener and wait for it; sessions that are open stay."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(SECONDS)

    def ssh_args(self):
        """Return OpenSSH client arguments that reach this server and no file of the calling user's."""
        return [
            "-F", "none", "-p", str(self.port), "-l", self.user, "-i", self.key, "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "GlobalKnownHostsFile=none", "-o", "BatchMode=yes",
        ]  # fmt: skip

    def inventory(self, name="throwaway"):
        """Return an INI inventory in which host ``name`` is this server, reached over SSH."""
        return (
            f"{name} ansible_host={self.address} ansible_port={self.port} ansible_user={self.user} "
            f"ansible_ssh_private_key_file={self.key} ansible_python_interpreter=/usr/bin/python3 "
            f"ansible_control_path_dir={self.path('masters')} "
            f"ansible_ssh_common_args='-F none -o IdentitiesOnly=yes -o UserKnownHostsFile={self.known_hosts} "
            "-o GlobalKnownHostsFile=none'\n"
        )

    def __enter__(self):
        try:
            self._privilege_separation_directory()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        self.stop()
        # Ansible's ControlPersist masters would keep their connections, and so this server's processes, for a minute.
        for master in glob.glob(self.path("masters/*")):
            subprocess.run(["ssh", "-F", "none", "-S", master, "-O", "exit", "x"], capture_output=True, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def _privilege_separation_directory():
        # As root, sshd refuses to start without it, and where no service ever started sshd nobody made it.
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
