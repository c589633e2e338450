# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import errno
import os
import pty
import subprocess

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _probe
from ansible_collections.multiplex.sshd.plugins.plugin_utils._client import Target


@pytest.mark.parametrize(
    ("module", "name", "number"), [(subprocess, "Popen", errno.EAGAIN), (pty, "openpty", errno.EMFILE)], ids=str
)
def test_a_machine_that_gives_ssh_no_process_or_file_is_an_error(monkeypatch, module, name, number):
    def refuse(*_args, **_keywords):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, name, refuse)
    with pytest.raises(Error, match=os.strerror(number)):
        _probe.probe(Target("db1", answers=[("assword", "hunter2")]), 5)
