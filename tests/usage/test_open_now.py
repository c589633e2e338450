# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is open on a real sshd is told as it is, by the module that an ordinary run would call."""

import json
import os
import time

import pytest
from held import Held
from host import Host

SECONDS = 10


@pytest.fixture
def host():
    with Host() as running:
        running.write("sshd_config", running.read().replace("MaxSessions 2", "MaxSessions 9\nLogLevel VERBOSE"))
        assert running.run("reload")["changed"]
        yield running


@pytest.fixture
def held(host):
    with Held(host.address, host.port, username=host.user, client_keys=[host.key], known_hosts=host.known_hosts) as client:
        yield client


def told(host, **options):
    """Return what the module says of the only connection, once it has seen what was done last."""
    result = host.run("max_sessions_info", **options)
    (one,) = result["connections"]
    return one


def test_each_kind_of_session_is_counted(host, held):
    assert told(host)["sessions"] == 0
    held.shell()
    held.command()
    held.sftp()
    held.command("echo open; sh -c 'sleep 30 & sleep 31 & wait'")
    one = told(host)
    assert (one["sessions"], one["ptys"], one["user"], one["max_sessions"]) == (4, 1, host.user, 9)
    assert one["local"] == f"{host.address}:{host.port}"
    assert one["certainty"] == "counted"


def test_what_a_finished_session_left_behind_holds_its_slot(host, held):
    held.command("echo open; sleep 30 & exit 0")
    held.command("echo open; sleep 30 >/dev/null 2>&1 & exit 0")
    held.command("exec sh -c 'echo open; exec <&- >&- 2>&-; sleep 30'")
    deadline = time.monotonic() + SECONDS
    while told(host)["sessions"] != 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert told(host)["sessions"] == 2


def test_a_refusal_is_counted_and_not_whose(host, held):
    for _each in range(9):
        held.command()
    assert held.refused()
    result = host.run("max_sessions_info")
    assert told(host)["sessions"] == 9
    assert (result["refusals"]["count"], result["refusals"]["by"][0]["user"]) == (1, None)
    assert result["usage"]["most"] == 9
    assert result["recommended_clone_depth"] == 17
    assert result["log"]["paths"] == [host.log]


@pytest.mark.parametrize("check", [False, True])
def test_nothing_is_changed_in_check_mode_or_not(host, check):
    before = host.files(), host.identities(), host.listener(), os.listdir(host.directory)
    result = host.run("max_sessions_info", _ansible_check_mode=check)
    assert result["changed"] is False
    assert result["effective"] == 9
    assert (host.files(), host.identities(), host.listener(), os.listdir(host.directory)) == before


def test_who_is_under_a_match_is_told(host):
    host.write("sshd_config", host.read() + "Match User bob Address 10.0.0.0/8\n    MaxSessions 1\n")
    asked = [{"user": "bob"}, {"user": "bob", "addr": "10.1.2.3"}, {"user": "alice", "addr": "10.1.2.3", "lport": 22}]
    result = host.run("max_sessions_info", contexts=asked)
    lines = host.read().split("\n")
    where = [f"{host.config}:{lines.index(line) + 1}" for line in ("MaxSessions 9", "    MaxSessions 1")]
    expected = [(9, where[0]), (1, where[1]), (9, where[0])]
    assert [(one["max_sessions"], one["defined_at"]) for one in result["contexts"]] == expected
    assert result["listener"]["outdated"] is True
    assert result["defined_at"] == where[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"since": "yesterday"}, "since is 'yesterday': give a span"),
        ({"contexts": [{"user": "a,addr=1"}]}, "contexts: context 1: user is 'a,addr=1'"),
    ],
)
def test_bad_input_is_explained(host, options, words):
    result = host.run("max_sessions_info", **options)
    assert result["failed"]
    assert words in result["msg"]


def test_more_than_can_be_had_is_warned_of(host):
    warnings = [json.dumps(host.run(max_sessions=number).get("warnings")) for number in (2000000, 12)]
    assert "MaxSessions 2000000 can't be reached on one connection" in warnings[0]
    assert "can't be reached" not in warnings[1]
