# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A slot is a slot, whoever logs in and whatever the account may run; secrets reach ssh and nothing else."""

import contextlib
import json
import os
import pathlib
import pwd
import secrets
import signal
import subprocess

import pytest
from conftest import host_line, independent_count, probe_play

SIX = "MaxSessions 6\n"
EXACT = {"clone_depth": 5, "exact": True}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="sshd serves other accounts only when root runs it")


def opened_by_others(server):
    """Let other accounts of this machine read what this server authorizes."""
    os.chmod(server.directory, 0o711)  # noqa: S103 (sshd reads authorized_keys as the user who logs in)


@pytest.fixture
def account():
    """A temporary local account with a password; yields (name, password)."""
    name, password = f"mux{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    crypted = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password, check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", "--password", crypted, name], check=True)
    yield name, password
    subprocess.run(["userdel", "--force", name], check=True, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("command", ["exit 3", "internal-sftp", "cat"])
@pytest.mark.parametrize("session", ["exec", "shell"])
def test_forced_command(command, session, playbook, servers):
    server = servers(f"{SIX}ForceCommand {command}\n")
    result = playbook.probe(server, {**EXACT, "session": session})
    assert (result["failed"], result["clones"], result["refused"]) == (False, 5, 1), result["msg"]
    assert independent_count(server, 7) == 6


def test_no_terminal_is_not_called_max_sessions(playbook, servers):
    result = playbook.probe(servers(SIX + "PermitTTY no\n"), {**EXACT, "session": "shell"})
    assert result["failed"] and result["opened"] == 6 and result["clones"] == 0
    assert result["refusal"] == {
        "session": 1,
        "request": "pty-req",
        "reason_code": None,
        "text": "pty-req request failed",
    }
    assert "MaxSessions is not the reason: PermitTTY no" in result["msg"]


@as_root
def test_nologin_account(playbook, servers):
    names = [user.pw_name for user in pwd.getpwall() if user.pw_shell.endswith("/nologin")]
    server = servers(SIX)
    opened_by_others(server)
    result = playbook.probe(server, {**EXACT, "user": names[0]})
    assert (result["failed"], result["clones"], result["refused"]) == (False, 5, 1), result["msg"]
    assert result["connection"]["user"] == names[0]
    assert independent_count(server, 7, username=names[0]) == 6


@as_root
def test_password(playbook, servers, account):
    name, password = account
    server = servers(SIX, first="PasswordAuthentication yes\n")
    opened_by_others(server)
    extra = f"ansible_user={name} ansible_password={password} ansible_ssh_private_key_file="
    inventory = host_line("right", server, extra) + host_line("wrong", server, extra.replace(password, "nonsense"))
    inventory += host_line("none", server, f"ansible_user={name} ansible_ssh_private_key_file=")
    inventory += host_line("unknown", server, extra).replace(server.known_hosts, "/dev/null")
    plays = [probe_play(host, EXACT) for host in ("right", "wrong", "none", "unknown")]
    results, said = playbook.run(inventory, plays, "-vvvvv")
    right = results["right"]
    assert (right["failed"], right["clones"], right["connection"]["user"]) == (False, 5, name), right["msg"]
    for host in ("wrong", "none"):
        assert results[host]["failed"] and "Permission denied" in results[host]["msg"]
        assert "Authentication failed" in results[host]["msg"]
    assert "Host key verification failed" in results["unknown"]["msg"] and "no clone" in results["unknown"]["msg"]
    assert password not in said
    assert independent_count(server, 7, username=name, password=password, client_keys=None) == 6


@as_root
def test_password_stays_with_its_account(playbook, servers, account):
    name, password = account
    server, other = (servers(SIX, first="PasswordAuthentication yes\n") for dummy in range(2))
    opened_by_others(other)
    extra = f"ansible_user={name} ansible_password={password} ansible_ssh_private_key_file="
    options = {**EXACT, "ssh_args": f"-F none -o UserKnownHostsFile={other.known_hosts}"}
    inventory = host_line("own", other, extra) + host_line("other", server, extra)
    plays = [probe_play("own", options), probe_play("other", {**options, "port": other.port})]
    results, _said = playbook.run(inventory, plays)
    assert not results["own"]["failed"], results["own"]["msg"]
    assert results["other"]["failed"] and "Permission denied" in results["other"]["msg"]
    assert other.read("log").count("Accepted password") == 1


@as_root
def test_password_is_in_no_other_process(playbook, stalling, account):
    name, password = account
    server = stalling(first="PasswordAuthentication yes\n")
    opened_by_others(server)
    (playbook.directory / "secret.json").write_text(json.dumps({"ansible_password": password}))
    inventory = host_line("one", server, f"ansible_user={name} ansible_ssh_private_key_file=")
    play = probe_play("one", {"clone_depth": server.MANY})
    with playbook.running(inventory, [play], "-e", "@secret.json") as process:
        stopped = server.stopped()
        left = playbook.leftovers()
        assert any("ControlMaster=yes" in each for each in left), left
        for file in [*pathlib.Path("/proc").glob("[0-9]*/cmdline"), *pathlib.Path("/proc").glob("[0-9]*/environ")]:
            with contextlib.suppress(OSError):
                assert password.encode() not in file.read_bytes(), file
        for directory in [*playbook.temporary.rglob("*"), *pathlib.Path("/tmp").glob("clone-*/*")]:
            assert not directory.is_file() or password not in directory.read_text(errors="replace")
        os.kill(stopped, signal.SIGKILL)
        process.communicate(timeout=30)


@pytest.fixture
def locked_key(servers):
    """A server, and a key with a passphrase that it lets in; yields (server, key, passphrase)."""
    server = servers(SIX)
    passphrase = secrets.token_urlsafe(12)
    key = server.path("locked")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", key], check=True)
    server.write("authorized_keys", server.read("locked.pub"))
    return server, key, passphrase


def test_passphrase_of_a_key_file(playbook, locked_key):
    server, key, passphrase = locked_key
    extra = f"ansible_ssh_private_key_file={key} ansible_password={passphrase}"
    extra += " ansible_sshpass_prompt='Enter passphrase'"
    result = playbook.probe(server, EXACT, extra)
    assert (result["failed"], result["clones"]) == (False, 5), result["msg"]
    result = playbook.probe(server, EXACT, f"ansible_ssh_private_key_file={key}")
    assert result["failed"] and "Permission denied" in result["msg"]


@pytest.mark.parametrize("locked", [False, True])
def test_private_key_in_the_inventory(locked, playbook, locked_key):
    release = pytest.importorskip("ansible.release").__version__
    if tuple(map(int, release.split(".")[:2])) < (2, 19):
        pytest.skip(f"ansible-core {release} has no private_key; 2.19 has")
    server, key, passphrase = locked_key
    if locked:
        pytest.importorskip("bcrypt", reason="Ansible needs it to unlock such a key")
    else:
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", passphrase, "-N", "", "-f", key], check=True)
    variables = {
        "ansible_private_key": pathlib.Path(key).read_text(),
        "ansible_private_key_passphrase": passphrase if locked else "",
        "ansible_ssh_private_key_file": "",
    }
    play = probe_play("one", EXACT, vars=variables)
    results, _said = playbook.run(host_line("one", server), [play], ANSIBLE_SSH_AGENT="auto")
    assert (results["one"]["failed"], results["one"].get("clones")) == (False, 5), results["one"]["msg"]
