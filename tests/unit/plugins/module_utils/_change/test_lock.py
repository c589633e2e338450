# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
import textwrap

from ansible_collections.multiplex.sshd.plugins.module_utils._change.lock import locked
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration


def test_a_second_run_waits_for_the_first(tmp_path):
    (tmp_path / "main").write_text("")
    program = textwrap.dedent(
        f"""
        import sys
        sys.path[:0] = {sys.path!r}
        from ansible_collections.multiplex.sshd.plugins.module_utils._change.lock import locked
        from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
        print("asking", flush=True)
        with locked(Configuration.at({str(tmp_path / "main")!r})):
            print(open({str(tmp_path / "main")!r}).read(), flush=True)
        """
    )
    with locked(Configuration.at(str(tmp_path / "main"))):
        other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, universal_newlines=True)
        assert other.stdout.readline() == "asking\n"
        (tmp_path / "main").write_text("the first is done")
    assert other.communicate(timeout=20)[0] == "the first is done\n"
    assert os.listdir(tmp_path) == ["main"]
