# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main file's name leads to another file while a change is pending: what was changed is undone all the same."""

import os
import subprocess
import sys

import pytest
from host import Host


class Linked(Host):
    """Its main file is a link to one in the directory ``beside``; all that is changed is known as ``was``."""

    def __init__(self, place, beside):
        super().__init__(place)
        self.real = os.path.join(self.path(beside), "sshd_config.real")
        os.makedirs(os.path.dirname(self.real), exist_ok=True)
        os.rename(self.config, self.real)
        os.symlink(os.path.relpath(self.real, self.folder), self.config)
        self.was = self.all()

    def all(self):
        """Return the text of each file of the configuration, and of what the main file was."""
        return {path: self.read(path) for path in {*self.files(), self.real}}

    def remains(self):
        """Return what is left of the pending change, here and where the main file was."""
        names = [*self.leftovers(), *os.listdir(os.path.dirname(self.real))]
        return sorted({name for name in names if name.endswith(".pending")})


@pytest.fixture(params=[("drop_in", "."), ("drop_in", "elsewhere"), ("main", "elsewhere")], ids="-".join)
def host(request):
    with Linked(*request.param) as running:
        yield running


def arm_and_replace(host, seconds=600):
    pending = host.run(clone_depth=5, confirm_within=seconds, reload=True, verify="true")["pending"]
    assert pending and host.all() != host.was
    host.write("tmp/new", host.was[host.real])
    os.rename(host.path("tmp/new"), host.config)
    return pending


def is_undone(host):
    try:
        found = host.all()
    except FileNotFoundError:  # it goes just now
        return False
    return found == {**host.was, host.config: host.was[host.real]} and not host.remains()


def test_the_watchdog_undoes_it_and_ends(host):
    arm_and_replace(host, 2)
    assert host.eventually(lambda: is_undone(host) and not host.watchdogs()), (host.all(), host.remains())
    assert host.valid() and host.answers()


@pytest.mark.parametrize("by", ["module", "hand"])
def test_it_is_reverted(host, by):
    pending = arm_and_replace(host)
    if by == "module":
        result = host.run(state="reverted")
        assert result["changed"] and result["effective"]["after"] == 2, result
    else:
        words = [sys.executable, "-I", "-B", f"{pending['directory']}/revert"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done
    assert is_undone(host) and host.answers() and host.eventually(lambda: not host.watchdogs())


@pytest.mark.parametrize("by", ["module", "command"])
def test_it_is_confirmed(host, by):
    pending = arm_and_replace(host)
    new = host.all()
    if by == "module":
        assert host.run(state="confirmed")["changed"]
    else:
        done = subprocess.run(pending["confirm"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done
    assert host.all() == new and not host.remains() and host.eventually(lambda: not host.watchdogs())


def test_the_next_run_undoes_it_first_and_another_users_waits(host):
    arm_and_replace(host)
    result = host.run(clone_depth=5, environment={"SUDO_USER": "somebody-else"})
    assert result["failed"] and "Nothing was changed: a change that" in result["msg"], result
    result = host.run(clone_depth=5, confirm_within=600)
    assert "with another main file" in str(result["warnings"]), result
    assert result["effective"]["after"] == 6 and result["changed"]
    assert host.read(host.real) == host.was[host.real]
    assert host.run(state="reverted")["changed"] and is_undone(host)


def test_a_file_that_became_a_link():
    with Host() as host:
        old = host.files()
        host.run(clone_depth=5, confirm_within=600)
        os.rename(host.config, host.path("real"))
        os.symlink("real", host.config)
        assert host.run(state="reverted")["changed"]
        assert host.files() == old and host.leftovers() == []
        assert host.eventually(lambda: not host.watchdogs())
