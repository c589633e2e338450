# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import open_sessions
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.process import Process

SSHD = 10


def connection(terminals="notty"):
    return Process(SSHD, 9, "sshd", 1001, "sshd: alice@" + terminals, False, 1, 0.0)


def child(pid, parent=SSHD, name="bash", tty=False):
    return Process(pid, parent, name, 1001, "", tty, 1, 0.0)


SHELL, EXEC, SFTP, LEFT = child(20, tty=True), child(21), child(22, name="sftp-server"), child(23, parent=1)
PIPES = {21: {"pipe:1", "pipe:2", "pipe:3"}, 22: {"pipe:4", "pipe:5", "pipe:6"}, 23: {"pipe:7"}}
CASES = [
    ("nothing", "notty", [], {}, 0, 0),
    ("a shell", "pts/0", [SHELL], {}, 1, 1),
    ("a shell, a command and sftp", "pts/0", [SHELL, EXEC, SFTP], {21: PIPES[21], 22: PIPES[22]}, 3, 3),
    ("a terminal whose shell just began", "pts/0,pts/1", [SHELL], {}, 2, 2),
    ("a shell that the title doesn't list yet", "notty", [SHELL], {}, 1, 1),
    ("what an ended command left behind", "notty", [LEFT], {23: PIPES[23]}, 0, 1),
    ("both", "notty", [EXEC, LEFT], {21: PIPES[21], 23: PIPES[23]}, 1, 2),
    ("what a command started", "notty", [EXEC, child(30, 21)], {21: PIPES[21], 30: PIPES[21]}, 1, 1),
    ("a command that closed its pipes", "notty", [EXEC, child(30, 21)], {30: {"pipe:1"}}, 1, 1),
    ("a daemon that closed all", "notty", [EXEC], {}, 1, 1),
    ("a process that another session of the shell started", "pts/0", [SHELL, child(30, 20)], {}, 1, 1),
    ("two that an ended command left behind", "notty", [LEFT, child(24, 1)], {23: {"pipe:7"}, 24: {"pipe:7"}}, 0, 1),
    ("two ended commands", "notty", [LEFT, child(24, 1)], {23: {"pipe:7"}, 24: {"pipe:8"}}, 0, 2),
]


@pytest.mark.parametrize(
    ("terminals", "children", "pipes", "at_least", "counted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_sessions_are_told_from_what_sessions_started(terminals, children, pipes, at_least, counted):
    its = connection(terminals)
    processes = {one.pid: one for one in [its, *children]}
    assert open_sessions.at_least(its, processes) == at_least
    assert open_sessions.counted(its, processes, pipes) == counted


def test_processes_whose_parents_go_in_a_circle_end_the_search():
    its = connection()
    processes = {one.pid: one for one in [its, child(30, 31), child(31, 30)]}
    assert open_sessions.counted(its, processes, {30: {"pipe:1"}}) == 1
