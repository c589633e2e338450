# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reload that would end the listener, or does: refused where that can be seen, and mended by the host where not."""

import os
import shutil
import signal
import socket

import pytest
import throwaway_sshd
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Completed
from ansible_collections.multiplex.sshd.plugins.module_utils._service import listener, reload
from ansible_collections.multiplex.sshd.plugins.module_utils._service.service import Service
from host import Host


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def test_a_port_that_something_else_holds_is_refused_before_the_signal(host):
    original = host.files()
    assert host.run(clone_depth=5, confirm_within=2)["changed"]
    before, mine = host.listener(), host.read(host.config)
    with socket.create_server((host.address, 0)) as taken:
        theirs = mine.replace(f"Port {host.port}", f"Port {taken.getsockname()[1]}")
        host.write(host.config, theirs)
        result = host.run("reload")
        assert result["failed"] and "where something else listens, and would end on a reload" in result["msg"], result
        # The watchdog may not reload either: it puts the old lines back, keeps the record, and leaves somebody else's edit.
        assert host.eventually(lambda: b"MaxSessions 6" not in b"".join(each[0] for each in host.files().values()))
        assert host.watchdogs() and host.leftovers()
        assert host.listener() == before and host.answers()
        mended = host.read(host.config).replace(f"Port {taken.getsockname()[1]}", f"Port {host.port}")
        assert mended != host.read(host.config)
        host.write(host.config, mended)
    assert host.eventually(lambda: host.files() == original and not host.leftovers()) and host.answers()
    assert host.eventually(lambda: not host.watchdogs())


def test_a_reload_that_ends_the_listener_unforeseen_is_mended_by_the_host(host, tmp_path, monkeypatch):
    host.stop()
    # sshd executes itself anew on a reload; until then nobody can see that it can't.
    program = shutil.copy(throwaway_sshd.SSHD, tmp_path / "sshd")
    monkeypatch.setattr(throwaway_sshd, "SSHD", str(program))
    host.start()
    old = host.files()
    assert host.run(clone_depth=5, confirm_within=4)["changed"]
    program.rename(tmp_path / "aside")
    result = host.run("reload", timeout=1)
    assert result["failed"] and "does not accept connections 1 seconds later" in result["msg"], result
    assert not host.answers()
    (tmp_path / "aside").rename(program)
    try:
        assert host.eventually(lambda: host.answers() and not host.leftovers())
        assert host.files() == old and host.valid()
    finally:
        with open(host.path("pid")) as file:
            os.kill(int(file.read()), signal.SIGTERM)


@pytest.mark.parametrize("seconds", [0, -1, 3601, 10**18])
@pytest.mark.parametrize("check", [True, False])
def test_no_time_to_listen_again_and_more_than_an_hour_are_refused(host, seconds, check):
    before = host.standing()
    result = host.run("reload", timeout=seconds, _ansible_check_mode=check)
    assert result["failed"] and f"timeout is {seconds}: give seconds from 1 to 3600" in result["msg"], result
    assert host.standing() == before


ANSWERS = {
    "hangs": ((0, "", ""), "does not accept connections 1 seconds later"),
    "fails": ((1, "", "Failed to reload ssh.service: Connection timed out\n"), "Failed to reload ssh.service"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_service_manager_that_does_nothing_is_not_waited_for_and_sshd_goes_on(host, answer):
    (given, said), asked, before = ANSWERS[answer], [], host.listener()

    def manager(command):
        asked.append(command)
        return Completed(*given) if "reload" in command else Completed(0, "", "")

    addresses = {(host.address, host.port)}
    sockets = listener.listening(addresses)
    running = Service(addresses, host.path("pid"), sockets, host.process.pid, "ssh.service", False)
    with pytest.raises(Error) as caught:
        reload._reloaded(running, manager, 1)
    assert said in str(caught.value), caught.value
    assert ["systemctl", "--no-block", "reload", "ssh.service"] in asked
    assert host.listener() == before and host.answers()
