# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ends with an sshd that honours the limit, and reloads it only when it has to."""

import asyncio
import os
import subprocess

import pytest
from runs import Playbooks
from sessions import carried, connect, limit
from throwaway_sshd import ThrowawaySshd

NOTE = ".sshd_config.not-reloaded"


@pytest.fixture
def own():
    """An sshd of the test's own, which allows 2 sessions a connection, and Playbooks that come in through it."""
    with ThrowawaySshd("MaxSessions 2\n") as server, Playbooks(server) as playbooks:
        yield server, playbooks


def reloads(server):
    return server.read("log").count("Received SIGHUP; restarting")


def ran(playbooks, *arguments, **variables):
    """Run the role; return its task's result, a success."""
    outcome, result = playbooks.role(*arguments, **variables)["Set MaxSessions"]
    assert outcome == "ok", result
    return result


def test_new_connections_carry_the_clones_and_open_ones_go_on(own):
    server, playbooks = own

    async def story():
        async with connect(server) as early:
            process = await early.create_process("cat")
            result = await asyncio.to_thread(ran, playbooks, clone_depth=4, config=server.config)
            assert result["changed"] and result["effective"] == {"before": 2, "after": 5}
            assert (result["reload"]["method"], result["reload"]["pid"]) == ("signal", server.process.pid)
            assert (result["probe"]["clones"], result["probe"]["refused"]) == (4, 0)
            assert (result["settled"], result["pending"], result["reload_needed"]) == ("confirmed", None, False)
            assert await limit(server) == 5
            process.stdin.write("still here\n")
            assert await process.stdout.readline() == "still here\n"
            assert await carried(early) == 1, "the early connection has another limit now"

    asyncio.run(story())
    assert reloads(server) == 1
    again = ran(playbooks, clone_depth=4, config=server.config)
    assert not again["changed"] and again["reload"] is again["probe"] is again["settled"] is None
    assert reloads(server) == 1
    always = ran(playbooks, clone_depth=4, config=server.config, verify="always")
    assert not always["changed"] and always["probe"]["clones"] == 4
    gone = ran(playbooks, state="absent", config=server.config)
    assert gone["changed"] and gone["settled"] == "confirmed"
    assert asyncio.run(limit(server)) == 2
    assert server.read() == server.fixed_lines() + "MaxSessions 2\n"


def test_what_goes_over_the_wire(own):
    server, playbooks = own
    client = server.write("ssh", f'#!/bin/sh\nprintf "%s\\n" "$*" >>{server.path("calls")}\nexec ssh "$@"\n')
    os.chmod(client, 0o755)  # noqa: S103

    def calls():
        server.write("calls", "")
        ran(playbooks, "-e", f"ansible_ssh_executable={client}", clone_depth=4, config=server.config)
        # Ansible asks its own client first whether it knows ControlPersist.
        return [line for line in server.read("calls").splitlines() if server.address in line]

    change = calls()
    assert ["ControlPersist=no" in line for line in change] == [False, True, False], change
    assert f" {server.path('.sshd_config.pending/confirm')} " in change[2]
    assert len(calls()) == 1


def test_check_mode_reloads_nothing(own):
    server, playbooks = own
    result = ran(playbooks, "--check", clone_depth=4, config=server.config)
    assert result["changed"] and result["reload"]["changed"] and result["probe"] is None
    assert reloads(server) == 0
    assert asyncio.run(limit(server)) == 2


def test_a_reload_that_an_interrupted_run_left_undone_is_made_up_for(own):
    server, playbooks = own
    assert playbooks.module({"set": {"config": server.config, "clone_depth": 4}})["set"]["reload_needed"]
    assert asyncio.run(limit(server)) == 2
    assert ran(playbooks, "--check", clone_depth=4, config=server.config)["changed"]
    healed = ran(playbooks, clone_depth=4, config=server.config)
    assert healed["changed"] and healed["written"] == [] and healed["reload"]["changed"]
    assert healed["probe"]["clones"] == 4
    assert asyncio.run(limit(server)) == 5
    assert not ran(playbooks, clone_depth=4, config=server.config)["changed"]
    assert reloads(server) == 1


def test_what_is_not_promised_is_not_asked_of_who_connects(own):
    # Who connects has one session by somebody's Match: neither a rule for others nor the removal promised more.
    server, playbooks = own
    server.write("sshd_config", server.read() + f"Match User {server.user}\n    MaxSessions 1\n")
    assert playbooks.module({"reload": {"config": server.config}}, module="reload")["reload"]["changed"]
    rules = [{"match": "User nobody", "clone_depth": 4}]
    assert ran(playbooks, config=server.config, rules=rules)["settled"] == "confirmed"
    assert ran(playbooks, config=server.config, state="absent")["settled"] == "confirmed"


def test_the_modules_steps_by_hand(own):
    server, playbooks = own
    armed = playbooks.module({"set": {"config": server.config, "clone_depth": 4, "confirm_within": 600}})["set"]
    assert armed["pending"] and armed["reload"] is None and armed["settled"] is None
    words = armed["pending"]["confirm"]
    assert subprocess.run([*words, "another change"], check=False).returncode == 1
    assert subprocess.run([*words, armed["pending"]["id"]], check=False).returncode == 0
    assert not os.path.exists(server.path(".sshd_config.pending"))


def test_with_reload_alone_the_module_settles_what_it_changes(own):
    server, playbooks = own
    calls = {"set": {"config": server.config, "clone_depth": 4, "reload": True}}
    result = playbooks.module(calls)["set"]
    assert result["settled"] == "confirmed" and result["reload"]["method"] == "signal" and result["probe"] is None
    assert asyncio.run(limit(server)) == 5
    assert not playbooks.module(calls)["set"]["changed"]
