# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of session proves: a slot is a slot, and whether a person gets something in it is told."""

import contextlib
import os
import re

import own_etc
import pytest
from conftest import host_line, independent_count, probe_play
from own_etc import OwnEtcSshd
from throwaway_sshd import ThrowawaySshd

SIX = "MaxSessions 6\n"
EXACT = {"clone_depth": 5, "exact": True}
NOT_MAX_SESSIONS = "It was let in, so MaxSessions is not the reason:"
ENDED = "6 sessions opened on one connection to {user}@127.0.0.1 port {port}, and 0 of them answered; 6 must."

# name: (sshd's lines, keyword arguments of OwnEtcSshd, how a session ends, what it says)
WITH_PAM = {
    "nologin_shell": ("", {"shell": "/usr/sbin/nologin"}, "exit status 1", "This account is currently not available"),
    "chroot_without_a_shell": ("ChrootDirectory /var\n", {}, "exit status 1", "/bin/sh: No such file or directory"),
    "too_many_logins": (
        "",
        {"etc": {"security/limits.conf": f"{own_etc.USER} - maxlogins 0\n"}},
        "exit status 254",
        f"There were too many logins for '{own_etc.USER}'",
    ),
    "nologin_without_pam": ("", {"etc": {"nologin": "Until 14:00\n"}, "first": ""}, "exit status 254", "Until 14:00"),
}
WITHOUT = {
    "forced_command": ("ForceCommand exit 3\n", "", "exit status 3", ""),
    "forced_sftp": ("ForceCommand internal-sftp\n", "", "exit status 1", "This service allows sftp connections only"),
    "forced_word": ("ForceCommand echo $SSH_ORIGINAL_COMMAND\n", "", "exit status 0", None),
    "command_on_the_key": ("", 'command="echo go away" ', "exit status 0", "go away"),
}


@pytest.fixture(scope="module")
def servers_of(module_playbook):
    """Start the servers of a table; return {name: (server, {session: result})}."""
    with contextlib.ExitStack() as stack:

        def probed(table, start):
            servers = {name: stack.enter_context(start(*row)) for name, row in table.items()}
            names = {f"{name}_{session}": (name, session) for name in servers for session in ("exec", "shell", "answer")}
            inventory = "".join(
                host_line(host, servers[name], f"probe_session={session}") for host, (name, session) in names.items()
            )
            play = probe_play("all", {**EXACT, "session": "{{ probe_session }}"})
            results, _said = module_playbook.run(inventory, [play])
            found = {name: (server, {}) for name, server in servers.items()}
            for host, (name, session) in names.items():
                found[name][1][session] = results[host]
            return found

        yield probed


@pytest.fixture(scope="module")
def with_pam(servers_of):
    own_etc.needed()
    return servers_of(WITH_PAM, lambda body, more, *_said: OwnEtcSshd(SIX + body, **more))


def keyed(body, options, *_said):
    server = ThrowawaySshd(SIX + body)
    server.write("authorized_keys", options + server.read("authorized_keys"))
    return server


@pytest.fixture(scope="module")
def without(servers_of):
    return servers_of(WITHOUT, keyed)


def check(server, results, status, said):
    assert independent_count(server, 7) == 6
    for session in ("exec", "shell"):
        result = results[session]
        assert (result["failed"], result["clones"], result["opened"], result["refused"]) == (False, 5, 6, 1), result["msg"]
    assert "ended" not in results["exec"]["msg"] and results["exec"]["ended"] is None
    shell = results["shell"]
    assert shell["ended"] == 6 and f"But 6 of 6 sessions ended at once ({status}" in shell["msg"], shell["msg"]
    assert "a person gets no shell in them." in shell["msg"]
    answer = results["answer"]
    assert (answer["failed"], answer["clones"], answer["opened"], answer["refused"]) == (True, 0, 6, 7), answer["msg"]
    assert (answer["refusal"]["session"], answer["refusal"]["request"]) == (1, "answer")
    start = ENDED.format(user=server.user, port=server.port) + " Session 1 was the first that did not answer: it ended "
    assert answer["msg"].startswith(f"{start}({status}"), answer["msg"]
    assert f"). {NOT_MAX_SESSIONS} a nologin shell, a ForceCommand" in answer["msg"]
    if said is not None:
        for each in (shell["msg"], answer["msg"]):
            words = r"; it said: ([^)]*; )?" + re.escape(said) if said else r"\(exit status \d+"
            assert re.search(words + r"\)", each), each


