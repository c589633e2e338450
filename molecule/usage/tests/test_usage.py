# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known numbers of sessions and real refusals are told as they were, and a hostile name or line changes no count."""

import time

import asyncssh
import pytest
from held import Held, try_name

OWN_LOG = ("no-service-manager", "newest")  # sshd writes its log itself (-E) there, unless systemd could boot
SINCE = "1d"
SECONDS = 10


@pytest.fixture(scope="module")
def info(host):
    """A function that runs the module, and again until ``done`` of its result, since a log takes a moment."""

    def ask(done=lambda result: True, become=True, **arguments):
        deadline = time.monotonic() + SECONDS
        words = " ".join(f"{name}={value}" for name, value in dict(since=SINCE, **arguments).items())
        while True:
            result = host.ansible("multiplex.sshd.max_sessions_info", words, check=False, become=become)
            assert result["changed"] is False, result
            if done(result) or time.monotonic() > deadline:
                return result

    return ask


def of(result, user):
    return [one for one in result["connections"] if one["user"] == user]


def refusals(result, user):
    return sum(one["count"] for one in result["refusals"]["by"] if one["user"] == user)


def usage(result, user):
    return next((one for one in result["usage"]["by_user"] if one["user"] == user), {"connections": 0, "most": 0})


def logs_itself(result):
    return any("(-E)" in note for note in result["notes"])


@pytest.mark.parametrize(("user", "limit"), [("alice", 4), ("bob", 2)])
def test_sessions_and_refusals_are_told_as_they_were(server, info, user, limit):
    before = info()
    assert not of(before, user)
    with Held(server, user) as held:
        held.shell()
        held.command()
        if limit == 4:
            held.sftp()
            held.shell()
        assert [held.refused() for _again in range(3)] == [True] * 3
        during = info(lambda result: result["refusals"]["count"] == before["refusals"]["count"] + 3)
    (one,) = of(during, user)
    assert (one["sessions"], one["ptys"], one["max_sessions"]) == (limit, 2 if limit == 4 else 1, limit)
    assert one["outdated"] is False
    assert during["refusals"]["count"] == before["refusals"]["count"] + 3
    assert usage(during, user)["most"] == limit
    assert usage(during, user)["connections"] == usage(before, user)["connections"] + 1
    if not logs_itself(during):
        assert refusals(during, user) == refusals(before, user) + 3
        told = next(each for each in during["refusals"]["by"] if each["user"] == user)
        assert (told["peer"], told["max_sessions"]) == (one["peer"].rpartition(":")[0], limit)
    if limit == 4:
        assert during["recommended_clone_depth"] == 7
        assert [each["baseline"] for each in during["conflicts"]] == ["Lynis SSH-7408"]


def test_the_numbers_that_connections_had_are_told(server, info):
    before = usage(info(), "admin")
    for sessions in (1, 3, 2):
        server.sessions("admin", sessions)
    # Each question of Ansible's is a connection with a session itself, at times one that is there already.
    after = usage(info(lambda result: usage(result, "admin")["most"] >= 3), "admin")
    assert after["most"] == 3
    assert after["connections"] >= before["connections"] + 3


def test_what_a_finished_session_left_behind_is_not_told_as_less_than_it_is(server, info):
    with Held(server, "alice") as held:
        held.command("echo open; sleep 30 & exit 0")
        held.command()
        (one,) = of(info(), "alice")
    assert one["sessions"] == 2 or (one["sessions"], one["certainty"]) == (1, "at_least")


