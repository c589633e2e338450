# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import bz2
import gzip
import lzma
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import log_file

NOON = 1769860800.0
LINE = "2026-01-31T%s:00:00+00:00 db1 sshd[95]: error: no more sessions\n"


def refusals(path, since=0.0, until=None, own=None):
    found = []
    log_file.read(str(path), since, until, found.append, own=own)
    return [one.time and (one.time - NOON) / 3600 for one in found if one]


@pytest.mark.parametrize(("name", "opener"), [("a", open), ("a.gz", gzip.open), ("a.xz", lzma.open), ("a.bz2", bz2.open)])
def test_a_file_is_read_compressed_or_not(tmp_path, name, opener):
    with opener(tmp_path / name, "wt") as file:
        file.write(LINE % "11" + "2026-01-31T11:30:00Z db1 cron[7]: no more sessions\n" + LINE % "12")
    assert refusals(tmp_path / name) == [-1, 0]
    assert log_file.beginning(str(tmp_path / name)) == NOON - 3600


@pytest.mark.parametrize(
    ("since", "until", "expected"), [(0, None, [-1, 0, 1]), (NOON, None, [0, 1]), (0, NOON, [-1]), (NOON, NOON + 1, [0])]
)
def test_only_what_was_asked_for_is_told(tmp_path, since, until, expected):
    (tmp_path / "a").write_text("".join(LINE % hour for hour in ("11", "12", "13")))
    assert refusals(tmp_path / "a", since, until) == expected


def test_a_file_of_sshds_own_has_no_times(tmp_path):
    (tmp_path / "a").write_bytes(b"Server listening on :: port 22.\r\nno more sessions\r\n")
    found = []
    log_file.read(str(tmp_path / "a"), NOON, None, found.append)
    assert [one.text for one in found] == ["Server listening on :: port 22.", "no more sessions"]
    assert log_file.beginning(str(tmp_path / "a")) is None


def test_lines_of_another_form_in_the_systems_log_tell_nothing(tmp_path):
    (tmp_path / "a").write_text(LINE % "11" + "no more sessions\nsshd no more sessions\n")
    assert refusals(tmp_path / "a") == [-1]


def test_what_is_broken_in_front_hides_nothing_behind_it(tmp_path):
    (tmp_path / "a").write_bytes(bytes(log_file.LONGEST * 2) + (LINE % "10" + LINE % "11").encode())
    assert refusals(tmp_path / "a", own=False) == [-1]
    assert log_file.beginning(str(tmp_path / "a")) == NOON - 3600
    (tmp_path / "a").write_text("so far\n" + LINE % "11")
    assert refusals(tmp_path / "a") == [-1]


@pytest.mark.parametrize(
    "line", ["2026-01-31 11:00:00 db1 sshd[95]: error: no more sessions\n", "<35>1 2026-01-31T11:00:00Z db1 sshd 95 - - x\n"]
)
def test_a_form_that_is_not_known_is_none_that_tells_nothing(tmp_path, line):
    (tmp_path / "a").write_text(line)
    with pytest.raises(log_file.UNREADABLE, match="no date in a form that is known"):
        refusals(tmp_path / "a", own=False)
    (tmp_path / "a").write_text("")
    gzip.open(tmp_path / "a.gz", "wb").close()
    assert refusals(tmp_path / "a", own=False) == refusals(tmp_path / "a.gz", own=False) == []


def test_a_file_that_is_named_and_no_sshds_own_is_none_either(tmp_path):
    (tmp_path / "a").write_text("2026-01-31 11:00:00 db1 sshd-session[95]: error: no more sessions\n")
    with pytest.raises(log_file.UNREADABLE, match="no date in a form that is known"):
        refusals(tmp_path / "a")
    assert refusals(tmp_path / "a", own=True) == [None]


def test_a_line_without_an_end_is_looked_at_once(tmp_path):
    (tmp_path / "a").write_text(LINE % "11" + "x" * log_file.LONGEST + LINE % "12" + LINE % "13")
    assert refusals(tmp_path / "a") == [-1, 1]


def test_the_files_of_a_rotation_are_found_oldest_first(tmp_path):
    names = ["auth.log", "auth.log.1", "auth.log.2.gz", "auth.log-20260124.xz", "auth.log.old", "auth.logger"]
    names.append("auth.log.3.gz")
    for at, name in enumerate(names):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (NOON - at * 100, NOON - at * 100))
    os.utime(tmp_path / "auth.log", (5, 5))
    (tmp_path / "auth.log.4").mkdir()
    os.mkfifo(tmp_path / "auth.log.5")
    os.symlink("nowhere", tmp_path / "auth.log.6")
    found = log_file.family(str(tmp_path / "auth.log"), NOON - 350)
    assert [os.path.basename(path) for path in found] == ["auth.log-20260124.xz", "auth.log.2.gz", "auth.log.1", "auth.log"]


def test_a_name_is_no_pattern(tmp_path):
    (tmp_path / "a[1].log").write_text("")
    (tmp_path / "a1.log").write_text("")
    assert [os.path.basename(path) for path in log_file.family(str(tmp_path / "a[1].log"), 0)] == ["a[1].log"]


@pytest.mark.parametrize("name", ["a.gz", "a.xz", "a.bz2", "a.zst"])
def test_what_is_broken_or_unknown_raises_what_is_caught(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x28\xb5\x2f\xfd no such file")
    with pytest.raises(log_file.UNREADABLE):
        refusals(tmp_path / name)


def test_what_is_cut_off_raises_what_is_caught(tmp_path):
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write((LINE % "11").encode() + os.urandom(50000))
    (tmp_path / "a.gz").write_bytes((tmp_path / "a.gz").read_bytes()[:-5000])
    with pytest.raises(log_file.UNREADABLE):
        refusals(tmp_path / "a.gz")
