# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""README's first run, on a host where ssh and sudo ask for a password."""

import json
import os
import secrets
import shutil
import subprocess

import pexpect
import pytest
from ansible.release import __version__
from installed import ROOT
from probe import own_etc

COMMAND = "ansible-playbook multiplex.sshd.tune -i HOST, -e max_sessions_clone_depth=5"
SECONDS = 120


@pytest.fixture
def password():
    if tuple(map(int, __version__.split(".")[:2])) < (2, 19) and not shutil.which("sshpass"):
        pytest.skip(f"ansible-core {__version__} tells passwords to ssh by sshpass only")
    return secrets.token_urlsafe(12)


@pytest.fixture
def server(password):
    own_etc.needed()
    words = ["openssl", "passwd", "-6", "-stdin"]
    hashed = subprocess.run(words, input=password, capture_output=True, text=True, check=True).stdout.strip()
    etc = {"sudoers": f"{own_etc.USER} ALL=(ALL:ALL) ALL\n"}
    first = "UsePAM yes\nPasswordAuthentication yes\n"
    with own_etc.OwnEtcSshd("MaxSessions 2\n", etc=etc, shadow=f"{hashed}:19000:0:99999:7:::", first=first) as running:
        os.mkdir(running.path("home"))
        os.chown(running.path("home"), running.port, running.port)  # the user's number
        yield running


def answered(server, password, *arguments):
    """Run README's command with ``-k``, ``-K`` and ``arguments``, answer what it asks; return what it printed."""
    variables = {
        "ansible_port": server.port,
        "ansible_user": server.user,
        "ansible_remote_tmp": server.path("home"),
        "ansible_control_path_dir": server.path("masters"),
        "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={server.known_hosts} -o GlobalKnownHostsFile=none",
        "max_sessions_config": server.config,
    }
    program, *words = COMMAND.replace("HOST", server.address).split()
    words += ["-k", "-K", "-e", json.dumps(variables), "-e", "ansible_python_interpreter=auto_silent", *arguments]
    run = pexpect.spawn(program, words, encoding="utf-8", timeout=SECONDS)
    run.expect("SSH password: ")
    run.sendline(password)
    run.expect("BECOME password.*: ")
    run.sendline("")  # it is the same
    run.expect(pexpect.EOF)
    output = run.before
    run.close()
    assert run.exitstatus == 0, output
    assert password not in output and "Python interpreter" not in output
    return output


def test_passwords_are_asked_for_and_taken(server, password):
    old = server.read()
    assert f"\n{COMMAND} --check --diff\n" in (ROOT / "README.md").read_text()
    assert "+MaxSessions 6" in answered(server, password, "--check", "--diff")
    assert server.read() == old
    assert "changed=1" in answered(server, password)
    assert "\nMaxSessions 6\n" in server.read()
    assert "changed=0" in answered(server, password)
