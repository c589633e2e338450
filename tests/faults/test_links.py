# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices, FIFOs, sockets, directories and links where a file is expected: none is harmed, and none holds a run up."""

import os
import socket
import stat
import subprocess

import pytest
from host import DROP_IN, Host
from throwaway_sshd import SSHD

SECONDS = 20


@pytest.fixture
def host():
    with Host() as running:
        yield running


def lay_null_device(path):
    """Lay another null device: the machine's own must not be at stake."""
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.stat(os.devnull).st_rdev)
        with open(path, "wb"):
            pass
    except PermissionError:
        pytest.skip("no devices here")


def lay_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        # Its path may have 108 octets.
        one.bind(os.path.relpath(path))


LAID = {
    "a FIFO": os.mkfifo,
    "a socket": lay_socket,
    "a device": lay_null_device,
    "a directory": os.mkdir,
}
STATES = {"present": {"clone_depth": 5}, "absent": {"state": "absent"}}
CHECKED = {"run": {}, "check": {"_ansible_check_mode": True}}


def seen(path):
    about = os.lstat(path)
    return about.st_ino, about.st_mode, about.st_rdev


@pytest.mark.parametrize("linked", [False, True], ids=["there", "linked"])
@pytest.mark.parametrize("kind", LAID)
@pytest.mark.parametrize("name", [DROP_IN, "sshd_config.d/50-site.conf"])
def test_no_file_is_no_drop_in(host, name, kind, linked):
    path = host.path(name)
    LAID[kind](host.path("odd") if linked else path)
    if linked:
        os.symlink("../odd", path)
    odd = seen(host.path("odd") if linked else path)
    before = host.files(), host.leftovers(), host.listener()
    for options in CHECKED.values():
        result = host.run(clone_depth=5, drop_in=path, **options)
        assert result["failed"] and f"{path}" in result["msg"] and kind in result["msg"], result
    assert seen(host.path("odd") if linked else path) == odd
    assert (host.files(), host.leftovers(), host.listener()) == before and host.answers()


@pytest.mark.parametrize("kind", ["a FIFO", "a socket"])
def test_what_sshd_can_not_read_is_named_and_nobody_waits_at_it(host, kind):
    path = host.path("sshd_config.d/x.conf")
    LAID[kind](path)
    for module, options in [("max_sessions", STATES["present"]), ("max_sessions", STATES["absent"]), ("reload", {})]:
        for check in CHECKED.values():
            words = host.words(module, **options, **check)
            environment = host.environment()
            done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
            assert f"{path} is {kind}" in done.stdout, done
    assert host.answers() and host.leftovers() == []


@pytest.mark.parametrize("kind", LAID)
def test_a_main_file_that_is_none(host, kind):
    os.unlink(host.config)
    LAID[kind](host.config)
    odd = seen(host.config)
    for options in STATES.values():
        words = host.words(**options)
        done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False, timeout=SECONDS)
        if kind == "a device" and "state" in options:
            assert '"changed": false' in done.stdout  # sshd reads nothing from it, and so there is nothing of ours
        else:
            assert kind[2:] in done.stdout and '"failed": true' in done.stdout, done
    assert seen(host.config) == odd


def test_a_drop_in_of_somebodys_that_leads_to_the_null_device_is_empty_as_to_sshd(host):
    lay_null_device(host.path("null"))
    os.symlink("../null", host.path("sshd_config.d/50-masked.conf"))
    assert subprocess.run([SSHD, "-t", "-f", host.config], check=False).returncode == 0
    odd = seen(host.path("null"))
    assert host.run(clone_depth=5)["effective"]["after"] == 6
    assert host.run(state="absent")["effective"]["after"] == 2
    assert seen(host.path("null")) == odd and os.path.islink(host.path("sshd_config.d/50-masked.conf"))


def test_an_own_drop_in_that_became_a_link(host):
    host.run(clone_depth=5)
    os.mkdir(host.path("shared"))
    os.rename(host.path(DROP_IN), host.path("shared/ours"))
    os.symlink("../shared/ours", host.path(DROP_IN))
    assert host.run(clone_depth=7)["effective"]["after"] == 8
    assert os.path.islink(host.path(DROP_IN)) and "MaxSessions 8" in host.read("shared/ours")
    result = host.run(state="absent")
    assert result["changed"] and result["effective"]["after"] == 2, result
    # The link is somebody's: what is ours is gone from where it leads to.
    assert os.path.islink(host.path(DROP_IN)) and host.read("shared/ours") == ""
    assert os.listdir(host.path("shared")) == ["ours"]
    assert host.run(state="absent")["changed"] is False
    assert host.valid() and host.leftovers() == [".sshd_config.not-reloaded"]


def test_a_drop_in_behind_a_link_comes_back_if_the_change_fails(host):
    host.run(clone_depth=5)
    os.rename(host.path(DROP_IN), host.path("ours"))
    os.symlink("../ours", host.path(DROP_IN))
    before = host.standing()
    fails = f'[ -s {host.path(DROP_IN)} ] || case "$*" in *{host.config}*) exit 255;; esac'
    result = host.run(state="absent", sshd=host.sshd(fails))
    assert result["failed"] and result["msg"].startswith("The old files are back"), result
    assert os.readlink(host.path(DROP_IN)) == "../ours" and host.standing() == before


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_of_our_name_is_somebodys(host, text):
    host.write(DROP_IN, text)
    old = host.files()
    for options in ({"location": "drop_in"}, {"drop_in": host.path(DROP_IN)}):
        result = host.run(clone_depth=5, **options)
        assert result.get("failed") and "not written by multiplex.sshd" in result["msg"], result
    result = host.run(clone_depth=5)
    assert result["changed"] and host.path(DROP_IN) not in result["written"], result
    assert host.run(state="absent")["changed"]
    assert host.files() == old
