# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many clones open: every depth and limit, judged by real servers and counted again by asyncssh."""

import contextlib

import pytest
from conftest import host_line, independent_count, probe_play
from throwaway_sshd import ThrowawaySshd

MATCH = "MaxSessions 10\nMatch User root Address 127.0.0.0/8\n    MaxSessions 3\n"

# name: (sshd's lines, options, failed, clones, opened, refused)
CASES = {
    "depth_0": ("MaxSessions 1\n", {"clone_depth": 0, "exact": True}, False, 0, 1, 1),
    "depth_1": ("MaxSessions 2\n", {"clone_depth": 1, "exact": True}, False, 1, 2, 1),
    "depth_5": ("MaxSessions 6\n", {"clone_depth": 5, "exact": True}, False, 5, 6, 1),
    "depth_5_shell": ("MaxSessions 6\n", {"clone_depth": 5, "exact": True, "session": "shell"}, False, 5, 6, 1),
    "depth_5_inexact": ("MaxSessions 9\n", {"clone_depth": 5}, False, 5, 6, 0),
    "depth_50": ("MaxSessions 51\n", {"clone_depth": 50, "exact": True}, False, 50, 51, 1),
    "depth_300": ("MaxSessions 301\n", {"clone_depth": 300, "exact": True}, False, 300, 301, 1),
    "unset_means_10": ("", {"clone_depth": 9, "exact": True, "session": "open"}, False, 9, 10, 1),
    "none_at_all": ("MaxSessions 0\n", {"clone_depth": 0}, True, 0, 0, 1),
    "no_clone": ("MaxSessions 1\n", {"clone_depth": 1}, True, 0, 1, 1),
    "one_too_few": ("MaxSessions 5\n", {"clone_depth": 5}, True, 4, 5, 1),
    "one_too_many": ("MaxSessions 7\n", {"clone_depth": 5, "exact": True}, True, 6, 7, 0),
    "match_lowers": (MATCH, {"clone_depth": 5}, True, 2, 3, 3),
    "counted": ("MaxSessions 8\n", {"limit": 20}, False, 7, 8, 13),
    "counted_to_limit": ("MaxSessions 200\n", {}, False, 100, 101, 0),
    "counted_none": ("MaxSessions 0\n", {"limit": 3, "session": "open"}, False, 0, 0, 4),
}


@pytest.fixture(scope="module")
def fleet():
    """One server for each case, by name."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(ThrowawaySshd(body)) for name, (body, *_rest) in CASES.items()}


@pytest.fixture(scope="module")
def results(fleet, module_playbook):
    """One playbook's results for all cases."""
    inventory = "".join(host_line(name, server) for name, server in fleet.items())
    found, _said = module_playbook.run(inventory, [probe_play(name, case[1]) for name, case in CASES.items()])
    assert module_playbook.leftovers() == []
    return found


@pytest.mark.parametrize("name", CASES)
def test_counts(name, results, fleet):
    _body, options, failed, clones, opened, refused = CASES[name]
    result = results[name]
    found = (result["failed"], result["clones"], result["opened"], result["refused"], result["changed"])
    assert found == (failed, clones, opened, refused, False), result["msg"]
    server = fleet[name]
    assert result["connection"] == {"host": server.address, "port": server.port, "user": server.user}
    assert 0 < result["seconds"] < 30
    if refused:
        assert result["refusal"] == {"session": opened + 1, "request": "open", "reason_code": 2, "text": "open failed"}
    else:
        assert result["refusal"] is None
    asked = options.get("clone_depth", options.get("limit", 100)) + 1 + options.get("exact", False)
    assert independent_count(server, asked) == opened


def test_server_saw_the_refusals(fleet, results):
    assert results and fleet["counted"].read("log").count("no more sessions") >= 13


def test_message_names_the_likely_reason(results):
    message = results["one_too_few"]["msg"]
    assert message.startswith("5 of 6 sessions opened on one connection to ")
    assert "refused session 6: open failed, reason 2 connect failed. So MaxSessions is 5 on this connection" in message
    assert "not reloaded" in message and "Match block" in message
    assert "the next one was let in too: MaxSessions is above 6" in results["one_too_many"]["msg"]
