# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known numbers of sessions and real refusals are told as they were, and a hostile name or line changes no count."""

import contextlib
import time

import asyncssh
import pytest
from called import called
from held import Held, try_name

SECONDS = 10
PEOPLE = {"alice": 4, "bob": 2}


@pytest.fixture(scope="module")
def connect(server):
    """A function that returns a connection of a user's to hold sessions on, with the common key or another."""

    def connection(user, key=None):
        return Held(server.host, server.port, username=user, client_keys=[key or server.key], known_hosts=server.known_hosts)

    return connection


@pytest.fixture(scope="module")
def info(host):
    """A function that runs the module, and again until ``done`` of its result, since a log takes a moment."""

    def ask(done=lambda result: True, become=True, **arguments):
        deadline = time.monotonic() + SECONDS
        words = " ".join(f"{name}={value}" for name, value in dict({"since": "1d"}, **arguments).items())
        while True:
            result = called(host, "multiplex.sshd.max_sessions_info", words, *(["--become"] if become else []))
            assert not result.get("failed") and result["changed"] is False, result
            if done(result) or time.monotonic() > deadline:
                return result

    return ask


def of(result, user):
    return [one for one in result["connections"] if one["user"] == user]


def refusals(result, user):
    return sum(one["count"] for one in result["refusals"]["by"] if one["user"] == user)


def usage(result, user):
    return next((one for one in result["usage"]["by_user"] if one["user"] == user), {"connections": 0, "most": 0})


def is_fresh(result):
    return result["listener"] and not result["listener"]["outdated"]


def logs_itself(result):
    return any("(-E)" in note for note in result["notes"])


def test_sessions_and_refusals_are_told_as_they_were(connect, info):
    before = info()
    with contextlib.ExitStack() as stack:
        for user, limit in PEOPLE.items():
            held = stack.enter_context(connect(user))
            held.shell()
            held.command()
            if limit == 4:
                held.sftp()
                held.shell()
            assert [held.refused() for _again in range(3)] == [True] * 3
        during = info(lambda result: result["refusals"]["count"] == before["refusals"]["count"] + 6)
    assert during["refusals"]["count"] == before["refusals"]["count"] + 6
    for user, limit in PEOPLE.items():
        assert not of(before, user)
        (one,) = of(during, user)
        assert (one["sessions"], one["ptys"], one["max_sessions"]) == (limit, 2 if limit == 4 else 1, limit)
        assert one["outdated"] is False
        assert usage(during, user)["most"] == limit
        assert usage(during, user)["connections"] == usage(before, user)["connections"] + 1
        if not logs_itself(during):
            assert refusals(during, user) == refusals(before, user) + 3
            told = [(each["user"], each["peer"], each["max_sessions"]) for each in during["refusals"]["by"]]
            assert (user, one["peer"].rpartition(":")[0], limit) in told
    assert during["recommended_clone_depth"] == 7
    assert [each["baseline"] for each in during["conflicts"]] == ["Lynis SSH-7408"]


def test_the_numbers_that_connections_had_are_told(server, connect, info):
    for sessions in (1, 3, 2):
        server.sessions("admin", sessions)
    with connect("alice") as held:
        held.command("echo open; sleep 30 & exit 0")
        held.command()
        result = info(lambda result: usage(result, "admin")["most"] >= 3 and usage(result, "admin")["connections"] >= 3)
    assert usage(result, "admin")["most"] == 3
    assert usage(result, "admin")["connections"] >= 3
    # What a session left behind holds its slot, and is seen where descriptors may be.
    (one,) = of(result, "alice")
    assert (one["sessions"], one["certainty"]) in [(2, "counted"), (1, "at_least")]


HOSTILE = [
    "no more sessions",
    "x\nno more sessions\nerror: no more sessions",
    "alice from 203.0.113.9 port 1 ssh2",
    "x\r\nStarting session: shell for root from 203.0.113.9 port 1 id 99\r\nInvalid user y",
    "\\012error: no more sessions",
    "tab\tand \x01 bell\x07 and \u00e9",
]
FORGED = "for root from 203.0.113.9 port 1 id 99"
LINES = "logger -t sshd 'error: no more sessions'; logger -t 'sshd[1]' 'no more sessions'"
LOGGED = f"for i in 1 2 3; do {LINES}; done; echo done"


