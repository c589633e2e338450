# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that changes nothing starts one sshd; a fresh image without host key is served, and none is left there."""

import os
import stat

import pytest
from throwaway_sshd import SSHD


@pytest.fixture
def logged(tmp_path):
    """An sshd that logs its arguments; gives ``(its path, a function that returns the lines)``."""
    log, wrapper = tmp_path / "log", tmp_path / "sshd"
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{log}"\nexec {SSHD} "$@"\n')
    wrapper.chmod(0o755)
    log.write_text("")

    def taken():
        lines = log.read_text().splitlines()
        log.write_text("")
        return lines

    return str(wrapper), taken


@pytest.mark.parametrize("main", ["MaxSessions 2\n", "Include {d}/conf.d/*.conf\nMatch User bob\nMaxSessions 2\n"])
def test_a_run_without_change_starts_one_sshd(playbooks, lay, logged, main):
    tree, (sshd, taken) = lay(main), logged
    options = {"config": tree.path(), "clone_depth": 5, "sshd": sshd}
    playbooks.module({"set": options})
    assert [line.split()[0] for line in taken()] == ["-T", "-t", "-T", "-T"]
    assert playbooks.module({"again": options})["again"]["changed"] is False
    assert [line.split()[:3] for line in taken()] == [["-T", "-f", tree.path()]]


def test_a_copy_is_judged_before_the_file_is_touched(playbooks, lay, logged):
    tree, (sshd, taken) = lay("MaxSessions 2\n"), logged
    playbooks.module({"set": {"config": tree.path(), "clone_depth": 5, "sshd": sshd}})
    judged = [line.split()[2] for line in taken()]
    assert [path == tree.path() for path in judged] == [True, False, False, True]


def test_a_fresh_image_without_host_key_is_served_and_gets_none(playbooks, lay):
    tree = lay("HostKey {d}/no_key_yet\nMaxSessions 2\n", bare=True)
    options = {"config": tree.path(), "clone_depth": 5}
    results = playbooks.module({"set": options, "again": options})
    assert [results[name]["changed"] for name in ("set", "again")] == [True, False]
    assert tree.listing() == [".sshd_config.not-reloaded", "sshd_config"]


@pytest.mark.skipif(not os.path.isdir("/run/sshd"), reason="there is no privilege separation directory to hide")
def test_a_missing_privilege_separation_directory_is_lent(playbooks, lay, tmp_path):
    # Hiding the real one would disturb every other sshd here: this sshd says that it is missing until it is there.
    tree = lay("MaxSessions 2\n")
    missing, wrapper = tmp_path / "run-sshd", tmp_path / "sshd"
    complaint = f"Missing privilege separation directory: {missing}"
    wrapper.write_text(f'#!/bin/sh\n[ -d "{missing}" ] || {{ echo "{complaint}" >&2; exit 255; }}\nexec {SSHD} "$@"\n')
    wrapper.chmod(stat.S_IRWXU)
    result = playbooks.module({"set": {"config": tree.path(), "clone_depth": 5, "sshd": str(wrapper)}})["set"]
    assert result["changed"], result  # tests/faults/test_lent.py sees to whether it stays: other sshds run here
