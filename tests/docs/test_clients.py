# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/clients.md says a client does when a clone is refused, done by the client itself."""

import os
import shutil
import subprocess
import time

import pytest
from installed import ROOT
from throwaway_sshd import ThrowawaySshd

PAGE = (ROOT / "docs/clients.md").read_text()
OPENSSH = "mux_client_request_session: session request failed: Session open refused by peer"
PUTTY = "FATAL ERROR: Server refused to open main channel: Connect failed [open failed]"
SECONDS = 15


class Full(ThrowawaySshd):
    """A server with room for two sessions, and a connection on which both are taken."""

    def __init__(self):
        super().__init__(body="MaxSessions 2\n")
        self.held = []

    def hold(self, words, opened):
        """Have ``words`` open a session that stays; wait until the log tells of ``opened`` in all."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.held.append(subprocess.Popen(words, stdin=subprocess.PIPE, env=self.environment(), **quiet))
        deadline = time.monotonic() + SECONDS
        while self.read("log").count("Starting session") < opened:
            assert time.monotonic() < deadline, self.read("log")
            time.sleep(0.02)

    def environment(self):
        return {**os.environ, "HOME": self.directory}

    def run(self, *words):
        words = {"args": words, "stdin": subprocess.DEVNULL, "env": self.environment(), "timeout": SECONDS}
        return subprocess.run(**words, capture_output=True, text=True, check=False)

    def connections(self):
        return self.read("log").count("Accepted publickey")

    def fixed_lines(self):
        return super().fixed_lines() + "LogLevel VERBOSE\n"

    def __exit__(self, *exc):
        # At the end of what it reads, cat ends, and with it the client, which removes what it shares the connection by.
        for process in reversed(self.held):
            process.communicate(timeout=SECONDS)
        super().__exit__(*exc)


@pytest.fixture
def openssh():
    with Full() as server:
        words = ["ssh", *server.ssh_args(), "-S", server.path("m"), server.address, "cat"]
        server.hold([words[0], "-M", *words[1:]], 1)
        server.hold(words, 2)
        yield server


@pytest.fixture
def putty():
    with Full() as server:
        subprocess.run(["puttygen", server.key, "-O", "private", "-o", server.path("key.ppk")], check=True)
        told = subprocess.run(["ssh-keygen", "-lf", server.path("host_key.pub")], check=True, capture_output=True, text=True)
        server.putty = ["-batch", "-share", "-hostkey", told.stdout.split()[1], "-i", server.path("key.ppk")]
        server.putty += ["-P", str(server.port), "-l", server.user]
        words = ["plink", *server.putty, server.address, "cat"]
        server.hold(words, 1)
        server.hold(words, 2)
        yield server
    shared = f"/tmp/putty-connshare.{server.user}"
    if os.listdir(shared) == ["salt"]:  # and nothing of another one that runs
        shutil.rmtree(shared)


def test_openssh_opens_a_second_connection_and_succeeds(openssh):
    options = [*openssh.ssh_args(), "-S", openssh.path("m"), openssh.address]
    done = openssh.run("ssh", *options, "echo hello")
    assert (done.returncode, done.stdout) == (0, "hello\n") and openssh.connections() == 2
    assert OPENSSH in done.stderr and OPENSSH in PAGE
    done = openssh.run("ssh", "-q", *options, "echo hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "") and openssh.connections() == 3


def test_openssh_without_its_fallback_fails(openssh):
    options = [*openssh.ssh_args(), "-S", openssh.path("m"), "-o", "ProxyCommand=false", openssh.address]
    done = openssh.run("ssh", *options, "echo hello")
    assert done.returncode == 255 and OPENSSH in done.stderr and openssh.connections() == 1
    assert "ProxyCommand=false" in PAGE


def test_ansible_does_the_same_and_says_nothing(openssh):
    openssh.write("inventory", openssh.inventory())
    words = ["ansible", "-i", openssh.path("inventory"), "all", "-m", "ansible.builtin.ping"]
    more = {"ANSIBLE_SSH_CONTROL_PATH": openssh.path("m"), "ANSIBLE_HOME": openssh.path("ansible")}
    done = subprocess.run(words, env={**openssh.environment(), **more}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "pong" in done.stdout, done.stdout + done.stderr
    assert openssh.connections() > 1 and openssh.read("log").count("no more sessions") > 0
    assert "refused" not in done.stdout + done.stderr


@pytest.mark.parametrize("program", ["sftp", "scp"])
def test_openssh_sftp_and_scp_do_the_same(openssh, program):
    options = ["-F", "none", "-i", openssh.key, "-P", str(openssh.port), "-o", f"ControlPath={openssh.path('m')}"]
    options += ["-o", f"UserKnownHostsFile={openssh.known_hosts}", "-o", "BatchMode=yes"]
    whom = f"{openssh.user}@{openssh.address}"
    words = ["-b", "/dev/null", whom] if program == "sftp" else [f"{whom}:/etc/hostname", openssh.path("copy")]
    done = openssh.run(program, *options, *words)
    assert done.returncode == 0 and OPENSSH in done.stderr and openssh.connections() == 2


def test_putty_fails_and_opens_nothing(putty):
    done = putty.run("plink", *putty.putty, putty.address, "echo hello")
    assert done.returncode == 1 and not done.stdout and putty.connections() == 1
    assert PUTTY in done.stderr and PUTTY in PAGE


def test_psftp_does_the_same(putty):
    done = putty.run("psftp", *putty.putty, "-b", "/dev/null", putty.address)
    assert done.returncode == 1 and PUTTY in done.stderr and putty.connections() == 1


def test_the_server_logs_each_refusal(putty):
    putty.run("plink", *putty.putty, putty.address, "echo hello")
    assert putty.read("log").count("no more sessions") == 1
