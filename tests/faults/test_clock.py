# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock on the wall jumps: a pending change neither expires by that nor goes on for longer."""

import glob
import subprocess
import time

import pytest
from host import Host


@pytest.fixture
def wall(tmp_path):
    """A clock that reads what ``wall.write_text`` says, such as +2h; gives ``(it, the environment to run in)``."""
    (library,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    return clock, {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def test_a_jump_forward_expires_nothing(wall):
    clock, environment = wall
    with Host() as host:
        pending = host.run(clone_depth=5, confirm_within=600, environment=environment)["pending"]
        clock.write_text("+2h")
        new = host.files()
        assert not host.run(clone_depth=5, confirm_within=600, environment=environment)["changed"]
        done = subprocess.run(
            pending["confirm"], env=host.environment(**environment), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done
        assert host.eventually(lambda: not host.watchdogs()) and host.files() == new


def test_a_jump_back_prolongs_nothing(wall):
    clock, environment = wall
    with Host() as host:
        old = host.files()
        pending = host.run(clone_depth=5, confirm_within=5, environment=environment)["pending"]
        host.end_watchdogs()  # the library disturbs their sleep
        clock.write_text("-2h")
        time.sleep(5)
        done = subprocess.run(
            pending["confirm"], env=host.environment(**environment), capture_output=True, text=True, check=False
        )
        assert done.returncode == 1 and "its time was up" in done.stderr, done
        assert host.run(state="reverted")["changed"] and host.files() == old