HOSTILE = [
    "no more sessions",
    "x\nno more sessions\nerror: no more sessions",
    "alice from 203.0.113.9 port 1 ssh2",
    "x\r\nStarting session: shell for root from 203.0.113.9 port 1 id 99\r\nInvalid user y",
    "\\012error: no more sessions",
    "tab\tand \x01 bell\x07 and \u00e9",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_changes_no_count(server, info, name):
    before = info()
    try_name(server, name)
    after = info(lambda result: result["log"]["lines"] > before["log"]["lines"] + 1)
    if logs_itself(after):
        # There sshd escapes no line feed: no reader can tell such a line from sshd's own.
        assert after["log"]["forgeable"] is True
        return
    assert after["refusals"]["count"] == before["refusals"]["count"]
    assert usage(after, "root")["most"] == usage(before, "root")["most"]
    assert {one["user"] for one in after["usage"]["by_user"]} <= {"admin", "alice", "bob", "root"}


def test_a_line_that_a_user_logs_is_not_sshds_or_may_be_forged(host, server, info):
    before = info()
    lines = "logger -t sshd 'error: no more sessions'; logger -t 'sshd[1]' 'no more sessions'"
    words = f"for i in 1 2 3; do {lines}; done; echo done"
    with Held(server, "alice") as held:
        assert held.command(words) == "done\n"
    after = info(lambda result: result["log"]["lines"] > before["log"]["lines"])
    if after["log"]["source"] == "journal":
        assert after["refusals"]["count"] == before["refusals"]["count"]
        assert after["log"]["rejected"] >= before["log"]["rejected"] + 6
    else:
        assert after["log"]["forgeable"] is True


def test_a_forced_command_does_not_speak_for_sshd(host, server, info, tmp_path_factory):
    key = asyncssh.generate_private_key("ssh-ed25519")
    forged = "for root from 203.0.113.9 port 1 id 99"
    for pad in (0, 500 - len(f"Starting session: forced-command (key-option) 'echo open #' {forged}")):
        command = f"echo open #{'x' * pad}' {forged}" + " " * 80
        line = f'command="{command}" {key.export_public_key().decode().strip()}'
        with host.sudo("bob"):
            host.check_output("printf '%%s\\n' %s >>/home/bob/.ssh/authorized_keys", line)
        before = info()
        connections = usage(before, "bob")["connections"]
        with Held(server, "bob", key) as held:
            assert held.command("anything") == "open\n"
        after = info(lambda result, above=connections: usage(result, "bob")["connections"] > above)
        with host.sudo("bob"):
            host.check_output("sed -i '/^command=/d' /home/bob/.ssh/authorized_keys")
        assert usage(after, "root") == usage(before, "root")
        assert usage(after, "bob")["connections"] == connections + 1
        assert usage(after, "bob")["most"] == 2


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
    else:
        assert result["log"]["source"] == "files"
    assert all(one["peer"] is None or result["log"]["source"] for one in result["connections"])


def test_a_file_of_the_systems_log_tells_the_same(host, server, info):
    with host.sudo():
        paths = host.run("ls /var/log/auth.log /var/log/secure 2>/dev/null").stdout.split()
    if not paths:
        pytest.skip("only the journal has sshd's log here")
    result = info(logs=paths[0])
    assert result["log"]["source"] == "files"
    assert result["log"]["forgeable"] is True
    own = info()
    assert result["refusals"]["count"] >= own["refusals"]["count"] > 0
    assert usage(result, "alice")["most"] == usage(own, "alice")["most"] == 4


def test_a_connection_that_is_older_than_the_files_is_marked(host, server, info):
    with Held(server, "alice") as old:
        old.command()
        with host.sudo():
            host.check_output("touch /etc/ssh/sshd_config")
        touched = info()
        assert touched["listener"] is None or touched["listener"]["outdated"] is True
        with host.sudo():
            host.check_output("/usr/local/sbin/restart-sshd")
        with Held(server, "bob") as new:
            new.command()
            result = info()
    assert of(result, "alice")[0]["outdated"] is True
    assert of(result, "bob")[0]["outdated"] is False
    assert result["listener"]["outdated"] is False
    assert sum("older limit" in note for note in result["notes"]) >= 1


def test_at_info_how_many_there_were_is_unknown(host, server, info):
    with host.sudo():
        host.check_output("sed -i 's/^LogLevel VERBOSE/LogLevel INFO/' /etc/ssh/sshd_config")
        host.check_output("/usr/local/sbin/restart-sshd")
        time.sleep(1.1)  # the log is read from a second on
        since = host.check_output("date -u +%Y-%m-%dT%H:%M:%S")
    with Held(server, "alice") as held:
        for _each in range(4):
            held.command()
        assert held.refused()
        result = info(lambda result: result["refusals"]["count"], since=since)
    if logs_itself(result):
        return
    assert result["usage"] is None
    assert any("LogLevel VERBOSE" in note for note in result["notes"])
    assert result["refusals"]["count"] == 1
    if result["log"]["source"] == "journal":
        assert result["refusals"]["by"][0]["user"] == "alice"
    assert of(result, "alice")[0]["sessions"] == 4
