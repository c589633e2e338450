# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files, decode, encode
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
    assert (
        str(caught.value) == f"{tmp_path}/x.conf: No such file or directory: it is a link that leads nowhere; mend it"
    )
