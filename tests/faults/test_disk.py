# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration's file system is full, or forbids the change: nothing changes; once mended, the next run does."""

import os
import shutil
import subprocess

import pytest
from disks import fill, mounted, small, use_up_inodes
from host import DROP_IN, Host

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount, and make a file immutable")

# From nothing free to enough: each stops the run at a later step.
STARVED = [
    (fill, 0, [0, 1, 2, 3, 4]),
    (use_up_inodes, 0, [0, 1, 2, 3, 4, 6]),
    (fill, 600, [0, 2, 10, 40, 80]),
    (use_up_inodes, 600, [0, 2, 4, 6, 7, 8, 9, 10, 30, 50]),
]


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param, "etc") as running:
        yield running


def heals(host, confirm_within):
    """Assert that a run makes the change now, and another takes it away."""
    old = host.files()
    result = host.run(clone_depth=5, confirm_within=confirm_within)
    assert result["changed"] and result["effective"]["after"] == 6, result
    assert bool(result["pending"]) == bool(confirm_within)
    if confirm_within:
        assert host.run(state="reverted")["changed"]
    else:
        assert host.run("reload")["changed"] and host.run(state="absent")["changed"] and host.run("reload")["changed"]
    assert host.files() == old and host.leftovers() == [] and host.answers()


def refused(host, said, **options):
    """Assert that the change is refused in words that hold ``said``, and that everything is as it was."""
    before, identities = host.standing(), host.identities()
    result = host.run(clone_depth=5, **options)
    assert result.get("failed") and said in result["msg"] and "not changed" in result["msg"], result
    assert host.standing() == before and host.identities() == identities


@pytest.mark.parametrize(("starve", "confirm_within", "frees"), STARVED)
def test_no_space_left(host, starve, confirm_within, frees):
    with small(host.folder):
        ends = []
        for free in frees:
            starve(host.folder, free)
            before, identities = host.standing(), host.identities()
            result = host.run(clone_depth=5, confirm_within=confirm_within)
            ends.append(not result.get("failed"))
            if result.get("failed"):
                assert "No space left on device" in result["msg"], result
                assert host.standing() == before and host.identities() == identities, free
                spare(host)
            else:
                spare(host)
                assert host.run(state="reverted" if confirm_within else "absent")["changed"]
                assert host.run("reload")["changed"] and host.files() == before[0]
        assert ends[0] is False and ends[-1] is True, "the disk was never full, or never spared enough"
        heals(host, confirm_within)


@pytest.mark.parametrize(("starve", "free"), [(fill, 0), (use_up_inodes, 0), (use_up_inodes, 1)])
@pytest.mark.parametrize("state", ["reverted", "confirmed"])
def test_no_space_left_to_settle(host, state, starve, free):
    with small(host.folder):
        old = host.files()
        host.run(clone_depth=5, confirm_within=600)
        new = host.files()
        starve(host.folder, free)
        result = host.run(state=state)
        spare(host)
        assert host.files() in (old, new), "half a change"
        assert host.valid() and host.answers()
        if result.get("failed"):
            assert "No space left on device" in result["msg"], result
            assert host.run(state=state)["changed"]
        assert host.files() == (old if state == "reverted" else new)
        assert not host.run(state=state).get("pending")
        assert ".sshd_config.pending" not in host.leftovers()


@pytest.mark.parametrize("confirm_within", [0, 600])
def test_read_only_mount(host, confirm_within):
    with mounted(host.folder, "--bind", host.folder):
        subprocess.run(["mount", "-o", "remount,bind,ro", host.folder], check=True)
        refused(host, "Read-only file system", confirm_within=confirm_within)
    heals(host, confirm_within)


@pytest.mark.parametrize("confirm_within", [0, 600])
def test_immutable(host, confirm_within):
    path = host.drop_ins if host.read(host.config).startswith("Include") else host.config
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable attribute")
    try:
        refused(host, "is it immutable (lsattr)?", confirm_within=confirm_within)
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    heals(host, confirm_within)


@pytest.mark.parametrize("confirm_within", [0, 600])
@pytest.mark.parametrize("writable", [True, False], ids=["writable", "read-only"])
def test_a_file_that_is_a_mount_of_its_own(host, writable, confirm_within):
    path = host.config
    if host.read(path).startswith("Include"):
        host.run(clone_depth=1, extra_sessions=1)
        host.run("reload")
        path = os.path.join(host.folder, DROP_IN)
    source = shutil.copy(path, host.path("elsewhere"))
    with mounted(path, "--bind", source):
        if not writable:
            subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)
        refused(host, "mount of its own", confirm_within=confirm_within)
    assert host.run(clone_depth=5)["changed"]


def spare(host):
    """Give the space back."""
    shutil.rmtree(os.path.join(host.folder, "fillers"), ignore_errors=True)
    if os.path.exists(os.path.join(host.folder, "filler")):
        os.unlink(os.path.join(host.folder, "filler"))
