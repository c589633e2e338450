# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README's transcript of the demonstration is what comes out."""

import os
import re
import subprocess
import sys

from installed import ROOT


def test_the_transcript_is_what_comes_out():
    shown = re.search(r"(?s)```\n\$ script/demo\n(.*?)```", (ROOT / "README.md").read_text())[1].splitlines()
    assert len(shown) > 5
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/tests", "ANSIBLE_FORCE_COLOR": "0"}
    words = [sys.executable, ROOT / "script/demo.py"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = iter(done.stdout.splitlines())
    for wanted in shown:
        pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
        assert any(re.match(pattern, line) for line in lines), wanted
