# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a play says: where proof was asked for, no change becomes permanent without it."""

import asyncio
import os

import pytest
from host import Host
from keywords import CASES, ROLE, play
from runs import Playbooks
from sessions import limit


@pytest.fixture
def host():
    with Host() as running:
        yield running


@pytest.fixture
def rigged(host):
    """A host where the proof must fail: somebody's Match gives the connecting user three sessions."""
    host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
    host.run("reload")
    return host


def variables(host, **more):
    return {"max_sessions_clone_depth": 5, "max_sessions_config": host.config, **more}


def limits(host):
    """Return how many sessions a fresh connection carries."""
    return asyncio.run(limit(host))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", CASES)
def test_what_is_not_proven_does_not_stay(rigged, name):
    old = rigged.files()
    with Playbooks(rigged) as playbooks:
        found, output = playbooks.played(play(CASES[name], variables(rigged)), *CASES[name].arguments)[1:]
    outcomes = [outcome for _task, outcome, _result in found]
    assert outcomes.count("failed") == (1 if CASES[name].real else 0), output
    assert not CASES[name].real or "3 of 6 sessions opened" in output or "no_log" in CASES[name].play
    assert rigged.files() == old and rigged.leftovers() == [], "an unproven change stayed"
    assert limits(rigged) == 3 and rigged.eventually(lambda: not rigged.watchdogs())


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", CASES)
def test_what_is_proven_stays_and_a_prediction_changes_nothing(host, name):
    old = host.files()
    with Playbooks(host) as playbooks:
        status, results, output = playbooks.played(play(CASES[name], variables(host)), *CASES[name].arguments)
    assert status == 0, output
    assert any(result.get("changed") for _task, _outcome, result in results)
    assert (host.files() == old) is not CASES[name].real
    assert limits(host) == (6 if CASES[name].real else 2)
    assert host.leftovers() == [] and host.eventually(lambda: not host.watchdogs())


def task(host, **options):
    return {"name": "Set", ROLE: {"clone_depth": 5, "config": host.config, "verify": True, **options}}


@pytest.mark.parametrize("keywords", [
    {"failed_when": False}, {"ignore_errors": True}, {"changed_when": False}, {"until": "true", "retries": 2},
    {"loop": [1, 2]},
], ids=str)  # fmt: skip
def test_a_task_of_its_own_keeps_the_promise_too(rigged, keywords):
    old = rigged.files()
    with Playbooks(rigged) as playbooks:
        playbooks.played({"tasks": [{**task(rigged), **keywords}]})
    assert rigged.files() == old and rigged.leftovers() == [] and limits(rigged) == 3


@pytest.mark.parametrize("poll", [0, 1])
def test_what_goes_on_alone_can_not_be_proven_and_is_refused(host, poll):
    standing = host.standing()
    with Playbooks(host) as playbooks:
        found = playbooks.played({"tasks": [{**task(host), "async": 60, "poll": poll}]})[1]
    assert [outcome for _task, outcome, _result in found] == ["failed"]
    assert "async" in found[0][2]["msg"] and "verify: false" in found[0][2]["msg"]
    assert host.standing() == standing


def test_a_step_without_proof_may_go_on_alone(host):
    with Playbooks(host) as playbooks:
        tasks = [{**task(host, verify=False), "async": 60, "poll": 1}]
        status, _results, output = playbooks.played({"tasks": tasks}, "-e", "ansible_pipelining=false")
    assert status == 0, output
    assert "MaxSessions 6" in host.read("sshd_config.d/0-multiplex.conf")


@pytest.mark.parametrize("also", [{}, {"run_once": True}], ids=["delegated", "delegated once"])
def test_delegated_it_is_the_delegate_that_is_changed_and_proven(host, also):
    with Playbooks(host) as playbooks:
        playbooks.add_to_inventory("elsewhere ansible_connection=local\nthere ansible_connection=local\n")
        tasks = [{**task(host), "delegate_to": "throwaway", **also}]
        status, found, output = playbooks.played({"hosts": "elsewhere:there", "serial": 1, "tasks": tasks})
    assert status == 0, output
    assert found[0][2]["settled"] == "confirmed"
    assert found[0][2]["probe"]["connection"]["port"] == host.port
    assert limits(host) == 6


def test_delegated_what_is_not_proven_does_not_stay(rigged):
    old = rigged.files()
    with Playbooks(rigged) as playbooks:
        playbooks.add_to_inventory("elsewhere ansible_connection=local\n")
        roles = [{"role": ROLE, "delegate_to": "throwaway", "ignore_errors": True}]
        status, _found, output = playbooks.played({"hosts": "elsewhere", "roles": roles, "vars": variables(rigged)})
    assert status == 0, output
    assert rigged.files() == old and rigged.leftovers() == [] and limits(rigged) == 3


def test_a_task_whose_time_is_up_confirms_nothing(host):
    # A fresh connection that never comes: the task ends in the middle of its proof.
    hangs = f'case "$*" in *ControlPersist=no*) [ ! -d {host.path(".sshd_config.pending")} ] || exec sleep 60;; esac'
    client = host.write("tmp/ssh", f'#!/bin/sh\n{hangs}\nexec ssh "$@"\n')
    os.chmod(client, 0o755)  # noqa: S103
    old = host.files()
    with Playbooks(host) as playbooks:
        words = ["-e", f"ansible_ssh_executable={client}"]
        tasks = [{**task(host, confirm_within=12), "timeout": 9, "ignore_errors": True}]
        found = playbooks.played({"tasks": tasks}, *words)[1]
    assert found[0][1] == "failed"
    assert host.eventually(lambda: host.files() == old and not host.leftovers())
    assert limits(host) == 2


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", ["raise", "exit"])
@pytest.mark.parametrize("hook", ["v2_runner_on_start", "v2_runner_on_ok", "v2_runner_on_failed"])
def test_a_callback_that_dies(rigged, way, hook):
    old = rigged.files()
    deadly = {"DEADLY_HOOK": hook, "DEADLY_WAY": way, "ANSIBLE_CALLBACKS_ENABLED": "deadly"}
    with Playbooks(rigged) as playbooks:
        playbooks.played(play(CASES["ignore_errors"], variables(rigged, max_sessions_confirm_within=5)), **deadly)
    assert rigged.eventually(lambda: rigged.files() == old and not rigged.leftovers())
    assert limits(rigged) == 3
