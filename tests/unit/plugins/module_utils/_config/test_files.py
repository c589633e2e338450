# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import stat

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import (
    Files,
    create,
    decode,
    encode,
    os_path,
    readable,
    require_replaceable,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


def test_names_come_sorted_by_their_bytes_without_directories(tmp_path):
    for name in ("b", "B", "a", "_", "0", "\u00e9", "zz"):
        (tmp_path / name).write_text("")
    (tmp_path / "c").mkdir()
    found = [os.path.basename(path) for path in Files().expand(f"{tmp_path}/*")]
    assert found == ["0", "B", "_", "a", "b", "zz", "\u00e9"]


def test_an_overlay_hides_what_is_there_and_shows_what_will_be(tmp_path):
    for name in ("kept", "gone"):
        (tmp_path / name).write_text("old")
    kept, gone, new = (str(tmp_path / name) for name in ("kept", "gone", "new"))
    files = Files({kept: "later", gone: None, new: "new", str(tmp_path / ".hidden"): "x"})
    assert files.expand(f"{tmp_path}/*") == [kept, new]
    assert (files.text(kept), files.text(new)) == ("later", "new")


def test_a_file_is_edited_under_all_its_names(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "link").symlink_to("d")
    files = Files({f"{tmp_path}/d/new": "later"})
    assert files.expand(f"{tmp_path}/link/*") == [f"{tmp_path}/link/new"]
    assert files.expand(f"/{tmp_path}//d/n?w") == [f"/{tmp_path}//d/new"]
    assert files.text(f"{tmp_path}/link/new") == "later"


def test_every_byte_survives(tmp_path):
    octets = bytes(range(256)) + b"\r\n\xc3\xa9\xff"
    (tmp_path / "f").write_bytes(octets)
    assert encode(Files().text(str(tmp_path / "f"))) == octets
    assert encode(decode(octets)) == octets


def test_what_can_not_be_read_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(Error) as caught:
        Files().text(f"{tmp_path}/f")
    assert str(caught.value) == (
        f"{tmp_path}/f: No such file or directory: is openssh-server installed? 'config' names sshd's main file"
    )
    with pytest.raises(Error) as caught:
        Files().text(str(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}: Is a directory: sshd takes a directory for an empty configuration; name its main file in 'config'"
    )


def test_a_link_that_leads_nowhere_is_called_one(tmp_path):
    (tmp_path / "x.conf").symlink_to("gone")
    with pytest.raises(Error) as caught:
        Files().text(f"{tmp_path}/x.conf")
    assert str(caught.value) == f"{tmp_path}/x.conf: No such file or directory: it is a link that leads nowhere; mend it"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A FIFO, a socket, and a link to a device."""
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    os.symlink("/dev/zero", "zero")
    os.symlink("/dev/null", "null")
    return str(tmp_path)


NO_FILES = [
    ("fifo", "fifo is a FIFO", ", at which sshd waits for ever"),
    ("socket", "socket is a socket", ""),
    ("zero", "zero (it leads to /dev/zero) is a device", ""),
]


@pytest.mark.parametrize(("name", "is_what", "hint"), NO_FILES)
def test_what_is_no_file_is_neither_read_nor_replaced(place, name, is_what, hint):
    with pytest.raises(Error) as caught:
        Files().text(f"{place}/{name}")
    assert str(caught.value) == f"{place}/{is_what}{hint}. Remove it, or what names it"
    with pytest.raises(Error) as caught:
        require_replaceable(f"{place}/{name}")
    assert str(caught.value) == (
        f"{place}/{is_what}. Nothing was changed: only a file can be replaced or removed. Remove it, or choose another place"
    )


def test_the_null_device_is_empty_and_not_replaced(place):
    assert Files().text(f"{place}/null") == ""
    with pytest.raises(Error):
        require_replaceable(f"{place}/null")


def test_a_file_and_nothing_can_be_replaced(tmp_path):
    (tmp_path / "f").write_text("")
    require_replaceable(f"{tmp_path}/f")
    require_replaceable(f"{tmp_path}/nothing")


def test_a_new_file_is_its_owners_alone_whatever_the_umask_is(tmp_path):
    umask = os.umask(0o277)
    try:
        with create(f"{tmp_path}/f") as file:
            file.write(b"x")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(os.stat(f"{tmp_path}/f").st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create(f"{tmp_path}/f")


def test_a_path_with_a_nul_byte_is_none():
    assert os_path("/etc/\u00e9") == os.fsdecode("/etc/\u00e9".encode())
    with pytest.raises(Error) as caught:
        os_path("/etc/\0")
    assert str(caught.value) == "'/etc/\\x00' is no path: it has a NUL byte"


def test_a_result_is_made_fit_for_json_all_through():
    found = {"a\udce9": ["\udcff", {"b": "\u00e9"}, 1, None], "c": True}
    assert readable(found) == {"a\ufffd": ["\ufffd", {"b": "\u00e9"}, 1, None], "c": True}
