# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration


def test_two_names_of_one_file_mean_one_configuration(tmp_path, monkeypatch):
    (tmp_path / "real").write_text("")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link").symlink_to("../real")
    monkeypatch.chdir(tmp_path)
    relative, link = Configuration.at("real"), Configuration.at(str(tmp_path / "d" / "link"))
    assert relative.main == str(tmp_path / "real") and link.main == str(tmp_path / "d" / "link")
    assert (relative.real, relative.directory, relative.unit) == (link.real, link.directory, link.unit)
    assert link.pending == os.path.join(link.directory, ".real.pending")
    assert link.not_reloaded == os.path.join(link.directory, ".real.not-reloaded")
    assert link.lock == os.path.join(link.directory, ".real.lock")
    assert link.unit.startswith("multiplex-sshd-revert-") and len(link.unit) == len("multiplex-sshd-revert-") + 8
