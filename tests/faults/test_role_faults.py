# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role when something fails on the way: the old state is back, and the failure says so."""

import asyncio
import grp
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


def client(host, script):
    """Lay an ssh client that runs the shell's ``script`` once a change is pending and was reloaded; return its path."""
    pending, note = host.path(".sshd_config.pending"), host.path(".sshd_config.not-reloaded")
    path = host.write("tmp/ssh", f'#!/bin/sh\nif [ -d {pending} ] && [ ! -e {note} ]; then\n{script}\nfi\nexec ssh "$@"\n')
    os.chmod(path, 0o755)  # noqa: S103
    return path


def waiting(until):
    """Return a script that waits until the shell says ``until``, or the test is over."""
    return f"while [ -e $0 ] && ! {until}; do sleep 0.02; done"


AT = {
    "set": lambda host: os.path.exists(host.path(".sshd_config.pending")),
    "reloaded": lambda host: "Received SIGHUP; restarting" in host.read("log"),
}


@pytest.mark.parametrize("at", AT)
def test_a_controller_that_is_killed_before_it_confirms(host, playbooks, at):
    old = host.files()
    run = started(playbooks, client(host, waiting("false")), clone_depth=5, confirm_within=4, config=host.config)
    try:
        assert host.eventually(lambda: AT[at](host))
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    assert host.eventually(lambda: host.files() != old), "the change was never there"
    assert host.eventually(lambda: host.files() == old and not host.leftovers() and not host.watchdogs())
    assert limits(host) == 2 and host.valid()
    healed = playbooks.role(clone_depth=5, config=host.config)["Set MaxSessions"]
    assert healed[0] == "ok" and healed[1]["settled"] == "confirmed" and limits(host) == 6


def test_a_run_that_goes_on_with_what_a_killed_one_left_proves_it_first(host, playbooks):
    host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
    host.run("reload")
    old = host.files()
    assert host.run(clone_depth=5, confirm_within=600)["pending"]
    host.run("reload")
    outcome, result = playbooks.role(clone_depth=5, config=host.config)["Set MaxSessions"]
    assert outcome == "failed" and "3 of 6 sessions" in result["msg"] and result["settled"] == "reverted"
    assert host.files() == old and host.leftovers() == [] and limits(host) == 3


def test_a_probe_that_fails(host, playbooks):
    host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
    host.run("reload")
    old, carried = host.files(), limits(host)
    ran = playbooks.role(clone_depth=5, config=host.config)
    outcome, result = ran.pop("Set MaxSessions")
    assert outcome == "failed" and "failed" not in [other for other, _result in ran.values()], "said twice"
    for words in ("3 of 6 sessions opened", "was undone", "MaxSessions is 2 again", "2 clones on one connection"):
        assert result["msg"].count(words) == 1, result["msg"]
    assert result["settled"] == "reverted" and result["probe"]["opened"] == 3 and result["changed"] is False
    assert host.files() == old and host.leftovers() == [] and host.valid()
    assert limits(host) == carried == 3
    assert host.eventually(lambda: not host.watchdogs())


@pytest.fixture
def rigged(host):
    """A host where the proof of more than two clones must fail: somebody's Match gives who connects three sessions."""
    host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
    host.run("reload")
    return host


# As text, and as what a template or the command line makes of a number.
@pytest.mark.parametrize("asked", [
    {"clone_depth": "5.0"}, {"clone_depth": 5.0}, {"clone_depth": " 5 "}, {"max_sessions": "6.0"},
    {"clone_depth": 5, "confirm_within": "00"}, {"clone_depth": 5, "confirm_within": False},
    {"clone_depth": 5, "confirm_within": "0.0"},
], ids=str)  # fmt: skip
def test_what_is_asked_for_in_another_spelling_is_proven_all_the_same(rigged, playbooks, asked):
    old = rigged.files()
    outcome, result = playbooks.role(config=rigged.config, **asked)["Set MaxSessions"]
    assert outcome == "failed", result
    assert rigged.files() == old and rigged.leftovers() == [], "an unproven change stayed"
    assert limits(rigged) == 3


