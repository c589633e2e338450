# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import resource

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import process, wall, walls
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.wall import Wall

# limit, descriptors in use, sessions open: the sessions that sshd 9.2 and 10.0 really ended at, with pipes.
OPEN_FILES = [((64, 8, 0), 16), ((64, 9, 0), 16), ((64, 20, 4), 17)]
OPEN_FILES += [((1024, None, 0), 336), ((None, 9, 0), None), ((3, 9, 0), 0)]


@pytest.mark.parametrize(("given", "sessions"), OPEN_FILES)
def test_open_files_end_sessions(given, sessions):
    assert wall.open_files(*given, "x").sessions == sessions


@pytest.mark.parametrize(
    ("limit", "in_use", "own", "sessions"), [(100, 20, 3, 83), (100, None, 0, 100), (10, 20, 3, 0), (None, 5, 0, None)]
)
def test_a_session_takes_one_of_what_is_left(limit, in_use, own, sessions):
    assert wall.room("tasks", limit, in_use, own, "x").sessions == sessions


def test_each_wall_says_how_it_is_lifted():
    for name in wall.LIFTS:
        assert Wall(name, "sessions", 1, 1, 1, "user-1000.slice").lift
    assert "user-1000.slice" in Wall("tasks", "sessions", 1, 1, 1, "user-1000.slice").lift


def test_the_walls_are_in_the_order_that_they_end():
    found = walls.lowest(
        [
            wall.connections("startups", 10, "x"),
            wall.room("tasks", 500, 0, 0, "a"),
            wall.room("tasks", 100, 0, 0, "b"),
            wall.open_files(None, None, 0, "x"),
            wall.max_sessions(10, None),
        ]
    )
    assert [(one.name, one.of) for one in found] == [
        ("max_sessions", "sshd's default"),
        ("tasks", "b"),
        ("open_files", "x"),
        ("startups", "x"),
    ]
    assert walls.first(found).name == "max_sessions"
    assert walls.first([wall.connections("startups", 10, "x")]) is None


def test_the_arguments_of_sshd_are_told():
    found = walls.of_connections("10:30:100", "none")
    assert [one[:3] for one in found[:2]] == [("startups", "connections", 10), ("startups_per_source", "connections", None)]
    assert [one.name for one in walls.of_connections("10", None) if one.name != "logins"] == ["startups"]


def test_maxlogins_are_found_where_they_stand(tmp_path, monkeypatch):
    lines = ["# * hard maxlogins 1", "* hard nofile 5", "@dba - maxlogins 4 # some", "root - maxlogins -1", ""]
    (tmp_path / "limits.conf").write_text("\n".join(lines))
    monkeypatch.setattr(walls, "LIMITS_CONF", (str(tmp_path / "*.conf"),))
    of = f"{tmp_path}/limits.conf:3, maxlogins for @dba"
    assert walls.of_connections(None, None) == [Wall("logins", "connections", 4, None, None, of)]


def test_a_process_is_under_its_own_limits():
    own = process.all_processes()[os.getpid()]._replace(uid=12345)
    found = {one.name: one for one in walls.around(own, 0, 0, {own.pid: own})}
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert found["open_files"].limit == (None if soft == resource.RLIM_INFINITY else soft)
    assert found["processes"].in_use == own.threads
    with open("/proc/sys/kernel/pty/max") as file:
        assert found["ptys"].limit == int(file.read())
    assert "processes" not in {one.name for one in walls.around(own._replace(uid=0), 0, 0, {})}
