# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import tempfile

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import staging
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Validation


@pytest.fixture
def own_temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


TREE = {
    "/t/main": 'include "/t/a" /t/b # why\n# \udce9\r\n  Include=/t/nothing/*\nMatch User x\nInclude /t/b',
    "/t/a": "Include /t/b\n",
    "/t/b": "MaxSessions 3\n",
}


def read(name):
    with open(name, "rb") as file:
        return file.read()


def test_every_include_leads_to_the_copies_and_the_rest_is_the_same(own_temporary):
    with staging.staged(tree.read("/t/main", Files(TREE))) as stage:
        directory = os.path.dirname(stage.main).encode()
        main, a, b = (read(stage.staged[path]) for path in ("/t/main", "/t/a", "/t/b"))
        assert main == (b"Include %s/1 %s/2\n# \xe9\r\nInclude %s/nothing\nMatch User x\nInclude %s/2" % ((directory,) * 4))
        assert (a, b) == (b"Include %s/2\n" % directory, b"MaxSessions 3\n")
        assert os.stat(os.path.dirname(stage.main)).st_mode & 0o777 == 0o700
        assert not os.path.exists(os.path.join(os.path.dirname(stage.main), "nothing"))
    assert os.listdir(own_temporary) == []


@pytest.mark.parametrize("ending", [ValueError, SystemExit, KeyboardInterrupt])
def test_the_copy_goes_however_the_block_ends(own_temporary, ending):
    with pytest.raises(ending), staging.staged(tree.read("/t/main", Files(TREE))):
        raise ending
    assert os.listdir(own_temporary) == []


def test_words_about_a_copy_name_the_real_file():
    files = {"/t/main": "Include /t/d/*\n", **{f"/t/d/{number:02}": "" for number in range(12)}}
    with staging.staged(tree.read("/t/main", Files(files))) as stage:
        directory = os.path.dirname(stage.main)
        said = f"{directory}/1 line 3: bad; {directory}/12: line 4: worse; {directory}/0: terminating"
        told = stage.translate(Validation("", 255, said)).stderr
        assert told == "/t/d/00 line 3: bad; /t/d/11: line 4: worse; /t/main: terminating"