def test_for_good_and_proven_is_refused_on_the_host_too(host):
    standing = host.standing()
    result = host.run(clone_depth=5, verify="true", confirm_within=False)
    assert result["failed"] and "confirm_within is 0" in result["msg"] and host.standing() == standing


@pytest.mark.parametrize("become", [False, True])
@pytest.mark.parametrize(("match", "others", "clones"), [
    ("User {user}", {"clone_depth": 5}, 1), ("User {user}", {"clone_depth": 1}, 5), ("User {user}", {}, 4),
    ("Group {group} Address 127.0.0.0/8", {"clone_depth": 5}, 1), ("LocalPort {port}", {"clone_depth": 5}, 1),
    ("User not-{user}", {"clone_depth": 5}, 5),
])  # fmt: skip
def test_who_connects_is_under_a_rule_of_the_tasks_own(host, playbooks, match, others, clones, become):
    group = grp.getgrgid(os.getgid()).gr_name
    criteria = match.format(user=host.user, group=group, port=host.port)
    rule = {"match": criteria, "clone_depth": 1 if "not" in match else clones}
    asked = {"clone_depth": 5, "rules": [rule], "config": host.config, **others}
    variables = {f"max_sessions_{name}": value for name, value in asked.items() if name in (*others, "rules", "config")}
    play = {"roles": ["multiplex.sshd.max_sessions"], "vars": variables, "become": become}
    ((_task, outcome, result),) = [one for one in playbooks.played(play)[1] if one[0].endswith("Set MaxSessions")]
    assert outcome == "ok" and result["settled"] == "confirmed", result
    assert result["probe"]["clones"] == clones and "own_rule" not in result
    assert limits(host) == 1 + clones


def test_a_rule_that_leaves_ansible_no_session_is_refused_unless_asked_for(host, playbooks):
    standing = host.standing()
    asked = {"rules": [{"match": f"User {host.user}", "max_sessions": 0}], "config": host.config}
    for arguments in ("--check",), ():
        outcome, result = playbooks.role(*arguments, **asked, verify=False)["Set MaxSessions"]
        assert outcome == "failed" and host.standing() == standing
        assert f"with MaxSessions 0 Ansible, which 'User {host.user}' is about, gets no session any more" in result["msg"]
    assert playbooks.role(**asked, verify=False, lock_out=True)["Set MaxSessions"][0] == "ok"
    assert limits(host) == 0


def test_the_proof_at_another_sshd_is_none(host):
    """Ansible comes in by the sshd of one configuration, and is to change another one's."""
    with Host() as other, Playbooks(other) as others:
        standing = host.standing()
        for arguments in ("--check",), ():
            outcome, result = others.role(*arguments, clone_depth=5, config=host.config)["Set MaxSessions"]
            assert outcome == "failed" and host.standing() == standing, result
            assert f"This connection came in at 127.0.0.1:{other.port}, where another sshd listens" in result["msg"]
            assert f"and not the one that reads {host.config}" in result["msg"] and "ansible_port" in result["msg"]
        assert others.role(clone_depth=5, config=host.config, verify=False)["Set MaxSessions"][0] == "ok"
        assert others.role(clone_depth=5, config=host.config, verify="always")["Set MaxSessions"][0] == "failed"
        host.stop()
        # Where none runs there is nothing to prove.
        assert others.role(clone_depth=7, config=host.config)["Set MaxSessions"][1]["settled"] == "confirmed"


