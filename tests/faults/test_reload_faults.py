# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reload that would end the listener, or does: refused where that can be seen, and mended by the host where not."""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess

import pytest
import throwaway_sshd
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Completed, Sshd
from ansible_collections.multiplex.sshd.plugins.module_utils._service import command_line, listener, reload
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


def test_a_listener_whose_host_key_is_gone_is_not_signalled_though_one_was_lent(host):
    original, before = host.files(), host.listener()
    os.rename(host.path("host_key"), host.path("aside"))
    result = host.run(clone_depth=5, reload=True, confirm_within=2)
    assert result["failed"] and "no hostkeys available" in result["msg"], result
    assert host.listener() == before and host.process.poll() is None
    os.rename(host.path("aside"), host.path("host_key"))
    assert host.eventually(lambda: host.files() == original and not host.leftovers()) and host.answers()


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


def found(host, unit):
    """Return the Service that ``host`` is, were it the systemd service ``unit``."""
    addresses = {(host.address, host.port)}
    sockets = listener.listening(addresses, throwaway_sshd.SSHD, host.path("pid"), host.config)
    return Service(host.config, addresses, host.path("pid"), sockets, host.process.pid, unit, False)


def test_a_listener_that_ends_before_it_is_signalled_is_said_not_to_listen(host):
    running = found(host, None)
    host.stop()
    with pytest.raises(Error, match="does not accept connections 1 seconds later"):
        reload._reloaded(running, Sshd(throwaway_sshd.SSHD, None), 1)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_service_manager_that_does_nothing_is_not_waited_for_and_sshd_goes_on(host, answer):
    (given, said), asked, before = ANSWERS[answer], [], host.listener()

    def manager(command):
        asked.append(command)
        return Completed(*given) if "reload" in command else Completed(0, "", "")

    with pytest.raises(Error) as caught:
        reload._reloaded(found(host, "ssh.service"), Sshd(throwaway_sshd.SSHD, manager), 1)
    assert said in str(caught.value), caught.value
    assert ["systemctl", "--no-block", "reload", "ssh.service"] in asked
    assert host.listener() == before and host.answers()


def test_a_service_that_can_not_be_reloaded_has_its_listener_signalled(host, monkeypatch):
    asked, before, isdir = [], host.listener(), os.path.isdir

    def manager(command):
        asked.append(command)
        if "show" in command:
            shown = {"MainPID": host.process.pid, "CanReload": "no", "KillMode": "control-group"}
            names = command[2].partition("=")[2].split(",")
            return Completed(0, "".join(f"{name}={shown[name]}\n" for name in names if name in shown), "")
        if command[0] == "systemctl":
            return Completed(
                1, "", "Failed to reload ssh.service: Job type reload is not applicable for unit ssh.service.\n"
            )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Completed(done.returncode, done.stdout, done.stderr)

    monkeypatch.setattr(command_line, "unit_of", lambda pid: "ssh.service")
    monkeypatch.setattr(os.path, "isdir", lambda path: path == "/run/systemd/system" or isdir(path))
    with Sshd(throwaway_sshd.SSHD, manager) as sshd:
        done = reload.reload(sshd, Configuration.at(host.config), 2)
    assert (done["method"], done["unit"], done["answered"]) == ("signal", "ssh.service", True)
    assert host.listener() != before
    assert len([command for command in asked if command[0] == "systemctl"]) == 1


NO_IPV6 = "/proc/sys/net/ipv6/conf/all/disable_ipv6"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can have a network or mounts of its own")


@contextlib.contextmanager
def without_ipv6():
    """Have a network of our own in which IPv6 is switched off, as administrators do with sysctl."""
    with open("/proc/self/ns/net") as before:
        libc = ctypes.CDLL(None)
        assert not libc.unshare(0x40000000)  # CLONE_NEWNET
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            with open(NO_IPV6, "w") as file:
                file.write("1")
            yield
        finally:
            assert not libc.setns(before.fileno(), 0)


@as_root
def test_with_ipv6_switched_off_sshd_is_reloaded_and_the_change_undone():
    with without_ipv6(), Host() as host:
        host.write(host.config, host.read(host.config).replace("ListenAddress 127.0.0.1\n", ""))
        host.restart()
        # It binds the address all the same, though nobody can get there.
        reloaded = host.run("reload", environment={"TZ": "UTC"}, timeout=3)
        assert reloaded.get("listening") == [f"0.0.0.0:{host.port}", f"[::]:{host.port}"], reloaded
        assert reloaded["answered"] is True
        old = host.files()
        assert host.run(clone_depth=5, confirm_within=600, environment={"TZ": "UTC"})["changed"]
        assert host.run(state="reverted", environment={"TZ": "UTC"})["changed"]
        assert host.files() == old and not host.leftovers() and host.answers()


@pytest.fixture
def refusing(monkeypatch):
    """A host, and its own /etc/hosts.deny."""
    if b"libwrap" not in subprocess.run(["ldd", throwaway_sshd.SSHD], capture_output=True, check=False).stdout:
        pytest.skip("this sshd knows no TCP wrappers")
    with Host() as host:
        denied = host.write("hosts.deny", "")
        mount = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts.deny && exec "$@"', denied]
        monkeypatch.setattr(host, "within", mount, raising=False)
        host.stop()
        host.start()
        assert host.eventually(lambda: "[listener]" in host.title())
        yield host, denied


@as_root
def test_an_sshd_that_turns_the_host_away_is_reloaded_and_the_change_undone(refusing):
    host, denied = refusing
    old, before = host.files(), host.listener()
    host.write(denied, "ALL: ALL\n")
    assert not host.answers()
    reloaded = host.run("reload")
    assert reloaded.get("answered") is False and "which it turns away" in reloaded["msg"], reloaded
    assert host.listener() and host.listener() != before
    assert host.run(clone_depth=5, confirm_within=600)["changed"]
    assert host.run(state="reverted")["changed"]
    assert host.files() == old and not host.leftovers()


@as_root
def test_an_sshd_that_is_silent_is_not_reloaded_for_ever(refusing):
    host, denied = refusing
    old = host.files()
    assert host.run(clone_depth=5, confirm_within=600)["changed"]
    host.write(denied, "ALL: ALL: twist /bin/sleep 60\n")
    failed = host.run("reload", timeout=1)
    assert failed["failed"] and "does not accept connections 1 seconds later" in failed["msg"], failed
    assert host.run(state="reverted")["changed"]
    assert host.files() == old and not host.leftovers()
