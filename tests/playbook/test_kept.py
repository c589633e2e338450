# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs on a file outlives its replacement: links, modes, owners, ACLs; and a backup is what was there."""

import os
import stat
import struct

import pytest

ACL = "system.posix_acl_access"


@pytest.fixture(scope="module")
def place(lay, playbooks):
    """Lay a tree with attributes, set a limit with a backup, and give ``(tree, snapshot before, result)``."""
    tree = lay("# of somebody\nMaxSessions 2\n")
    os.rename(tree.path(), tree.path("real_config"))
    os.symlink("real_config", tree.path())
    real = tree.path("real_config")
    os.chmod(real, 0o640)
    if os.geteuid() == 0:
        os.chown(real, 7, 8)
    os.setxattr(real, "user.origin", b"by hand")
    # ACL_EA_VERSION, then (tag, permissions, id): user::rw- user:7:r-- group::r-- mask::r-- other::---
    entries = [(1, 6, 2**32 - 1), (2, 4, 7), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)]
    os.setxattr(real, ACL, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries))
    before = tree.snapshot()
    calls = {"set": {"config": tree.path(), "clone_depth": 5, "backup": True}}
    return tree, before, playbooks.module(calls)["set"]


def test_a_symlinked_main_file_stays_a_link_and_its_target_is_replaced(place):
    tree, before, result = place
    assert result["changed"] and result["written"] == [tree.path()]
    assert os.readlink(tree.path()) == "real_config"
    assert tree.read().endswith("# END multiplex.sshd.max_sessions\n" + before["real_config"].content.decode())


def test_owner_mode_acl_and_attributes_are_the_same(place):
    tree, before, _result = place
    after = tree.snapshot()["real_config"]
    old = before["real_config"]
    assert (after.mode, after.uid, after.gid) == (old.mode, old.uid, old.gid)
    assert os.getxattr(tree.path("real_config"), "user.origin") == b"by hand"
    assert len(os.getxattr(tree.path("real_config"), ACL)) == 4 + 5 * 8
    assert stat.S_IMODE(os.stat(tree.path()).st_mode) == old.mode


def test_a_backup_is_the_old_file_as_it_was(place):
    tree, before, result = place
    (copy,) = result["backup_files"].values()
    name = os.path.relpath(copy, tree.directory)
    found = tree.snapshot()[name]
    old = before["real_config"]
    assert (found.mode, found.uid, found.gid, found.content) == (old.mode, old.uid, old.gid, old.content)
    assert set(tree.listing()) == {"sshd_config", "real_config", ".real_config.not-reloaded", name}


def test_a_new_drop_in_has_the_main_files_owner_and_mode(lay, playbooks):
    tree = lay("Include {d}/conf.d/*.conf\n")
    os.chmod(tree.path(), 0o600)
    playbooks.module({"set": {"config": tree.path(), "clone_depth": 5}})
    assert tree.snapshot()["conf.d/0-multiplex.conf"].mode == 0o600


def test_each_change_of_a_second_keeps_its_own_backup(lay, playbooks):
    # Two files of one name besides: one more second would not help them.
    tree = lay("Include {d}/conf.d/*config\nInclude {d}/conf.d/*.conf\n")
    own = {"config": tree.path(), "backup": True, "drop_in": tree.path("conf.d/sshd_config")}
    calls = {str(depth): {**own, "clone_depth": depth} for depth in range(2, 8)}
    calls["moved"] = {"config": tree.path(), "backup": True, "clone_depth": 9, "location": "main"}
    results = playbooks.module(calls)
    assert not [result["msg"] for result in results.values() if result["failed"]]
    copies = [copy for result in results.values() for copy in result["backup_files"].values()]
    assert len(copies) == len(set(copies)) == 7
    assert len(results["moved"]["backup_files"]) == 2
