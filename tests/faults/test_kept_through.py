# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs on the files is kept through set, revert and confirm: links, owners, modes, ACLs, attributes."""

import os
import struct

import pytest
from host import DROP_IN, Host

ACL = "system.posix_acl_access"
ANY = 2**32 - 1
# ACL_EA_VERSION, then (tag, permissions, id): user::rw- user:7:r-- group::r-- mask::r-- other::---
ENTRIES = [(1, 6, ANY), (2, 4, 7), (4, 4, ANY), (16, 4, ANY), (32, 0, ANY)]
FOR_7 = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in ENTRIES)
SETTLED = ["reverted", "confirmed"]


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def dress(path):
    """Give ``path`` an owner where that may be, a mode, an ACL and an attribute; return them as Host.files does."""
    if os.geteuid() == 0:
        os.chown(path, 7, 8)
    try:
        os.setxattr(path, "user.origin", b"by hand")
        os.setxattr(path, ACL, FOR_7)
    except OSError as error:
        pytest.skip(f"this file system has no ACLs or no attributes: {error.strerror}")
    return dressed(path)


def dressed(path):
    about = os.stat(path)
    return about.st_uid, about.st_gid, about.st_mode, {name: os.getxattr(path, name) for name in os.listxattr(path)}


@pytest.mark.parametrize("state", SETTLED)
def test_owner_mode_acl_and_attributes(host, state):
    host.run(clone_depth=2)
    host.run("reload")
    path = host.path(DROP_IN) if os.path.exists(host.path(DROP_IN)) else host.config
    clothes = dress(path)
    old = host.files()
    assert old[path][1:] == clothes and len(clothes[3]) == 2
    assert host.run(clone_depth=5, confirm_within=600)["changed"]
    host.run("reload")
    assert dressed(path) == clothes, "the change lost something"
    assert host.run(state=state)["changed"]
    assert dressed(path) == clothes
    assert (host.files() == old) is (state == "reverted") and host.answers()


@pytest.mark.parametrize("state", SETTLED)
def test_a_link_stays_a_link(state):
    with Host("main") as host:
        os.mkdir(host.path("real"))
        os.rename(host.config, host.path("real/config"))
        os.symlink("real/config", host.config)
        old = host.read("real/config")
        assert host.run(clone_depth=5, confirm_within=600)["changed"]
        assert os.readlink(host.config) == "real/config" and host.read("real/config") != old
        assert host.run("reload")["changed"]
        assert host.run(state=state)["changed"]
        assert os.readlink(host.config) == "real/config"
        assert (host.read("real/config") == old) is (state == "reverted")
        assert os.listdir(host.path("real")) == ["config"]
        assert host.valid() and host.answers()


def test_a_removed_drop_in_comes_back_as_it_was():
    with Host("drop_in") as host:
        host.run(clone_depth=2)
        host.run("reload")
        dress(host.path(DROP_IN))
        old = host.files()
        result = host.run(state="absent", confirm_within=2)
        assert result["changed"] and not os.path.exists(host.path(DROP_IN))
        assert host.run("reload")["changed"]
        assert host.eventually(lambda: host.files() == old and not host.leftovers())
        assert host.answers()
