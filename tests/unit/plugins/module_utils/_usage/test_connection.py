# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import connection, process
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.login import Login
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.process import Process

LISTENER, OTHER = 61, 66


def sshd(pid, parent, uid, words, started=100.0):
    return Process(pid, parent, "sshd", uid, "sshd: " + words, False, 1, started)


INIT = Process(1, 0, "systemd", 0, "", False, 1, 0.0)
LISTENERS = [sshd(LISTENER, 1, 0, "/usr/sbin/sshd -D [listener] 0"), sshd(OTHER, 1, 0, "/usr/sbin/sshd -f x [listener] 0")]
FOUND = [
    ([sshd(70, LISTENER, 0, "alice [priv]"), sshd(71, 70, 1001, "alice@pts/0")], ["alice"]),
    ([sshd(70, LISTENER, 0, "root@pts/0")], ["root"]),
    ([sshd(70, LISTENER, 0, "alice [postauth]"), sshd(71, 70, 1001, "alice")], ["alice"]),
    ([sshd(70, LISTENER, 0, "root [priv]"), sshd(71, 70, 0, "root@pts/0")], ["root"]),
    ([sshd(70, 1, 0, "alice [priv]"), sshd(71, 70, 1001, "alice@pts/0")], ["alice"]),
    ([sshd(70, OTHER, 0, "alice [priv]"), sshd(71, 70, 1001, "alice@pts/0")], []),
    ([sshd(70, OTHER, 0, "root@pts/0")], []),
    ([sshd(70, LISTENER, 0, "alice [priv]"), sshd(71, 70, 74, "alice [net]")], []),
    ([sshd(70, LISTENER, 0, "[accepted]"), sshd(71, 70, 74, "[net]")], []),
    (
        [
            sshd(70, LISTENER, 0, "alice [priv]"),
            sshd(71, 70, 1001, "alice@notty"),
            sshd(72, 71, 1001, "alice@internal-sftp"),
        ],
        ["alice"],
    ),
    ([sshd(70, 1, 1001, "root [priv]"), sshd(71, 70, 1001, "root@pts/0")], []),
    ([sshd(71, 1, 1001, "root@pts/0")], []),
]


@pytest.fixture(autouse=True)
def unseen(monkeypatch):
    monkeypatch.setattr(process, "descriptors", lambda pid: None)


def found(processes, login_of=lambda pid: None, listener=LISTENER):
    everything = {one.pid: one for one in [INIT, *LISTENERS, *processes]}
    return connection.connections(listener, (), everything, {}, login_of)


@pytest.mark.parametrize(("processes", "users"), FOUND)
def test_the_connections_of_a_listener_are_told_from_all_else(processes, users):
    assert [one.user for one in found(processes)] == users


def test_where_the_listener_is_not_known_all_are_told():
    assert len(found([sshd(70, OTHER, 0, "root@pts/0"), sshd(71, LISTENER, 0, "root@pts/0")], listener=None)) == 2


def test_the_oldest_comes_first():
    younger, older = sshd(70, LISTENER, 0, "root@pts/0", 9.0), sshd(71, LISTENER, 0, "root@pts/1", 8.0)
    assert [one.process.pid for one in found([younger, older])] == [71, 70]


LOGINS = [
    (Login("alice", "::1", 7, 100.5), ("::1", 7)),
    (Login("alice", "::1", 7, 90.0), None),
    (Login("bob", "::1", 7, 100.5), None),
    (Login("alice", "::1", 7, None), None),
    (None, None),
]


@pytest.mark.parametrize(("login", "peer"), LOGINS)
def test_where_descriptors_are_not_shown_the_log_tells_the_client(login, peer):
    processes = [sshd(70, LISTENER, 0, "alice [priv]"), sshd(71, 70, 1001, "alice@pts/0")]
    assert found(processes, {70: login}.get)[0].peer == peer
