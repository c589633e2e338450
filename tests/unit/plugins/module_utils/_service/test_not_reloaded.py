# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from ansible_collections.multiplex.sshd.plugins.module_utils._service import not_reloaded


@pytest.fixture
def config(tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to("real")
    return Configuration.at(str(tmp_path / "link"))


def test_the_note_stays_until_it_is_taken(config):
    with not_reloaded.marked(config):
        assert not_reloaded.is_marked(config)
    assert config.not_reloaded.endswith("/.real.not-reloaded")
    assert not_reloaded.is_marked(config)
    not_reloaded.clear(config)
    not_reloaded.clear(config)
    assert not not_reloaded.is_marked(config)


@pytest.mark.parametrize("ending", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_change_that_failed_leaves_the_note_as_it_was(config, ending):
    with pytest.raises(ending), not_reloaded.marked(config):
        raise ending
    assert not not_reloaded.is_marked(config)
    with not_reloaded.marked(config):
        pass
    before = os.stat(config.not_reloaded)
    with pytest.raises(ending), not_reloaded.marked(config):
        raise ending
    after = os.stat(config.not_reloaded)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
