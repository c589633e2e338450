# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way is told apart from a refusal, in time, and leaves nothing behind."""

import contextlib
import os
import resource
import signal
import socket
import time

import pytest
from conftest import host_line, independent_count, probe_play, reload

SIX = "MaxSessions 6\n"
EXACT = {"clone_depth": 5, "exact": True}


@pytest.fixture
def silence():
    """A listener that accepts and never says a word; yields its socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener


def silent_host(listener):
    """Return an inventory line for it."""
    port = listener.getsockname()[1]
    return f"one ansible_host=127.0.0.1 ansible_port={port} ansible_ssh_common_args='-F none'\n"


def test_server_that_never_answers(playbook, silence):
    results, _said = playbook.run(silent_host(silence), [probe_play("one", {"timeout": 1})])
    assert results["one"]["failed"] and results["one"]["msg"].startswith("No connection to 127.0.0.1, so no clone was")
    assert "timed out" in results["one"]["msg"]


def test_server_that_drops_dead_in_the_middle(playbook, stalling):
    server = stalling(signal_name="KILL")
    result = playbook.probe(server, {"clone_depth": server.MANY})
    assert result["failed"] and result["opened"] == server.MANY + 1 > result["clones"] + 1
    assert "the connection ended" in result["msg"] and "MaxSessions" not in result["msg"] and ".." not in result["msg"]
    server.stopped()


def test_server_that_falls_silent_in_the_middle(playbook, stalling):
    server = stalling()
    begin = time.monotonic()
    with contextlib.closing(_Kill(server)):
        result = playbook.probe(server, {"clone_depth": server.MANY, "timeout": 1})
    assert result["failed"] and "no answer for 1 seconds" in result["msg"] and result["opened"] == server.MANY + 1
    assert time.monotonic() - begin < 10


class _Kill:
    def __init__(self, server):
        self.server = server

    def close(self):
        os.kill(self.server.stopped(), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_while_connecting(number, playbook, silence):
    with playbook.running(silent_host(silence), [probe_play("one", {"timeout": 60})]) as process:
        connection, _address = silence.accept()
        with connection:
            assert playbook.leftovers()
            _interrupt(process, number)
            connection.settimeout(10)
            while connection.recv(100):
                pass  # the banner, and then the end of ssh
    _nothing_left(playbook)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_with_sessions_open(number, playbook, stalling):
    server = stalling()
    with playbook.running(
        host_line("one", server), [probe_play("one", {"clone_depth": server.MANY, "timeout": 60})]
    ) as process:
        stopped = server.stopped()
        assert playbook.leftovers()
        _interrupt(process, number)
        _nothing_left(playbook)
        os.kill(stopped, signal.SIGKILL)


def _interrupt(process, number):
    if number != signal.SIGINT:
        # The workers have sessions of their own, and before 2.19 ansible-playbook passes no SIGTERM on to them.
        for child in _children(process.pid):
            os.kill(child, number)
    process.send_signal(number)


def _children(parent):
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        return [int(word) for word in file.read().split()]


def _nothing_left(playbook):
    deadline = time.monotonic() + 10
    while playbook.leftovers() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert playbook.leftovers() == []


def test_open_files_wall_is_not_called_max_sessions(playbook, servers):
    server = servers("MaxSessions 200\n")
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (120, 120))
    result = playbook.probe(server, {"clone_depth": 100})
    assert result["failed"] and result["opened"] == 101 and 10 < result["clones"] < 60, result["msg"]
    assert result["refusal"]["request"] == "exec" and result["refusal"]["reason_code"] is None
    assert "MaxSessions is not the reason: most likely the open-files limit" in result["msg"]
    assert independent_count(server, 101) == result["clones"] + 1
    assert not playbook.probe(server, {"clone_depth": 100, "session": "open"})["failed"]


def test_max_startups(playbook, servers):
    server = servers(SIX)
    server.write("sshd_config", server.read().replace("MaxStartups 200", "MaxStartups 1:100:1"))
    reload(server)
    with socket.create_connection((server.address, server.port)) as waiting:
        assert waiting.recv(4) == b"SSH-"
        result = playbook.probe(server, EXACT)
    assert result["failed"], result["msg"]
    assert "ssh said: Exceeded MaxStartups; " in result["msg"] and "or raise MaxStartups" in result["msg"], result["msg"]


WRONG = [  # (options, part of the message)
    ({"clone_depth": -1}, "clone_depth must be from 0 to 16000, and is -1."),
    ({"clone_depth": 16001}, "clone_depth must be from 0"),
    ({"limit": -1}, "limit must be from 0"),
    ({"exact": True}, "give clone_depth, or leave exact out"),
    ({"timeout": 0}, "timeout must be above 0 and up to 3600 seconds, and is 0."),
    ({"timeout": "inf"}, "timeout must be above 0"),
    ({"timeout": "nan"}, "timeout must be above 0"),
    ({"port": 0}, "port must be from 1 to 65535, and is 0."),
    ({"port": 65536}, "port must be from 1 to 65535"),
    ({"session": "sftp"}, "value of session must be one of"),
    ({"hots": "x"}, "hots"),
    ({"host": "-oProxyCommand=touch /tmp/x"}, "is not one that ssh can be given safely"),
    ({"host": "a;b"}, "host 'a;b' is not one"),
    ({"user": "-x"}, "user '-x' is not one"),
    ({"user": "a`b`"}, "is not one that ssh can be given safely"),
    ({"ssh_args": "-o 'Port"}, "These ssh arguments don't parse"),
    ({"ssh_args": "elsewhere"}, "'elsewhere' is none"),
    ({"ssh_args": "-Z"}, "ssh has no such argument"),
    ({"ssh_args": "-o Port=x"}, "Bad port"),
    ({"port": 1}, "Nothing listens there"),
    ({"host": "nowhere.invalid"}, "The name is unknown here"),
    ({"private_key_file": "/nowhere"}, "Permission denied"),
]


def test_wrong_options_each_have_their_sentence(playbook, servers):
    server = servers(SIX)
    names = [f"w{index}" for index in range(len(WRONG))]
    inventory = "".join(host_line(name, server) for name in names) + "other ansible_connection=local\n"
    plays = [probe_play(name, options) for name, (options, _message) in zip(names, WRONG)]
    results, _said = playbook.run(inventory, [*plays, probe_play("other", {})])
    for name, (options, message) in zip(names, WRONG):
        assert results[name]["failed"] and message in results[name]["msg"], (options, results[name]["msg"])
    assert "connection plugin local, which has no settings for ssh: give the option host" in results["other"]["msg"]
