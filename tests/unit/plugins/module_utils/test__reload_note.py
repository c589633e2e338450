# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import _reload_note


@pytest.fixture
def config(tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to("real")
    return str(tmp_path / "link")


def test_the_note_stays_until_it_is_taken(config):
    with _reload_note.left(config):
        assert _reload_note.found(config)
    assert _reload_note.path(config).endswith("/.real.not-reloaded")
    assert _reload_note.found(config)
    _reload_note.take(config)
    _reload_note.take(config)
    assert not _reload_note.found(config)


@pytest.mark.parametrize("ending", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_change_that_failed_leaves_the_note_as_it_was(config, ending):
    with pytest.raises(ending), _reload_note.left(config):
        raise ending
    assert not _reload_note.found(config)
    with _reload_note.left(config):
        pass
    before = os.stat(_reload_note.path(config))
    with pytest.raises(ending), _reload_note.left(config):
        raise ending
    after = os.stat(_reload_note.path(config))
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
