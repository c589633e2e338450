# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every step that touches a file: old state or new state, whole, and the next run heals."""

import os
import subprocess

import pytest
from host import Host

STEPS = ("mkdir", "flock", "link", "linkat", "unlink", "unlinkat", "rename", "fsync", "chmod", "fchmod", "rmdir")
MOST = 40


def killed_at(host, call, number, **options):
    """Run the module and kill it as it enters the file operation ``call`` for that time; say whether it came to that."""
    words = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    done = subprocess.run([*words, *host.words(**options)], env=host.environment(), capture_output=True, check=False)
    return done.returncode != 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("confirm_within", [0, 600])
@pytest.mark.parametrize("place", ["drop_in", "main"])
def test_killed_at_every_step(place, confirm_within):
    with Host(place) as host:
        old = host.files()
        host.run(clone_depth=5)
        new = host.files()
        lay(host, old)
        kills = 0
        for call in STEPS:
            for number in range(1, MOST):
                if not killed_at(host, call, number, clone_depth=5, confirm_within=confirm_within):
                    break
                kills += 1
                step = f"{call} number {number}"
                assert host.files() in (old, new), f"{step}: half a change"
                assert host.valid() and host.answers(), step
                heals(host, new, step, confirm_within)
                lay(host, old)
            host.run(state="reverted")
            lay(host, old)
        assert kills > 5, "the module was hardly ever killed"


def heals(host, new, step, confirm_within):
    """Assert that the next run for the same ends where the killed one should have, and leaves nothing behind."""
    changed = host.files() != new
    result = host.run(clone_depth=5, confirm_within=confirm_within)
    assert not result.get("failed") and host.files() == new, (step, result)
    assert result["reload_needed"] or not changed, f"{step}: nobody would reload"
    if result["pending"]:
        host.run(state="confirmed")
    assert not host.run("reload").get("failed"), step
    assert host.leftovers() == [], step
    assert [name for name in host.temporary() if name.startswith("multiplex")] == [], step


def lay(host, old):
    """Make the files what they were, as a person would."""
    for path in host.files():
        if path in old:
            host.write(path, old[path][0].decode())
        else:
            os.unlink(path)
    assert host.files() == old
