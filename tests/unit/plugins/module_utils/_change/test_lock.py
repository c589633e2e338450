# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pwd
import subprocess
import sys
import textwrap

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._change.lock import Busy, locked
from ansible_collections.multiplex.sshd.plugins.module_utils._config.configuration import Configuration
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error


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


def test_waiting_has_an_end_and_says_for_whom(tmp_path):
    (tmp_path / "main").write_text("")
    configuration = Configuration.at(str(tmp_path / "main"))
    with locked(configuration):
        with pytest.raises(Busy) as caught, locked(configuration, patience=0.1):
            pass
        # Who gave up has not taken the file away from who holds it.
        assert os.path.exists(configuration.lock)
    user = pwd.getpwuid(os.geteuid()).pw_name
    assert f"process {os.getpid()} of {user} works on {configuration.main} and does not end" in str(caught.value)


def test_a_lock_file_that_a_killed_run_left_is_nobodys(tmp_path):
    (tmp_path / "main").write_text("")
    configuration = Configuration.at(str(tmp_path / "main"))
    os.close(os.open(configuration.lock, os.O_CREAT, 0o600))
    with locked(configuration, patience=0):
        assert os.path.exists(configuration.lock)
    assert os.listdir(tmp_path) == ["main"]


SPOILS = [os.mkfifo, lambda path: os.symlink("main", path), lambda path: os.close(os.open(path, os.O_CREAT, 0o644))]


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_others_could_hold_is_no_lock(tmp_path, spoil):
    (tmp_path / "main").write_text("")
    configuration = Configuration.at(str(tmp_path / "main"))
    spoil(configuration.lock)
    with pytest.raises(Error), locked(configuration, patience=0):
        pass
    assert os.path.lexists(configuration.lock)
