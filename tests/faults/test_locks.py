# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever may only read the configuration can keep nobody from changing it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._change.lock import locked
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from host import DROP_IN, Host

# What the watchdog runs, with less patience; it says when it tries.
WATCHDOG = """
import sys
from ansible_collections.multiplex.sshd.plugins.module_utils._change import lock, scripts

locked = lock.locked
lock.locked = lambda *given: print("trying", flush=True) or locked(*given)
sys.exit(scripts.revert(*sys.argv[1:], ["--wait"], patience=0.1, pause=0.1))
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def host():
    with Host() as running:
        os.chmod(running.folder, 0o755)  # noqa: S103
        yield running


@contextlib.contextmanager
def flocked_by_nobody(*paths):
    """Have nobody hold a lock on each of ``paths``, as everyone can who may read."""
    program = "import fcntl, os, sys, time; [fcntl.flock(os.open(one, 0), 2) for one in sys.argv[1:]]; print(flush=True)"
    program += "; time.sleep(60)"
    words = ["python3", "-c", program, *paths]
    holder = subprocess.Popen(words, user="nobody", stdout=subprocess.PIPE, cwd="/")
    try:
        assert holder.stdout.readline() == b"\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


@as_root
def test_a_lock_of_any_local_user_blocks_no_run(host):
    assert host.run(clone_depth=3)["changed"]
    os.chmod(host.path(DROP_IN), 0o644)
    with flocked_by_nobody(host.folder, host.config, host.drop_ins, host.path(DROP_IN)):
        before = time.monotonic()
        assert host.run(clone_depth=5)["changed"]
        assert not host.run("reload").get("failed")
        assert host.run(state="absent", confirm_within=600)["changed"]
        assert host.run(state="reverted")["changed"]
        assert time.monotonic() - before < 30


@as_root
def test_a_lock_of_any_local_user_blocks_no_watchdog(host):
    old = host.files()
    assert host.run(clone_depth=5, confirm_within=2)["pending"]
    with flocked_by_nobody(host.folder, host.config, host.drop_ins):
        assert host.eventually(lambda: host.files() == old and not host.leftovers())


@as_root
def test_nobody_else_can_open_the_lock(host):
    configuration = Configuration.at(host.config)
    old = os.umask(0)
    try:
        with locked(configuration):
            words = ["python3", "-c", f"open({configuration.lock!r})"]
            done = subprocess.run(words, user="nobody", stderr=subprocess.PIPE, text=True, check=False, cwd="/")
            assert "PermissionError" in done.stderr
    finally:
        os.umask(old)
    assert host.leftovers() == []


def test_a_run_that_changes_nothing_waits_for_nobody(host):
    assert host.run(clone_depth=5)["changed"]
    with locked(Configuration.at(host.config)):
        assert host.run(clone_depth=5)["changed"] is False
        assert host.run(clone_depth=7, _ansible_check_mode=True)["changed"]


def test_a_lock_that_others_could_hold_is_not_waited_for(host):
    host.write(".sshd_config.lock", "")
    os.chmod(host.path(".sshd_config.lock"), 0o644)
    old = host.files()
    result = host.run(clone_depth=5)
    assert result["failed"] and ".sshd_config.lock is not this collection's: others may hold it" in result["msg"]
    assert host.files() == old


def pending_too_long(host):
    """Make a change that nobody confirmed in time, and no watchdog undid; return its record's path, and its identity."""
    identity = host.run(clone_depth=5, confirm_within=600)["pending"]["id"]
    host.end_watchdogs()
    record = host.path(".sshd_config.pending/record.json")
    host.write(record, json.dumps({**json.loads(host.read(record)), "boot": "another"}))
    return record, identity


@contextlib.contextmanager
def watchdog(host, identity):
    """Run the watchdog of the change ``identity``."""
    words = [sys.executable, "-c", WATCHDOG, host.config, host.config, identity]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=host.environment(), **pipes) as running:
        try:
            yield running
        finally:
            running.kill()


def test_the_watchdog_goes_on_waiting_for_a_run_that_does_not_end(host):
    old = host.files()
    _record, identity = pending_too_long(host)
    with watchdog(host, identity) as running:
        with locked(Configuration.at(host.config)):
            assert [running.stdout.readline() for _each in range(3)] == 3 * ["trying\n"], running.stderr.read()
        running.communicate(timeout=60)
        assert running.returncode == 0
    assert host.files() == old and not host.leftovers()


def test_the_watchdog_ends_when_that_run_has_settled_the_change(host):
    record, identity = pending_too_long(host)
    new = host.files()
    with watchdog(host, identity) as running:
        with locked(Configuration.at(host.config)):
            assert running.stdout.readline() == "trying\n"
            shutil.rmtree(os.path.dirname(record))
        assert running.communicate(timeout=60)[1] == ""
        assert running.returncode == 0
    assert host.files() == new


def test_the_watchdog_tries_again_what_fails(host):
    old = host.files()
    record, identity = pending_too_long(host)
    broken = host.write("tmp/broken", "")
    sshd = host.sshd(f"[ ! -e {broken} ] || exit 1")
    host.write(record, json.dumps({**json.loads(host.read(record)), "sshd": sshd}))
    with watchdog(host, identity) as running:
        assert [running.stdout.readline() for _each in range(3)] == 3 * ["trying\n"], running.stderr.read()
        os.unlink(broken)
        running.communicate(timeout=60)
        assert running.returncode == 0
    assert host.files() == old and not host.leftovers()


@as_root
def test_a_lock_that_others_could_hold_keeps_no_watchdog(host):
    old = host.files()
    _record, identity = pending_too_long(host)
    lock = host.write(".sshd_config.lock", "")
    os.chmod(lock, 0o644)
    with flocked_by_nobody(lock), watchdog(host, identity) as running:
        running.communicate(timeout=60)
        assert running.returncode == 0
    assert host.files() == old


def test_by_hand_it_says_for_whom_it_waited(host):
    pending_too_long(host)
    new = host.files()
    program = WATCHDOG.replace('["--wait"]', "[]")
    identity = json.loads(host.read(".sshd_config.pending/record.json"))["id"]
    with locked(Configuration.at(host.config)):
        words = [sys.executable, "-c", program, host.config, host.config, identity]
        done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"process {os.getpid()} of" in done.stderr and "does not end" in done.stderr and "Traceback" not in done.stderr
    assert host.files() == new
