# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at every step that touches a file: old state or new state, whole, and the next run heals."""

import subprocess

import pytest
from host import Host

STEPS = "mkdir,rmdir,link,unlink,unlinkat,rename,fsync,fchmod,flock"
MOST = 200


def killed_at(host, step, **options):
    """Run the module and kill it as it enters the file operation number ``step``; say whether it came to that."""
    words = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={STEPS}"]
    words += ["-e", f"inject={STEPS}:signal=KILL:when={step}"]
    done = subprocess.run([*words, *host.words(**options)], env=host.environment(), capture_output=True, check=False)
    return done.returncode != 0


@pytest.mark.parametrize("place", ["drop_in", "main"])
@pytest.mark.parametrize("confirm_within", [0, 600])
def test_killed_at_every_step(place, confirm_within):
    with Host(place) as host:
        old = host.files()
        host.run(clone_depth=5)
        new = host.files()
        host.run(state="absent")
        host.run("reload")
        assert host.files() == old
        for step in range(1, MOST):
            killed = killed_at(host, step, clone_depth=5, confirm_within=confirm_within)
            assert host.files() in (old, new), f"step {step}: half a change"
            assert host.valid() and host.answers(), f"step {step}"
            # The next run heals: it ends where it should have, and leaves nothing behind.
            result = host.run(clone_depth=5)
            assert not result.get("failed") and host.files() == new, (step, result)
            assert result["reload_needed"], f"step {step}: nobody would reload"
            if result["pending"]:
                host.run(state="confirmed")
            assert not host.run("reload").get("failed")
            assert host.leftovers() == [], f"step {step}"
            host.run(state="absent")
            host.run("reload")
            assert host.files() == old
            if not killed:
                break
        assert 5 < step < MOST - 1, "the module was never killed, or never ended"
