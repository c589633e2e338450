# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import errno
import os
import struct
from pathlib import Path

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._change import backup, replacement
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"


def acl(*entries):
    """Return an ACL as the kernel takes it: ACL_EA_VERSION, then (tag, permissions, id) each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in entries)


ANY = 2**32 - 1
FOR_7 = acl((1, 6, ANY), (2, 4, 7), (4, 4, ANY), (16, 4, ANY), (32, 0, ANY))


def seen(directory):
    """Return all that stays the same of the files in ``directory`` when they are put back."""
    found = {}
    for entry in os.scandir(directory):
        status = entry.stat(follow_symlinks=False)
        content = os.readlink(entry.path) if entry.is_symlink() else Path(entry.path).read_bytes()
        found[entry.name] = (content, status.st_ino, status.st_mtime_ns, status.st_mode, status.st_uid, status.st_gid)
    return found


@pytest.fixture
def laid(tmp_path):
    """Two files and a link; the edits replace one through the link, removes the other and makes a third."""
    (tmp_path / "main").write_bytes(b"old \xe9\r\n")
    (tmp_path / "link").symlink_to("main")
    (tmp_path / "drop").write_text("old")
    edits = {str(tmp_path / "new"): "new", str(tmp_path / "link"): "new \udce9\r\n", str(tmp_path / "drop"): None}
    return tmp_path, edits, str(tmp_path / "link")


READ = {"link": "old \udce9\r\n", "drop": "old"}


def replaced(edits, model, **options):
    """Make the edits of what is in the files that are laid."""
    read = {os.path.join(os.path.dirname(model), name): text for name, text in READ.items()}
    return replacement.replaced(edits, read, model, **options)


def test_the_edits_is_in_place_and_nothing_else(laid):
    directory, edits, model = laid
    with replaced(edits, model):
        pass
    assert sorted(os.listdir(directory)) == ["link", "main", "new"]
    assert (directory / "main").read_bytes() == b"new \xe9\r\n"
    assert (directory / "new").read_text() == "new"
    assert os.readlink(directory / "link") == "main"


@pytest.mark.parametrize(
    "ending", [Error("no"), OSError(errno.EIO, "no"), SystemExit(1), KeyboardInterrupt(), MemoryError()]
)
def test_whatever_ends_the_block_the_very_files_are_back(laid, ending):
    directory, edits, model = laid
    before = seen(directory)
    with pytest.raises(type(ending)), replaced(edits, model):
        assert not (directory / "drop").exists()
        raise ending
    assert seen(directory) == before


FAULTS = [("fsync", 1), ("fsync", 2), ("fsync", 5), ("rename", 1)]
FAULTS += [(call, at) for call in ("chmod", "fchmod", "link") for at in (1, 2, 3)] + [("unlink", 1), ("unlink", 2)]


@pytest.mark.parametrize(("call", "fails_at"), FAULTS)
def test_a_fault_at_any_step_changes_nothing(laid, monkeypatch, call, fails_at):
    directory, edits, model = laid
    before, real, calls = seen(directory), getattr(os, call), []

    def faulty(*arguments, **keywords):
        calls.append(arguments)
        if len(calls) == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **keywords)

    monkeypatch.setattr(os, call, faulty)
    with pytest.raises(Error) as caught, replaced(edits, model):
        pass
    assert str(caught.value).endswith(" was not changed: No space left on device")
    assert seen(directory) == before


def test_owner_mode_acl_and_attributes_stay(laid):
    directory, edits, model = laid
    main = directory / "main"
    if os.geteuid() == 0:
        os.chown(main, 7, 8)
    os.chmod(main, 0o640)
    os.setxattr(main, "user.origin", b"by hand")
    os.setxattr(main, ACL, FOR_7)
    before = os.stat(main)
    with replaced(edits, model):
        pass
    after, new = os.stat(main), os.stat(directory / "new")
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (new.st_mode, new.st_uid, new.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (os.getxattr(main, "user.origin"), os.getxattr(main, ACL)) == (b"by hand", FOR_7)
    assert "user.origin" not in os.listxattr(directory / "new")


def test_a_file_gets_no_acl_that_it_did_not_have(laid):
    directory, edits, model = laid
    os.chmod(directory / "main", 0o600)
    # What is made in the directory from now on would be readable to user 7.
    os.setxattr(directory, DEFAULT_ACL, FOR_7)
    with replaced(edits, model):
        pass
    assert ACL not in os.listxattr(directory / "main")
    assert os.stat(directory / "main").st_mode & 0o777 == 0o600


def test_backups_go_if_the_change_fails(laid):
    directory, edits, model = laid
    before = seen(directory)
    with pytest.raises(Error), backup.backed_up(edits, Configuration.at(model)):
        assert len(os.listdir(directory)) == len(before) + 2
        raise Error("no")
    assert seen(directory) == before
