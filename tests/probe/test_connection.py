# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the server is the inventory's, and always a fresh connection that is the probe's own."""

import os
import subprocess
import tempfile

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _control_path
from ansible_collections.multiplex.sshd.plugins.plugin_utils._client import Target
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import Master
from conftest import commands, host_line, independent_count, probe_play, reload

SIX = "MaxSessions 6\n"
EXACT = {"clone_depth": 5, "exact": True}


def with_args(server, args):
    """Return an inventory line whose common ssh arguments are ``args`` besides the server's own."""
    return server.inventory("one").replace("GlobalKnownHostsFile=none'", f"GlobalKnownHostsFile=none {args}'")


def works(result):
    """Say whether a probe with EXACT was content."""
    return (result["failed"], result.get("clones"), result.get("refused")) == (False, 5, 1)


def test_through_a_proxy_jump(playbook, servers):
    # One session of its own at the most, so a probe that counted there would fail.
    jump, server = servers("MaxSessions 1\n"), servers(SIX)
    config = jump.write(
        "jump_config",
        f"Host jump\n HostName {jump.address}\n Port {jump.port}\n User {jump.user}\n IdentityFile {jump.key}\n"
        f" UserKnownHostsFile {jump.known_hosts}\nHost *\n IdentitiesOnly yes\n",
    )
    inventory = with_args(server, "-J jump").replace("-F none", f"-F {config}")
    results, _said = playbook.run(inventory, [probe_play("one", EXACT)])
    assert works(results["one"]), results["one"]["msg"]
    assert "Accepted publickey" in jump.read("log")
    assert independent_count(server, 7) == 6


def test_settings_of_a_person_do_not_get_in_the_way(playbook, servers, tmp_path):
    server = servers(SIX)
    config = server.write(
        "hostile",
        f"ControlMaster auto\nControlPath {tmp_path}/%C\nControlPersist 60\n"
        f"LocalForward {tmp_path}/forward 127.0.0.1:1\n"
        f"ExitOnForwardFailure yes\nRemoteCommand sleep 60\nRequestTTY force\nForkAfterAuthentication yes\n"
        f"StdinNull yes\nPermitLocalCommand yes\nLocalCommand touch {tmp_path}/ran\nSessionType default\n"
        "LogLevel QUIET\n",
    )
    inventory = with_args(server, f"-M -f -t -v -E {tmp_path}/log -S {tmp_path}/own -L 0:127.0.0.1:1")
    # Without exact: a refused session would make a master that got away end by itself.
    play = probe_play("one", {"clone_depth": 5})
    results, _said = playbook.run(inventory.replace("-F none", f"-F {config}"), [play])
    assert (results["one"]["failed"], results["one"].get("clones")) == (False, 5), results["one"]["msg"]
    assert list(tmp_path.iterdir()) == []


def test_fresh_beside_the_connection_that_ansible_keeps(playbook, servers):
    server = servers(SIX)
    twice = f"[ $(grep -c 'Server listening' {server.log}) = 2 ]"
    again = f"kill -HUP {server.process.pid}; until {twice}; do sleep .1; done"
    plays = [
        {
            "hosts": "one",
            "gather_facts": False,
            "tasks": [
                {"ansible.builtin.raw": f"sed -i 's/^MaxSessions .*/MaxSessions 9/' {server.config}; {again}"},
                {"multiplex.sshd.clone_probe": {"clone_depth": 8, "exact": True}},
            ],
        }
    ]
    results, _said = playbook.run(host_line("one", server), plays)
    assert (results["one"]["failed"], results["one"]["clones"]) == (False, 8), results["one"]["msg"]


def test_not_reloaded_fails(playbook, servers):
    server = servers(SIX)
    server.write("sshd_config", server.read().replace("MaxSessions 6", "MaxSessions 9"))
    result = playbook.probe(server, {"clone_depth": 8})
    assert result["failed"] and result["clones"] == 5
    assert "MaxSessions is 6 on this connection. Either sshd was not reloaded" in result["msg"]
    assert independent_count(server, 9) == 6
    reload(server)
    assert not playbook.probe(server, {"clone_depth": 8})["failed"]


def test_long_temporary_directory(playbook, servers, tmp_path):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    server = servers(SIX)
    assert works(playbook.probe(server, EXACT, TMPDIR=str(long)))
    assert not list(long.glob("clone-*"))
    assert not any(server.known_hosts.encode() in command for command in commands())


