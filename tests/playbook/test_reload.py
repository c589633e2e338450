# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reload signals the sshd that uses the configuration, only with one that it can read, and sees it listen again."""

import os
import shutil
import socket

import pytest
import throwaway_sshd
from forbidding import read_only
from throwaway_sshd import ThrowawaySshd


@pytest.fixture
def target():
    with ThrowawaySshd("MaxSessions 2\n") as server:
        yield server


def reload(playbooks, *flags, **options):
    return playbooks.module({"reload": options}, *flags, module="reload")["reload"]


def test_it_says_what_was_reloaded_and_how(playbooks, target):
    done = reload(playbooks, config=target.config)
    assert (done["changed"], done["method"], done["unit"]) == (True, "signal", None)
    assert done["pid"] == target.process.pid
    assert done["listening"] == [f"{target.address}:{target.port}"]
    assert "Received SIGHUP; restarting" in target.read("log")
    assert target.answers()


def test_a_new_port_is_waited_for(playbooks, target):
    with socket.socket() as free:
        free.bind((target.address, 0))
        port = free.getsockname()[1]
    target.write("sshd_config", target.read().replace(f"Port {target.port}", f"Port {port}"))
    done = reload(playbooks, config=target.config)
    assert done["listening"] == [f"{target.address}:{port}"]
    target.port = port
    assert target.answers()


def test_a_broken_configuration_is_never_signalled(playbooks, target):
    target.write("sshd_config", target.read() + "Fnord yes\n")
    line = target.read().count("\n")
    done = reload(playbooks, config=target.config)
    assert done["failed"] and done["msg"] == (
        "Nothing was signalled: sshd rejects its configuration and would end on a reload. sshd said: "
        f"{target.config}: line {line}: Bad configuration option: Fnord; "
        f"{target.config}: terminating, 1 bad configuration options. "
        f"Mend it first: 'sshd -t -f {target.config}' shows it too."
    )
    assert "SIGHUP" not in target.read("log")
    assert target.answers()


def test_an_instance_with_another_configuration_is_never_signalled(playbooks, target):
    with ThrowawaySshd() as other:
        # It claims all that shows: the other's address, and the other's pid file.
        text = other.read().replace(other.path("host_key"), target.path("host_key"))
        claiming = target.write("claiming", text)
        done = reload(playbooks, config=claiming)
        assert done["failed"] and done["msg"].startswith(f"Nothing was signalled: process {other.process.pid} listens")
        assert reload(playbooks, config=target.config)["pid"] == target.process.pid
        assert "SIGHUP" not in other.read("log")


def test_where_none_runs_there_is_nothing_to_do(playbooks, target):
    target.stop()
    note = target.write(".sshd_config.not-reloaded", "")
    done = reload(playbooks, config=target.config)
    assert (done["failed"], done["changed"], done["method"], done["pid"]) == (False, False, "none", None)
    assert not os.path.exists(note)


def test_a_listener_that_does_not_come_back_is_a_failure_with_its_words(playbooks, monkeypatch, tmp_path):
    # All is well until sshd executes itself anew: nothing can see that before.
    program = shutil.copy(throwaway_sshd.SSHD, tmp_path / "sshd")
    monkeypatch.setattr(throwaway_sshd, "SSHD", str(program))
    with ThrowawaySshd() as target:
        program.unlink()
        note = target.write(".sshd_config.not-reloaded", "")
        done = reload(playbooks, config=target.config, timeout=1)
        assert os.path.exists(note), "the next run would not know"
    assert done["failed"]
    assert done["msg"].startswith("sshd was told to reload and does not accept connections 1 seconds later.")
    assert f"RESTART FAILED: av[0]='{program}', error: No such file or directory" in done["msg"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_read_only_configuration_is_reloaded_all_the_same(playbooks):
    server = ThrowawaySshd()
    os.mkdir(server.path("etc"))
    server.config = server.write("etc/sshd_config", server.read())
    with server, read_only(server.path("etc")):
        done = reload(playbooks, config=server.config)
    assert done["changed"], done


def test_a_port_that_something_else_listens_on_is_seen_before(playbooks, target):
    with socket.create_server((target.address, 0)) as taken:
        port = taken.getsockname()[1]
        target.write("sshd_config", target.read().replace(f"Port {target.port}", f"Port {port}"))
        done = reload(playbooks, config=target.config)
    assert done["failed"] and done["msg"].startswith("Nothing was signalled: sshd is configured to listen on ")
    assert "SIGHUP" not in target.read("log")


def test_an_sshd_whose_host_key_is_gone_is_never_signalled(playbooks, target):
    os.rename(target.path("host_key"), target.path("elsewhere"))
    done = reload(playbooks, config=target.config)
    assert done["failed"] and "sshd said: Unable to load host key" in done["msg"]
    assert "no hostkeys available -- exiting" in done["msg"]
    assert "SIGHUP" not in target.read("log")
    assert target.process.poll() is None
