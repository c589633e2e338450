# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the user or the file system forbids the change, it is refused in one sentence and nothing is altered."""

import os
import re

import pytest
from forbidding import immutable, read_only
from snapshots import contents

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can forbid, and become another user")

INCLUDE = "Include {d}/conf.d/*.conf\n"
SET = {"clone_depth": 5}


def refused(playbooks, tree, said, foreseen=True, **options):
    """Check that a call is refused in the sentence ``said``, and changes nothing but directories' times.

    ``foreseen`` says whether check mode refuses it too, in the same words.
    """
    before = tree.snapshot()
    calls = {"set": {"config": tree.path(), **SET, **options}}
    checked = playbooks.module(calls, "--check")["set"]
    assert tree.snapshot() == before
    result = playbooks.module(calls)["set"]
    assert not foreseen or (checked["failed"], checked["msg"]) == (True, result["msg"]), checked
    after = tree.snapshot()
    assert result["failed"]
    assert re.fullmatch(said.replace("{d}", tree.directory), result["msg"]), result["msg"]
    assert contents(after) == contents(before)
    for name, one in before.items():
        if one.kind != "directory":
            assert after[name] == one, name


def test_immutable_main_file(playbooks, lay):
    tree = lay("MaxSessions 2\n")
    with immutable(tree.path()):
        refused(playbooks, tree, "{d}/sshd_config was not changed: Operation not permitted: .* is it immutable .*",
                foreseen=False, backup=True)  # fmt: skip


def test_immutable_drop_in(playbooks, lay):
    tree = lay(INCLUDE)
    playbooks.module({"set": {"config": tree.path(), "clone_depth": 1}})
    with immutable(tree.path("conf.d/0-multiplex.conf")):
        refused(playbooks, tree, "{d}/conf.d/0-multiplex.conf was not changed: Operation not permitted: .*", foreseen=False)


def test_immutable_old_place_keeps_the_new_one_from_staying(playbooks, lay):
    tree = lay(INCLUDE)
    playbooks.module({"set": {"config": tree.path(), "clone_depth": 1}})
    with immutable(tree.path("conf.d/0-multiplex.conf")):
        refused(playbooks, tree, "{d}/conf.d/0-multiplex.conf was not changed: Operation not permitted: .*",
                foreseen=False, location="main")  # fmt: skip


@pytest.mark.parametrize("directory", ["", "conf.d"])
def test_immutable_directory(playbooks, lay, directory):
    tree = lay(INCLUDE)
    with immutable(tree.path(directory)):
        refused(playbooks, tree, "{d}/.*conf.* was not changed: Operation not permitted: .* is it immutable .*")


@pytest.mark.parametrize("main", ["MaxSessions 2\n", INCLUDE])
def test_read_only_file_system(playbooks, lay, main):
    tree = lay(main)
    with read_only(tree.directory):
        refused(playbooks, tree, "{d}/.* was not changed: Read-only file system: the file system is read-only")


def test_read_only_drop_in_directory(playbooks, lay):
    tree = lay(INCLUDE)
    with read_only(tree.path("conf.d")):
        refused(playbooks, tree, "{d}/conf.d/0-multiplex.conf was not changed: Read-only file system: .*")


def test_a_user_who_may_not_write(playbooks, lay):
    # Without a HostKey line: the user may not read that key, and sshd is lent one.
    trees = [lay("MaxSessions 2\n", bare=True), lay("MaxSessions 2\n", bare=True)]
    os.chmod(trees[1].directory, 0o700)
    said = [
        "{d}/sshd_config was not changed: Permission denied: run as a user who may write there .'become: true'.",
        "{d}/sshd_config: Permission denied: run as a user who may read it .'become: true'.",
    ]
    before = [tree.snapshot() for tree in trees]
    calls = {str(number): {"config": tree.path(), **SET} for number, tree in enumerate(trees)}
    shell = {"ansible_become_method": "su", "ansible_become_flags": "-s /bin/sh"}
    for arguments in ("--check",), ():
        results = playbooks.module(calls, *arguments, become=True, become_user="nobody", vars=shell)
        for number, tree in enumerate(trees):
            message = results[str(number)]["msg"]
            assert re.fullmatch(said[number].replace("{d}", tree.directory), message), message
    assert [tree.snapshot() for tree in trees] == before


def test_a_user_who_may_not_see_what_is_pending(playbooks, lay):
    tree = lay("MaxSessions 2\n", bare=True)
    assert playbooks.module({"set": {"config": tree.path(), **SET, "confirm_within": 600}})["set"]["pending"]
    before = tree.snapshot()
    shell = {"ansible_become_method": "su", "ansible_become_flags": "-s /bin/sh"}
    calls = {"set": {"config": tree.path(), **SET}}
    result = playbooks.module(calls, "--check", become=True, become_user="nobody", vars=shell)["set"]
    assert result["failed"] and tree.snapshot() == before
    assert result["msg"].endswith("record.json: Permission denied: run as a user who may read it ('become: true')"), result
    assert playbooks.module({"back": {"config": tree.path(), "state": "reverted"}})["back"]["changed"]
