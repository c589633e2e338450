# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role when something fails on the way: the old state is back, and the failure says so."""

import asyncio
import os
import signal
import subprocess

import pytest
from host import Host
from playbook.runs import Playbooks
from playbook.sessions import connect, limit


@pytest.fixture
def host():
    with Host() as running:
        yield running


@pytest.fixture
def playbooks(host):
    with Playbooks(host) as ready:
        yield ready


def limits(host):
    """Return how many sessions a fresh connection carries."""
    return asyncio.run(limit(host))


def started(playbooks, client, **variables):
    """Start the role by the ssh ``client`` as a process group of its own; return the process."""
    prefixed = {f"max_sessions_{name}": value for name, value in variables.items()}
    words, environment = playbooks.command({"roles": ["multiplex.sshd.max_sessions"], "vars": prefixed}, *by(client))
    return subprocess.Popen(
        words, env=environment, cwd=playbooks.directory, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def by(client):
    """Return ansible-playbook's arguments that have it use the ssh ``client``."""
    return "-e", f"ansible_ssh_executable={client}"


def waiting_client(host, until):
    """Lay an ssh client that waits ``until`` the shell says so once a change is pending and was reloaded; return it."""
    pending, note = host.path(".sshd_config.pending"), host.path(".sshd_config.not-reloaded")
    script = f"if [ -d {pending} ] && [ ! -e {note} ]; then while [ -e $0 ] && ! {until}; do sleep 0.02; done; fi"
    path = host.write("tmp/ssh", f'#!/bin/sh\n{script}\nexec ssh "$@"\n')
    os.chmod(path, 0o755)  # noqa: S103
    return path


AT = {
    "set": lambda host: os.path.exists(host.path(".sshd_config.pending")),
    "reloaded": lambda host: "Received SIGHUP; restarting" in host.read("log"),
}


@pytest.mark.parametrize("at", AT)
def test_a_controller_that_is_killed_before_it_confirms(host, playbooks, at):
    old = host.files()
    client = waiting_client(host, "false")  # it is never to reach its confirmation
    run = started(playbooks, client, clone_depth=5, confirm_within=4, config=host.config)
    try:
        assert host.eventually(lambda: AT[at](host))
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    assert host.eventually(lambda: host.files() != old), "the change was never there"
    assert host.eventually(lambda: host.files() == old and not host.leftovers() and not host.watchdogs())
    assert limits(host) == 2 and host.valid()
    healed = playbooks.role(clone_depth=5, config=host.config)
    assert healed["Confirm the change"][0] == "ok" and limits(host) == 6


def test_a_probe_that_fails(host, playbooks):
    host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
    host.run("reload")
    old, carried = host.files(), limits(host)
    ran = playbooks.role(clone_depth=5, config=host.config)
    assert ran["Prove over a fresh connection that the clones open"][0] == "failed"
    outcome, result = ran["Fail"]
    assert outcome == "failed"
    for words in ("Prove over a fresh connection", "3", "was undone", "MaxSessions is 2 again"):
        assert words in result["msg"], result["msg"]
    assert host.files() == old and host.leftovers() == [] and host.valid()
    assert limits(host) == carried == 3
    assert host.eventually(lambda: not host.watchdogs())


def test_a_confirmation_that_comes_too_late(host, playbooks):
    old = host.files()
    client = waiting_client(host, f"[ ! -d {host.path('.sshd_config.pending')} ]")
    ran = playbooks.role(*by(client), clone_depth=5, confirm_within=1, verify=False, config=host.config)
    assert ran["Confirm the change"][0] == "failed"
    assert "no change is pending" in ran["Fail"][1]["msg"], ran["Fail"]
    assert "nothing to take back any more: MaxSessions is 2." in ran["Fail"][1]["msg"], ran["Fail"]
    assert host.files() == old and host.leftovers() == [] and limits(host) == 2


def test_a_second_run_while_the_first_is_pending(host, playbooks):
    go = host.path("tmp/go")
    first = started(playbooks, waiting_client(host, f"[ -e {go} ]"), clone_depth=5, config=host.config)
    assert host.eventually(lambda: "Received SIGHUP; restarting" in host.read("log"))
    with Playbooks(host) as others:
        second = others.role(clone_depth=7, config=host.config)
    assert second["Set MaxSessions"][0] == "failed"
    assert "a change that" in second["Fail"][1]["msg"] and "is pending until" in second["Fail"][1]["msg"], second["Fail"]
    host.write(go, "")
    output = first.communicate(timeout=30)[0]
    assert first.returncode == 0, output
    assert limits(host) == 6 and host.leftovers() == []


def test_open_connections_outlive_the_change_and_its_undoing(host):
    async def story():
        async with connect(host) as early:
            process = await early.create_process("cat")
            for module, options in (
                ("max_sessions", {"clone_depth": 5, "confirm_within": 600}),
                ("reload", {}),
                ("max_sessions", {"state": "reverted"}),
            ):
                result = await asyncio.to_thread(host.run, module, **options)
                assert result["changed"], result
                process.stdin.write(f"{module}\n")
                assert await process.stdout.readline() == f"{module}\n"
                expected = 6 if module == "reload" else 2
                assert await limit(host) == expected

    asyncio.run(story())
