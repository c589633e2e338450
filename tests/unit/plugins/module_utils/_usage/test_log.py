# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import journal, log, log_file
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.tally import Tally

NOW = time.time()
HOUR = 3600


class Journalctl:
    """A journal with refusals at the given ages in hours, and its beginning."""

    def __init__(self, beginning, *ages):
        self.beginning = beginning
        self.ages = ages
        self.killed = False

    def __call__(self, command, before_communicate_callback):
        assert command[0] == "journalctl"
        ages = self.ages if any(word.startswith("--since") for word in command) else [self.beginning]
        self.stdout = Stream(self.entry(age) for age in ages)
        before_communicate_callback(self)
        return 0, "", ""

    def entry(self, age):
        fields = {"__REALTIME_TIMESTAMP": str(int((NOW - age * HOUR) * 1e6)), "_PID": "95", "_UID": "1001", "_COMM": "sshd"}
        return json.dumps(dict(fields, MESSAGE="error: no more sessions")).encode() + b"\n"

    def kill(self):
        self.killed = True


class Stream:
    def __init__(self, lines):
        self.lines = iter(lines)

    def __iter__(self):
        return self.lines

    def readline(self):
        return next(self.lines, b"")


@pytest.fixture
def auth_log(tmp_path, monkeypatch):
    monkeypatch.setattr(log_file, "SYSTEM", (str(tmp_path / "auth.log"), str(tmp_path / "secure")))
    monkeypatch.setattr(journal, "FILES", ())
    return tmp_path / "auth.log"


@pytest.fixture
def readable(tmp_path, monkeypatch, auth_log):
    (tmp_path / "system.journal").write_text("")
    monkeypatch.setattr(journal, "FILES", (str(tmp_path / "system.journal"),))


def write(path, *ages):
    moments = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - age * HOUR)) for age in ages]
    path.write_text("".join(f"{moment} db1 sshd[95]: error: no more sessions\n" for moment in moments))


def read(journalctl=None, command_line="sshd: /usr/sbin/sshd -D [listener]", paths=(), hours=24):
    return log.read(journalctl, command_line, paths, NOW - hours * HOUR, Tally(lambda uid: "alice"))


@pytest.mark.usefixtures("readable")
def test_a_journal_that_reaches_back_is_all_that_is_read(auth_log):
    write(auth_log, 5)
    found = read(Journalctl(48, 3, 2))
    assert found.told["source"] == "journal"
    assert found.told["forgeable"] is False
    assert found.told["first"] == found.told["since"]
    assert (found.told["lines"], found.tally.refused()["count"], found.notes) == (2, 2, [])


@pytest.mark.usefixtures("readable")
def test_what_was_before_the_journal_is_in_the_files(auth_log):
    write(auth_log, 30, 5, 2)
    found = read(Journalctl(3, 2))
    assert found.told["source"] == "journal and files"
    assert found.told["forgeable"] is True
    assert found.tally.refused()["count"] == 2
    assert found.told["first"] == found.told["since"]


@pytest.mark.usefixtures("readable")
def test_a_journal_that_begins_later_alone_says_so():
    found = read(Journalctl(3, 2))
    assert found.told["source"] == "journal"
    assert found.told["first"] > found.told["since"]


def test_without_a_journal_there_are_the_files(auth_log):
    write(auth_log, 30, 5)
    found = read()
    assert found.told["source"] == "files"
    assert found.told["paths"] == [str(auth_log)]
    assert found.tally.refused()["count"] == 1
    assert "only as good as they are" in found.notes[0]


@pytest.mark.parametrize("switches", ["-D -E %s", "-DE %s", "-D -E%s -f x"])
def test_an_sshd_that_logs_to_a_file_logs_nowhere_else(tmp_path, auth_log, switches):
    write(auth_log, 5)
    (tmp_path / "own").write_bytes(b"no more sessions\r\n")
    found = read(command_line="sshd: /usr/sbin/sshd " + switches % (tmp_path / "own"))
    assert found.told["paths"] == [str(tmp_path / "own")]
    assert found.told["forgeable"] is True
    assert found.told["first"] is None
    assert "forge lines" in found.notes[0]


def test_files_that_are_named_are_read_instead(tmp_path, auth_log):
    write(auth_log, 5)
    write(tmp_path / "other", 5, 4)
    assert read(paths=[str(tmp_path / "other")]).tally.refused()["count"] == 2


@pytest.mark.usefixtures("auth_log")
def test_no_log_is_said_and_nothing_is_counted():
    found = read()
    assert found.tally is None
    assert found.told["source"] is found.told["lines"] is found.told["forgeable"] is None
    assert "unknown, not none" in found.notes[0]


@pytest.mark.usefixtures("readable")
def test_a_file_that_nobody_writes_any_more_does_not_reach_to_the_journal(auth_log):
    write(auth_log, 100)
    os.utime(auth_log, (NOW - 90 * HOUR, NOW - 90 * HOUR))
    found = read(Journalctl(3, 2))
    assert found.told["first"] == log.written(NOW - 3 * HOUR)


def test_a_form_that_is_not_known_is_said_and_no_zero(auth_log):
    auth_log.write_text("2026-01-31 11:00:00 db1 sshd[95]: error: no more sessions\n")
    found = read()
    assert found.tally is None
    assert found.notes[0].startswith(f"{auth_log} can't be read: no date in a form that is known")


def test_what_syslog_put_together_is_counted_as_often_as_it_was(auth_log):
    write(auth_log, 5)
    line = auth_log.read_text()
    repeated = "message repeated 3 times: [ error: no more sessions]"
    auth_log.write_text(line + line.replace("error: no more sessions", repeated))
    assert read().tally.refused()["count"] == 4


def test_a_file_that_is_broken_is_said_and_the_others_are_read(tmp_path, auth_log):
    write(auth_log, 5)
    (tmp_path / "auth.log.2.gz").write_text("no such thing")
    found = read()
    assert found.tally.refused()["count"] == 1
    assert found.notes[0].startswith(f"{tmp_path}/auth.log.2.gz can't be read: ")


def test_only_roots_sshd_is_an_sshd(tmp_path, monkeypatch):
    program = tmp_path / "sshd-session"
    program.write_text("")
    assert journal._is_of_root(str(program)) is (os.getuid() == 0)
    os.chown(program, 12345, 12345) if os.getuid() == 0 else None
    assert not journal._is_of_root(str(program))
    assert not journal._is_of_root(str(tmp_path))
    assert not journal._is_of_root(str(tmp_path / "none"))
