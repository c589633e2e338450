# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power fails: what was not yet on the disk is lost, and what is there has to do."""

import os
import re
import subprocess
import sys

import pytest
from disks import mains
from host import DROP_IN, Host

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


def revert(host):
    """Do what the unit for the next boot does, but give up."""
    words = [sys.executable, "-I", "-B", f"{host.folder}/.sshd_config.pending/revert"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@as_root
@pytest.mark.parametrize("place", ["drop_in", "main"])
def test_while_a_change_is_pending(place):
    with Host(place, "disk") as host, mains(host.folder, host.path("image")) as cut:
        old = host.files()
        assert host.run(clone_depth=5, confirm_within=600)["changed"]
        new = host.files()
        host.end_watchdogs()
        cut()
        assert host.files() == new != old
        done = revert(host)
        assert (done.returncode, done.stderr) == (0, "") and host.files() == old, done
        assert ".sshd_config.pending" not in host.leftovers() and host.valid() and host.answers()
        assert host.run(clone_depth=5, reload=True, confirm_within=0)["changed"] and host.leftovers() == []


@as_root
@pytest.mark.parametrize("place", ["drop_in", "main"])
def test_once_a_change_is_confirmed(place):
    with Host(place, "disk") as host, mains(host.folder, host.path("image")) as cut:
        assert host.run(clone_depth=5, confirm_within=600)["changed"]
        assert host.run(state="confirmed", clone_depth=5)["changed"]
        new = host.files()
        cut()
        assert host.files() == new and ".sshd_config.pending" not in host.leftovers()


@as_root
def test_the_unit_for_the_next_boot_is_on_the_disk_first(tmp_path):
    # As if systemd ran here, which is asked for nothing else.
    enter = "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /etc/systemd; mkdir -p /run/sshd /run/systemd/system"
    enter = f'{enter} /etc/systemd/system; PATH={tmp_path}:$PATH; exec "$@"'
    for program in ("systemd-run", "systemctl"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    with Host() as host:
        words = ["unshare", "--mount", "sh", "-ec", enter, "sh", "strace", "-f", "-y", "-o", host.path("tmp/calls")]
        words += ["-e", "trace=fsync,link,linkat,symlink,symlinkat", *host.words(clone_depth=5, confirm_within=600)]
        done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
        if "unshare failed" in done.stderr or "permission denied" in done.stderr:
            pytest.skip(f"a mount namespace is refused here: {done.stderr.strip()}")
        assert '"changed": true' in done.stdout, done
        before, _drop_in, _after = host.read("tmp/calls").partition(f'"{host.path(DROP_IN)}"')
    assert re.search(r"fsync\(\d+</etc/systemd/system/multiplex-sshd-revert-.*-at-boot.service>", before)
    wants = before.partition("-at-boot.service>")[2].partition("symlink")[2]
    for directory in ("/etc/systemd/system/multi-user.target.wants", "/etc/systemd/system"):
        assert re.search(rf"fsync\(\d+<{directory}>", wants), before


@pytest.mark.parametrize("text", ["", "{}", "\0" * 90], ids=["empty", "without a word", "of NULs"])
def test_a_record_that_was_damaged_says_what_to_do_next(text):
    with Host() as host:
        host.run(clone_depth=5, confirm_within=600)
        host.end_watchdogs()
        host.write(".sshd_config.pending/record.json", text)
        for options in ({"clone_depth": 5}, {"state": "reverted"}, {"state": "confirmed"}):
            result = host.run(**options)
            assert result["failed"] and "reload sshd once 'sshd -t' accepts" in result["msg"], result
        done = revert(host)
        assert done.returncode == 1 and "remove the directory" in done.stderr, done


@as_root
def test_of_what_was_replaced_the_copy_is_whole():
    with Host("main", "disk") as host, mains(host.folder, host.path("image")) as cut:
        old = host.read(host.config)
        copies = host.run(clone_depth=5, backup=True)["backup_files"]
        cut()
        assert host.read(copies[host.config]) == old != host.read(host.config)
