# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An sshd that judges the live files otherwise than their copy has the old ones put back."""

import pytest
from snapshots import contents
from throwaway_sshd import SSHD

OTHERWISE = {
    "rejects them": ('echo "line 1: no" >&2; exit 255',
                     "sshd rejects the new ones in place. sshd said: line 1: no. It took their copy."),
    "says another number": ("echo maxsessions 3; exit", "in place, sshd says MaxSessions 3 where the copy said 6."),
}  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"location": "main"}, {"backup": True}], ids=["drop-in", "main", "backup"])
@pytest.mark.parametrize("verdict", OTHERWISE)
def test_the_old_files_are_back(playbooks, lay, tmp_path, verdict, options):
    tree, wrapper = lay("Include {d}/conf.d/*.conf\nMatch User bob\nMaxSessions 2\n"), tmp_path / "sshd"
    script, said = OTHERWISE[verdict]
    changed = f'case "$*" in *{tree.path()}*) grep -rq "BEGIN multiplex" {tree.directory} && {{ {script}; }};; esac'
    wrapper.write_text(f'#!/bin/sh\n{changed}\nexec {SSHD} "$@"\n')
    wrapper.chmod(0o755)
    before = tree.snapshot()
    calls = {"set": {"config": tree.path(), "clone_depth": 5, "sshd": str(wrapper), **options}}
    result = playbooks.module(calls)["set"]
    assert result["failed"] and result["msg"].startswith(f"The old files are back: {said}"), result["msg"]
    after = tree.snapshot()
    assert contents(after) == contents(before)
    assert after["sshd_config"] == before["sshd_config"]
