# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import process
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.process import Process

TITLES = [
    ("sshd", 0, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", None, False, 0),
    ("sshd", 0, "sshd: alice [priv]", "alice", True, 0),
    ("sshd", 1001, "sshd: alice", "alice", False, 0),
    ("sshd", 1001, "sshd: alice@pts/0", "alice", False, 1),
    ("sshd", 1001, "sshd: alice@pts/0,pts/12", "alice", False, 2),
    ("sshd", 1001, "sshd: alice@notty", "alice", False, 0),
    ("sshd", 1001, "sshd: alice@internal-sftp", "alice", False, 0),
    ("sshd", 0, "sshd: root@pts/3", "root", False, 1),
    ("sshd-session", 0, "sshd-session: alice [priv]", "alice", True, 0),
    ("sshd-session", 0, "sshd-session: alice [postauth]", "alice", True, 0),
    ("sshd-session", 1001, "sshd-session: alice@pts/0,pts/1", "alice", False, 2),
    ("sshd-session", 1001, "sshd-session: bob@example.org@notty", "bob@example.org", False, 0),
    ("sshd", 74, "sshd: alice [net]", None, False, 0),
    ("sshd-auth", 74, "sshd-auth: alice [net]", None, False, 0),
    ("sshd", 0, "sshd: [accepted]", None, False, 0),
    ("sshd-session", 0, "sshd-session: [session-auth early]", None, False, 0),
    ("sshd", 0, "sshd: alice [pam]", None, False, 0),
    ("sshd", 1001, "sshd: root [priv]", "root", False, 0),
    ("bash", 0, "sshd: root [priv]", None, False, 0),
    ("bash", 1001, "sshd: root@pts/0", None, False, 1),
]


@pytest.mark.parametrize(("name", "uid", "title", "user", "is_monitor", "terminals"), TITLES)
def test_a_title_tells_whom_an_sshd_serves(name, uid, title, user, is_monitor, terminals):
    one = Process(1, 0, name, uid, title, False, 1, 0.0)
    assert (one.user, one.is_monitor, one.terminals) == (user, is_monitor, terminals)


def test_this_process_is_seen_as_it_is():
    before = time.time()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        found = process.all_processes()
        own, other = found[os.getpid()], found[child.pid]
    finally:
        child.communicate(b"\n", timeout=10)
    assert own.uid == os.getuid()
    assert other.parent == os.getpid()
    assert before - 1 < other.started < time.time() + 1
    assert not process.are_hidden()
    assert process.number_of_descriptors(os.getpid()) > 2
    assert process.number_of_descriptors(child.pid) is None


def stat(tmp_path, pid, text, **files):
    (tmp_path / str(pid)).mkdir()
    (tmp_path / str(pid) / "stat").write_text(text)
    for name, content in files.items():
        (tmp_path / str(pid) / name).write_text(content)


def test_a_name_may_hold_anything(tmp_path):
    (tmp_path / "uptime").write_text("1000.00 1.00\n")
    rest = "S 1 1 1 34816 -1 0 0 0 0 0 0 0 0 0 20 0 7 0 50000 0"
    stat(tmp_path, 7, "7 (sshd) S 99 (x) " + rest, status="Name:\tx\nUid:\t1001\t0\t0\t0\n", cmdline="sshd: a\0b")
    stat(tmp_path, 8, "8 (sshd) " + rest, status="Uid:\t1001\t0\t0\t0\n", cmdline="sshd: alice@pts/0\0\0  ")
    stat(tmp_path, 9, "9 (zombie) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 7 0 50000 0")
    stat(tmp_path, 10, "")
    nested = "11 (sshd) " + rest
    stat(tmp_path, 11, nested, status="NSpid:\t11\t2\nUid:\t0\t0\t0\t0\n", cmdline="sshd: alice [priv]")
    found = process.all_processes(str(tmp_path))
    assert sorted(found) == [7, 8]
    assert (found[7].name, found[7].title) == ("sshd) S 99 (x", "")
    assert found[8][:7] == (8, 1, "sshd", 1001, "sshd: alice@pts/0", True, 7)