def test_a_confirmation_that_comes_too_late(host, playbooks):
    old = host.files()
    # The proof's own connection doesn't wait, what goes over Ansible's does.
    late = waiting(f"[ ! -d {host.path('.sshd_config.pending')} ]")
    script = f'case "$*" in *ControlPersist=no*) ;; *) {late};; esac'
    ran = playbooks.role(*by(client(host, script)), clone_depth=5, confirm_within=4, config=host.config)
    outcome, result = ran["Set MaxSessions"]
    said = "could not be confirmed: it is settled already, by the host when its time was up or by another run."
    assert outcome == "failed" and f"The clones opened, and then the change {said}" in result["msg"], result["msg"]
    assert "nothing to take back any more: MaxSessions is 2." in result["msg"], result["msg"]
    assert host.files() == old and host.leftovers() == [] and limits(host) == 2


def test_a_host_that_is_gone_once_it_was_reloaded_helps_itself(host, playbooks):
    old = host.files()
    words = "echo 'ssh: connect to host gone port 22: No route to host' >&2; exit 255"
    ran = playbooks.role(*by(client(host, words)), clone_depth=5, confirm_within=4, config=host.config)
    outcome, result = ran["Set MaxSessions"]
    assert outcome == "failed" and "The host itself takes it back at " in result["msg"], result
    assert "No route to host" in result["msg"]
    assert host.eventually(lambda: host.files() == old and not host.leftovers())
    assert limits(host) == 2


def test_a_reload_that_fails_is_taken_back_in_the_same_call(host, playbooks):
    old = host.files()
    # The copy is fine, and so is what is in place; but for once not as sshd would start now, which the reload asks first.
    once, armed = host.path("no"), host.path(".sshd_config.pending")
    script = f'if [ "$*" = "-t -f {host.config}" ] && [ -d {armed} ] && [ ! -e {once} ]; then'
    script += f" : >{once}; echo 'line 1: no' >&2; exit 255; fi"
    ran = playbooks.role(clone_depth=5, config=host.config, sshd=host.sshd(script))
    outcome, result = ran["Set MaxSessions"]
    assert outcome == "failed" and "line 1: no" in result["msg"], result["msg"]
    assert "The change was undone: MaxSessions is 2 again" in result["msg"]
    assert host.files() == old and host.leftovers() == [] and limits(host) == 2


def test_a_second_run_while_the_first_is_pending(host, playbooks):
    go = host.path("tmp/go")
    first = started(playbooks, client(host, waiting(f"[ -e {go} ]")), clone_depth=5, config=host.config)
    assert host.eventually(lambda: "Received SIGHUP; restarting" in host.read("log"))
    with Playbooks(host) as others:
        for arguments in ("--check",), ():
            outcome, result = others.role(*arguments, clone_depth=7, config=host.config)["Set MaxSessions"]
            assert outcome == "failed" and "a change that" in result["msg"] and "is pending until" in result["msg"], result
    host.write(go, "")
    output = first.communicate(timeout=30)[0]
    assert first.returncode == 0, output
    assert limits(host) == 6 and host.leftovers() == []


# As where the inventory has the host by two names.
@pytest.mark.parametrize("asked", [{"clone_depth": 5}, {"state": "absent"}], ids=str)
def test_the_same_run_at_the_same_time_confirms_what_the_first_has_set(host, playbooks, asked):
    if "state" in asked:
        assert host.run(clone_depth=5)["changed"]
    go = host.path("tmp/go")
    first = started(playbooks, client(host, waiting(f"[ -e {go} ]")), **asked, config=host.config)
    assert host.eventually(lambda: "Received SIGHUP; restarting" in host.read("log"))
    with Playbooks(host) as others:
        outcome, result = others.role(**asked, config=host.config)["Set MaxSessions"]
        assert outcome == "ok" and result["settled"] == "confirmed", result
    host.write(go, "")
    output = first.communicate(timeout=30)[0]
    assert first.returncode == 0, output
    result = next(one["result"] for one in playbooks._results() if "settled" in one["result"])
    assert result["settled"] == "confirmed" and result["pending"] is None and "Another run has confirmed it" in result["msg"]
    assert limits(host) == (2 if "state" in asked else 6) and host.leftovers() == []


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
