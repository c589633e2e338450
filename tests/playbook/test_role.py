# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ends with an sshd that honours the limit, and reloads it only when it has to."""

import asyncio

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


def test_new_connections_carry_the_clones_and_open_ones_go_on(own):
    server, playbooks = own

    async def story():
        async with connect(server) as early:
            process = await early.create_process("cat")
            ran = await asyncio.to_thread(playbooks.role, clone_depth=4, config=server.config)
            assert ran["Set MaxSessions"][1]["changed"] and ran["Reload sshd"][1]["method"] == "signal"
            assert ran["Reload sshd"][1]["pid"] == server.process.pid
            assert await limit(server) == 5
            process.stdin.write("still here\n")
            assert await process.stdout.readline() == "still here\n"
            assert await carried(early) == 1, "the early connection has another limit now"

    asyncio.run(story())
    assert reloads(server) == 1
    again = playbooks.role(clone_depth=4, config=server.config)
    assert again["Set MaxSessions"][1]["changed"] is False
    assert again["Reload sshd"][0] == "skipped"
    assert reloads(server) == 1
    gone = playbooks.role(state="absent", config=server.config)
    assert gone["Reload sshd"][0] == "ok"
    assert asyncio.run(limit(server)) == 2
    assert server.read() == server.fixed_lines() + "MaxSessions 2\n"


def test_check_mode_reloads_nothing(own):
    server, playbooks = own
    ran = playbooks.role("--check", clone_depth=4, config=server.config)
    assert ran["Set MaxSessions"][1]["changed"] and ran["Reload sshd"][1]["changed"]
    assert reloads(server) == 0
    assert asyncio.run(limit(server)) == 2


def test_a_reload_that_an_interrupted_run_left_undone_is_made_up_for(own):
    server, playbooks = own
    assert playbooks.module({"set": {"config": server.config, "clone_depth": 4}})["set"]["reload_needed"]
    assert asyncio.run(limit(server)) == 2
    healed = playbooks.role(clone_depth=4, config=server.config)
    assert healed["Set MaxSessions"][1]["changed"] is False
    assert healed["Reload sshd"] == ("ok", {**healed["Reload sshd"][1], "changed": True})
    assert asyncio.run(limit(server)) == 5
    third = playbooks.role(clone_depth=4, config=server.config)
    assert not any(result.get("changed") for _outcome, result in third.values())
    assert reloads(server) == 1