def test_what_others_choose_changes_no_count(host, server, connect, info):
    before = info()
    for name in HOSTILE:
        try_name(server.host, server.port, username=name, client_keys=[server.key], known_hosts=server.known_hosts)
    # A forced command stands in sshd's own line, which is cut off behind it where it is long enough.
    key = asyncssh.generate_private_key("ssh-ed25519")
    start = "Starting session: forced-command (key-option) 'echo open #"
    for pad in (0, 500 - len(start + "' " + FORGED)):
        line = f'command="echo open #{"x" * pad}\' {FORGED}{" " * 80}" {key.export_public_key().decode().strip()}'
        with host.sudo():
            host.check_output("printf '%%s\\n' %s >>/home/bob/.ssh/authorized_keys", line)
        with connect("bob", key) as held:
            assert held.command("anything") == "open\n"
            time.sleep(1)  # the journal looks who logged while he is there
        with host.sudo():
            host.check_output("sed -i '/^command=/d' /home/bob/.ssh/authorized_keys")
    connections = usage(before, "bob")["connections"] + (0 if logs_itself(before) else 2)
    after = info(lambda result: usage(result, "bob")["connections"] >= connections)
    assert usage(after, "bob")["most"] == usage(before, "bob")["most"]
    if logs_itself(after):
        # There sshd escapes no line feed: no reader can tell such a line from sshd's own.
        assert after["log"]["forgeable"] is True
        return
    assert usage(after, "bob")["connections"] == connections
    assert after["refusals"]["count"] == before["refusals"]["count"]
    assert usage(after, "root") == usage(before, "root")
    assert {one["user"] for one in after["usage"]["by_user"]} <= {"admin", "alice", "bob", "root"}
    # Whatever a user logs under sshd's name.
    with connect("alice") as held:
        assert held.command(LOGGED) == "done\n"
    later = info(lambda result: usage(result, "alice")["connections"] > usage(after, "alice")["connections"])
    if later["log"]["source"] == "journal":
        assert later["refusals"]["count"] == before["refusals"]["count"]
        # Nobody vouches for the last words of a user's process that was gone before journald looked, either.
        assert later["log"]["rejected"] >= before["log"]["rejected"] + 6
    else:
        assert later["log"]["forgeable"] is True


def test_who_may_not_look_is_told_so_and_no_zero(host, info):
    with host.sudo():
        hidden = host.run("find /etc/ssh/sshd_config.d -name '*.conf' ! -perm -4").stdout
    if hidden:
        pytest.skip("this configuration is root's alone to read")
    result = info(become=False)
    assert result["effective"] == 4
    if result["log"]["source"] is None:
        assert result["refusals"] is result["usage"] is None
        assert any("unknown, not none" in note for note in result["notes"])
        assert all(one["peer"] is None for one in result["connections"])
    else:
        assert result["log"]["source"] == "files"


def test_a_file_of_the_systems_log_tells_the_same(host, info):
    with host.sudo():
        paths = host.run("ls /var/log/auth.log /var/log/secure 2>/dev/null").stdout.split()
    if not paths:
        pytest.skip("only the journal has sshd's log here")
    result = info(logs=paths[0])
    assert result["log"]["source"] == "files"
    assert result["log"]["forgeable"] is True
    assert result["refusals"]["count"] >= 6
    assert [usage(result, user)["most"] for user in PEOPLE] == list(PEOPLE.values())


def test_a_connection_that_is_older_than_the_files_is_marked(host, connect, info):
    with connect("alice") as old:
        old.command()
        with host.sudo():
            host.check_output("touch /etc/ssh/sshd_config")
        touched = info()
        with host.sudo():
            host.check_output("/usr/local/sbin/restart-sshd")
        info(is_fresh)
        with connect("bob") as new:
            new.command()
            result = info()
    assert touched["listener"]["outdated"] is True
    assert of(touched, "alice")[0]["outdated"] is True
    assert of(result, "alice")[0]["outdated"] is True
    assert of(result, "bob")[0]["outdated"] is False
    assert result["listener"]["outdated"] is False
    assert sum("older limit" in note for note in result["notes"]) >= 1


def test_at_info_how_many_there_were_is_unknown(host, connect, info):
    with host.sudo():
        host.check_output("sed -i 's/^LogLevel VERBOSE/LogLevel INFO/' /etc/ssh/sshd_config")
        host.check_output("/usr/local/sbin/restart-sshd")
        info(is_fresh)
        time.sleep(1.1)  # the log is read from a second on
        since = host.check_output("date -u +%Y-%m-%dT%H:%M:%S")
    with connect("alice") as held:
        for _each in range(4):
            held.command()
        assert held.refused()
        result = info(lambda result: result["refusals"]["count"], since=since)
    assert of(result, "alice")[0]["sessions"] == 4
    if logs_itself(result):
        return
    # A connection of Ansible's from before, which goes on at VERBOSE, may have told of its sessions.
    assert result["usage"] is None or usage(result, "alice")["connections"] == 0
    assert any("How many sessions connections had is" in note for note in result["notes"])
    assert result["refusals"]["count"] == 1
    if result["log"]["source"] == "journal":
        assert result["refusals"]["by"][0]["user"] == "alice"
