# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import subprocess
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import process

SSHD = "/usr/sbin/sshd"


@pytest.fixture
def run(tmp_path):
    """What runs a program under a name, and with a mode, that are given; it returns its pid."""
    running = []

    def start(name, mode=0o755):
        program = shutil.copy("/bin/sleep", tmp_path / name)
        os.chmod(program, mode)
        running.append(subprocess.Popen([program, "60"]))
        # The kernel closes what tells Popen that it runs before it names it.
        while process.first_line(f"/proc/{running[-1].pid}/comm") != name[:15]:
            time.sleep(0.001)
        return running[-1].pid

    yield start
    for one in running:
        one.kill()
        one.wait()


def test_an_sshd_is_known_by_the_name_that_it_has_or_that_is_given(run):
    assert process.is_sshd(run("sshd"), SSHD)
    assert not process.is_sshd(run("gsisshd"), SSHD)
    assert process.is_sshd(run("hpnsshd"), "/opt/sbin/hpnsshd")
    assert process.is_sshd(run("sshd-of-a-very-long-name"), "/opt/sbin/sshd-of-a-very-long-name")


def test_a_program_that_was_replaced_goes_on_as_what_it_was(run, tmp_path):
    pid = run("sshd")
    (tmp_path / "sshd").unlink()
    assert process.is_sshd(pid, SSHD)


@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_a_program_that_takes_on_rights_is_none_whatever_its_name(run, mode):
    assert not process.is_sshd(run("sshd", mode), SSHD)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_program_of_somebody_elses_is_none(run, tmp_path):
    pid = run("sshd")
    os.chown(tmp_path / "sshd", 65534, 65534)
    assert not process.is_sshd(pid, SSHD)


def test_a_process_that_is_gone_is_none():
    assert not process.is_sshd(2**22 + 1, SSHD)
    assert not process.is_here(2**22 + 1)
    assert process.is_here(os.getpid())