def test_control_path_as_long_as_it_may_be(servers, monkeypatch):
    server = servers(SIX)
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        base = os.path.join(short, "x" * (_control_path.LONGEST - len(short) - len("//clone-0123456789ab/s")))
        os.mkdir(base)
        monkeypatch.setattr(_control_path.tempfile, "gettempdir", lambda: base)
        with Master(Target(server.address, server.ssh_args()).master, 20) as master:
            assert len(master.control_path) == _control_path.LONGEST and os.path.exists(master.control_path)
        assert os.listdir(base) == []


def test_ipv6(playbook, servers):
    server = servers(SIX)
    config = server.read().replace("ListenAddress 127.0.0.1", "AddressFamily inet6\nListenAddress ::1")
    server.write("known_hosts", server.read("known_hosts").replace("127.0.0.1", "::1"))
    server.stop()
    server.write("sshd_config", config)
    server.address = "::1"
    try:
        server.start()
    except RuntimeError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")
    result = playbook.probe(server, EXACT)
    assert works(result) and result["connection"]["host"] == "::1", result["msg"]


def test_options_override_the_inventory(playbook, servers):
    server = servers(SIX)
    options = {"host": server.address, "port": server.port, "user": server.user, "private_key_file": server.key}
    wrong = "one ansible_host=203.0.113.1 ansible_port=1 ansible_user=nobody ansible_ssh_private_key_file=/nowhere"
    ssh_args = f"-F none -o UserKnownHostsFile={server.known_hosts}"
    inventory = f"{wrong} ansible_ssh_common_args='-F /nowhere'\ntwo ansible_connection=local\n"
    plays = [probe_play(host, {**EXACT, **options, "ssh_args": ssh_args}) for host in ("one", "two")]
    results, _said = playbook.run(inventory, plays)
    assert works(results["one"]), results["one"]["msg"]
    assert works(results["two"]), results["two"]["msg"]


def test_become_is_ignored(playbook, servers):
    play = probe_play("one", EXACT, become=True, become_user="nobody", become_method="ansible.builtin.su")
    results, _said = playbook.run(host_line("one", servers(SIX)), [play])
    assert works(results["one"]), results["one"]["msg"]


def test_check_mode_probes_and_says_so(playbook, servers):
    results, _said = playbook.run(host_line("one", servers(SIX)), [probe_play("one", EXACT)], "--check")
    assert works(results["one"]) and results["one"]["probed_in_check_mode"] is True


def test_host_key_checking(playbook, servers):
    server = servers(SIX)
    server.write("known_hosts", "")
    result = playbook.probe(server, EXACT)
    assert result["failed"] and "Host key verification failed" in result["msg"] and "known_hosts" in result["msg"]
    assert works(playbook.probe(server, EXACT, "ansible_host_key_checking=false"))


def test_many_hosts_at_once(playbook, servers):
    fleet = {limit: servers(f"MaxSessions {limit}\n") for limit in (3, 5, 8)}
    names = {f"h{index}": [*fleet][index % len(fleet)] for index in range(36)}
    inventory = "".join(host_line(name, fleet[limit]) for name, limit in names.items())
    results, _said = playbook.run(inventory, [probe_play("all", {"limit": 12})], "--forks=12")
    assert {name: result["opened"] for name, result in results.items()} == names


@pytest.mark.parametrize("quiet", [False, True])
def test_the_client_that_falls_back_is_not_ours(quiet, servers):
    """What everyone's test does, so that the reason for this module stays true: it passes where no clone opens."""
    server = servers("MaxSessions 1\nForceCommand cat\n")
    control = ["-o", "ControlMaster=auto", "-o", f"ControlPath={server.path('s')}"]
    first = subprocess.Popen(
        ["ssh", *server.ssh_args(), *control, server.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    first.stdin.write(b"here\n")
    first.stdin.flush()
    assert first.stdout.readline() == b"here\n"
    words = ["ssh", *(["-q"] if quiet else []), *server.ssh_args(), *control, server.address]
    clone = subprocess.run(words, input=b"there\n", capture_output=True, check=False)
    first.communicate()
    assert (clone.returncode, clone.stdout) == (0, b"there\n")
    refused = b"mux_client_request_session: session request failed: Session open refused by peer"
    assert (refused in clone.stderr) == (not quiet) and (clone.stderr == b"") == quiet, clone.stderr
    assert "no more sessions" in server.read("log")
    assert server.read("log").count("Accepted publickey") == 2


def test_max_sessions_caps_no_logins(servers):
    server = servers("MaxSessions 1\n")
    words = ["ssh", *server.ssh_args(), "-o", "ControlPath=none", server.address, "echo here; cat"]
    logins = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _login in range(5)]
    assert [each.stdout.readline() for each in logins] == [b"here\n"] * 5
    for each in logins:
        each.communicate()
    assert "no more sessions" not in server.read("log")
