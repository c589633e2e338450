# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role, ended at each step that leaves this machine: by Ctrl-C, or with all its processes killed."""

import asyncio
import os
import signal
import subprocess

import pytest
from host import Host
from playbook.runs import Playbooks
from playbook.sessions import limit

# ssh is what each step goes by. The one numbered $at waits, before it or with its work done, until the file is gone.
CLIENT = """#!/bin/sh
at=$(cat {steps}/at) when=$(cat {steps}/when)
number=1
while ! mkdir {steps}/$number 2>/dev/null; do number=$((number + 1)); done
reached() {{ : >{steps}/reached; while [ -e {steps}/reached ]; do sleep 0.02; done; }}
[ "$number $when" != "$at before" ] || reached
[ "$number $when" = "$at after" ] || exec ssh "$@"
ssh "$@"
status=$?
reached
exit "$status"
"""
STEPS = range(1, 6)  # the call, the proof, the confirmation or what takes back, the proof of the old state; and none


def descendants(pid):
    """Return the processes below ``pid``, whatever sessions and groups they have made for themselves."""
    below, words = [], ["ps", "-A", "-o", "pid=,ppid="]
    pairs = [line.split() for line in subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()]
    todo = [str(pid)]
    while todo:
        parent = todo.pop()
        children = [child for child, of in pairs if of == parent]
        below += children
        todo += children
    return [int(child) for child in below]


def interrupt(run):
    """Do what a terminal does on Ctrl-C."""
    os.killpg(run.pid, signal.SIGINT)


def kill(run):
    """Kill all of the controller's processes at once."""
    for pid in [*descendants(run.pid), run.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def run_to(host, playbooks, at, when, end):
    """Run the role and ``end`` it at step ``at``; say whether there was such a step."""
    steps = host.path(f"tmp/{at}")
    os.makedirs(steps)
    for name, text in {"at": str(at), "when": when, "ssh": CLIENT.format(steps=steps)}.items():
        host.write(f"{steps}/{name}", text)
    os.chmod(f"{steps}/ssh", 0o755)  # noqa: S103
    variables = {"max_sessions_clone_depth": 5, "max_sessions_config": host.config, "max_sessions_confirm_within": 8}
    play = {"roles": ["multiplex.sshd.max_sessions"], "vars": variables}
    words, environment = playbooks.command(play, "-e", f"ansible_ssh_executable={steps}/ssh")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen(words, env=environment, cwd=playbooks.directory, start_new_session=True, **quiet)
    reached = f"{steps}/reached"
    try:
        host.eventually(lambda: os.path.exists(reached) or run.poll() is not None, 60)
        found = os.path.exists(reached)
        if found:
            end(run)
            os.unlink(reached)
        run.wait(30)
    finally:
        if run.poll() is None:
            kill(run)
            run.wait(30)
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("end", [interrupt, kill])
@pytest.mark.parametrize("when", ["before", "after"])
def test_where_the_proof_would_fail_nothing_stays_wherever_it_ends(when, end):
    with Host() as host, Playbooks(host) as playbooks:
        host.write(host.config, f"{host.read()}Match User {host.user}\n    MaxSessions 3\n")
        host.run("reload")
        old = host.files()
        ended = []
        for at in STEPS:
            ended.append(run_to(host, playbooks, at, when, end))
            assert host.eventually(lambda: host.files() == old and not host.leftovers(), 30), f"step {at}"
            assert asyncio.run(limit(host)) == 3, f"step {at}"
        # A proof's connection is ended by the proof: there is nothing after it.
        assert ended.count(True) >= (4 if when == "before" else 2), ended


@pytest.mark.exhaustive
@pytest.mark.parametrize("end", [interrupt, kill])
@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_it_ends_it_is_the_old_or_the_new_state_and_the_next_run_succeeds(when, end):
    with Host() as host, Playbooks(host) as playbooks:
        old, states = host.files(), set()
        for at in STEPS:
            run_to(host, playbooks, at, when, end)
            # What is pending was not proven yet: the host takes it back.
            assert host.eventually(lambda: not [name for name in host.leftovers() if name.endswith(".pending")], 30)
            assert host.valid() and host.answers()
            now = asyncio.run(limit(host))
            assert now == (2 if host.files() == old else 6), f"step {at}"
            states.add(now)
            outcome, result = playbooks.role(state="absent", config=host.config)["Set MaxSessions"]
            assert outcome == "ok", result
            assert host.files() == old and host.leftovers() == []
        assert states == {2, 6}
