# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recommended is for those to whom it would be given, and comes to an end once it was followed."""

import os
import time

import pytest
from host import Host

HOUR = 3600


@pytest.fixture
def host():
    with Host() as running:
        running.write("sshd_config", running.read() + "LogLevel VERBOSE\n")
        yield running


class Log:
    """A log of the system's, in which ``connection`` and ``refusal`` write what sshd does."""

    def __init__(self, host):
        self.host = host
        self.port = 40000
        self.path = host.write("auth.log", "")

    def say(self, ago, text):
        moment = time.time() - ago
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
        with open(self.path, "a") as file:
            file.write(f"{date}.{int(moment % 1 * 1e6):06}+00:00 db1 sshd[{self.port}]: {text}\n")

    def connection(self, user, sessions, ago=HOUR, address="192.0.2.7", refused=0, later=0):
        """Have ``user`` log in, open ``sessions`` and ask for as many more as are ``refused``, that much ``later``."""
        self.port += 1
        self.say(ago, f"Accepted publickey for {user} from {address} port {self.port} ssh2: ED25519 SHA256:x")
        for slot in range(sessions):
            self.say(ago, f"Starting session: shell on pts/{slot} for {user} from {address} port {self.port} id {slot}")
        for _each in range(refused):
            self.say(ago - later, "error: no more sessions")

    def told(self):
        return self.host.run("max_sessions_info", logs=[self.path])


@pytest.fixture
def log(host):
    return Log(host)


def test_who_follows_a_recommendation_is_not_told_to_double_it_again(host, log):
    log.connection("alice", 2, refused=3)
    told = log.told()
    assert told["recommended_clone_depth"] == 3
    host.run(clone_depth=3)
    assert told["effective"] == 2 and log.told()["effective"] == 4
    told = log.told()
    assert (told["recommended_clone_depth"], told["refusals"]["count"]) == (3, 3)
    assert "3 sessions were refused before " in told["recommendation"]
    # The future, for time doesn't wait for a test: whoever connected before keeps the old limit.
    log.connection("alice", 2, ago=HOUR, later=HOUR + 60, refused=1)
    assert log.told()["recommended_clone_depth"] == 3
    log.connection("alice", 4, ago=-60, refused=1)
    told = log.told()
    assert told["recommended_clone_depth"] == 7
    assert told["recommendation"].startswith("1 session was refused at MaxSessions 4 since ")


def test_what_leaves_a_files_content_leaves_what_was_seen_before_it(host, log):
    (path,) = host.run(clone_depth=2)["written"]
    log.connection("alice", 3, refused=3, ago=0)
    os.chmod(path, 0o600)
    told = log.told()
    assert (told["effective"], told["recommended_clone_depth"]) == (3, 5)


def test_those_who_have_a_limit_of_their_own_ask_for_nothing_for_everyone(host, log):
    rules = [{"match": "User dba", "max_sessions": 50}, {"match": "User deploy Address 10.0.0.0/8", "max_sessions": 30}]
    host.run(max_sessions=3, rules=rules)
    log.connection("alice", 2)
    log.connection("dba", 40)
    log.connection("deploy", 20, address="10.1.2.3")
    told = log.told()
    assert told["recommended_clone_depth"] == 1
    assert "those who have another limit" in told["recommendation"]
    assert [(one["user"], one["most"], one["max_sessions"]) for one in told["usage"]["by_user"]] == [
        ("dba", 40, 50), ("deploy", 20, 30), ("alice", 2, 3),
    ]  # fmt: skip


def test_who_was_refused_under_a_match_of_somebodys_is_not_nobody(host, log):
    host.write("sshd_config", host.read() + "Match User bob\n    MaxSessions 1\n")
    log.connection("alice", 2)
    log.connection("bob", 1, refused=5)
    told = log.told()
    assert told["refusals"]["by"][0]["max_sessions"] == 1
    assert told["recommended_clone_depth"] == 1
    assert "No session was refused" not in told["recommendation"]
    assert "5 sessions were refused to those who have another limit" in told["recommendation"]


def test_a_few_connections_do_not_tell_what_many_logins_had(host, log):
    host.write("sshd_config", host.read().replace("MaxSessions 2", "MaxSessions 10"))
    for _each in range(9):
        log.connection("alice", 0, ago=2 * HOUR)  # as at LogLevel INFO
    log.connection("alice", 1)
    told = log.told()
    assert told["recommended_clone_depth"] == 9
    assert "the most that one of 1 connection had" in told["recommendation"]
    assert "Of 10 logins" in told["recommendation"]