@pytest.mark.parametrize("name", WITH_PAM)
def test_accounts_that_get_no_shell(name, with_pam):
    check(*with_pam[name], *WITH_PAM[name][2:])


@pytest.mark.parametrize("name", WITHOUT)
def test_keys_and_servers_that_give_no_shell(name, without):
    check(*without[name], *WITHOUT[name][2:])


def test_an_expired_password(playbook):
    own_etc.needed()
    hashed = "$6$x$" + "x" * 86
    with OwnEtcSshd(SIX, shadow=f"{hashed}:0:0:99999:7:::") as server:
        result = playbook.probe(server, {**EXACT, "session": "answer", "timeout": 10})
        counted = playbook.probe(server, EXACT)
    assert result["failed"] and result["refusal"]["request"] == "answer", result["msg"]
    assert "password has expired" in result["msg"] and "an expired password" in result["msg"], result["msg"]
    assert not counted["failed"] and counted["clones"] == 5


def test_a_forced_command_that_says_nothing_and_stays(playbook, servers):
    result = playbook.probe(servers(SIX + "ForceCommand sleep 60\n"), {**EXACT, "session": "answer", "timeout": 10})
    assert result["failed"] and result["clones"] == 0
    assert "the first that did not answer: no answer for 10 seconds. It was let in" in result["msg"], result["msg"]


@pytest.mark.parametrize("body", ["", 'ForceCommand sh -c "$SSH_ORIGINAL_COMMAND"\n'])
def test_sessions_that_answer(body, playbook, servers):
    result = playbook.probe(servers(SIX + body), {**EXACT, "session": "answer"})
    assert (result["failed"], result["clones"], result["refused"]) == (False, 5, 1), result["msg"]


def test_a_shell_that_stays_is_no_news(playbook, servers):
    result = playbook.probe(servers(SIX), {**EXACT, "session": "shell"})
    assert (result["failed"], result["ended"]) == (False, 0) and "ended" not in result["msg"]


def test_only_some_answer(playbook, servers):
    server = servers(SIX)
    os.mkdir(server.path("first"))
    os.chmod(server.path("first"), 0o777)  # noqa: S103 (by the user who logs in)
    one = f'mkdir {server.path("first")}/once 2>/dev/null && exec sh -c "$SSH_ORIGINAL_COMMAND"; exit 7'
    server.write("authorized_keys", f'command="{one}" '.replace('sh -c "', 'sh -c \\"').replace('D"', 'D\\"')
                 + server.read("authorized_keys"))  # fmt: skip
    result = playbook.probe(server, {**EXACT, "session": "answer"})
    assert (result["failed"], result["clones"], result["opened"], result["refused"]) == (True, 0, 6, 6), result["msg"]
    assert "and 1 of them answered; 6 must. " in result["msg"] and "(exit status 7)" in result["msg"]


def test_processes_wall(playbook):
    """The sessions that found no process are not the last ones: words and numbers agree all the same."""
    own_etc.needed()
    limits = {"security/limits.conf": f"{own_etc.USER} hard nproc 8\n"}
    with OwnEtcSshd("MaxSessions 20\n", etc=limits) as server:
        result = playbook.probe(server, {"clone_depth": 15})
        assert independent_count(server, 16) < 16
    reached = result["clones"] + 1
    assert result["failed"] and result["opened"] == 16 > reached > 1 and result["refused"] == 16 - reached
    assert f"16 sessions opened on one connection to {own_etc.USER}@" in result["msg"], result["msg"]
    assert f", and {reached} of them started a command; 16 must. Session " in result["msg"], result["msg"]
    assert "or the processes that this user may have." in result["msg"]
