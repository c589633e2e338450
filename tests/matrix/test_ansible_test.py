# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test runs: the oldest, a middle and the newest ansible-core have other rules."""

import subprocess

import pytest
from cores import ROOT, claimed, environment

# By core its newest controller's Python.
CORES = {cell.core: cell.controller for cell in claimed() if cell.core in ("2.16", "2.19", "2.21")}


@pytest.mark.parametrize(("core", "version"), CORES.items())
@pytest.mark.parametrize("command", ["sanity", "units", "integration"])
def test_finds_nothing(command, core, version):
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    done = subprocess.run(
        [str(ROOT / "script/_ansible_test"), command],
        input="".join(f"{name}\n" for name in files.stdout.splitlines() if (ROOT / name).exists()),
        env=environment(core, version),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
