# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host pays for a run: the modules that it loads where nothing is to be done, and the bytes that are sent to it."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest
from host import Host

SENT = os.path.join(os.path.dirname(__file__), "sent.py")
PREFIX = "ansible_collections.multiplex.sshd.plugins."
# Raise one only for what a user gets for it.
MOST_FILES = 27  # loaded by a run without change, the packages' own empty ones not counted
MOST_BYTES = {"max_sessions": 95_000, "reload": 33_000}  # compressed, of this collection; the first reloads too
LOADED = f"""
import sys
import ansible.module_utils.basic
from {PREFIX}modules import max_sessions
try:
    max_sessions.main()
finally:
    ours = [name for name, module in sys.modules.items() if name.startswith("{PREFIX}module_utils.")]
    print("\\n".join(name for name in ours if not hasattr(sys.modules[name], "__path__")), file=sys.stderr)
"""


def test_a_run_without_change_loads_no_more_files_than_it_needs():
    with Host() as host:
        assert host.run(clone_depth=5)["changed"]
        words = host.words(clone_depth=5)
        done = subprocess.run(
            [sys.executable, "-c", LOADED, words[-1]], env=host.environment(), capture_output=True, text=True, check=False
        )
    assert json.loads(done.stdout)["changed"] is False
    assert 0 < len(done.stderr.split()) <= MOST_FILES, done.stderr


@pytest.mark.parametrize("module", MOST_BYTES)
def test_no_more_bytes_are_sent_than_were(module):
    # In a process of its own: Ansible leaves its archive open.
    done = subprocess.run([sys.executable, SENT, module], capture_output=True, text=True, check=True)
    packed = base64.b64decode(re.search(r"[A-Za-z0-9+/=\n]{5000,}", done.stdout).group(0))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        ours = [one for one in archive.infolist() if "/multiplex/" in one.filename]
    assert 0 < sum(one.compress_size for one in ours) <= MOST_BYTES[module]
