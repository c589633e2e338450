# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pattern names is what the sshd here includes by it."""

import os
import re
import subprocess
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import glob
from throwaway_sshd import SSHD

NAMES = ("a.conf", "^b.conf", "1.conf", "b.conf", "-.conf", "B", "]",
         ".hidden.conf", "a b", "x\\y", "[", "*")
PATTERNS = (
    "*", "*.conf", "?.conf", "[ab].conf",
    "[!ab]*", "[^a]*", "[^b]*.conf", "[[:digit:]]*.conf", "[![:digit:]]*", "[[:upper:]]",
    "[[:nothing:]]*",
    "[a-c]*", "[c-a]*", "[]]", "[!]]*", "[-a]*", "[a-]*", "[1-", "[", "\\b.conf", "\\*", "x\\\\y", ".*", ".h*",
    "[.]h*",
    "{a,b}.conf", "a*c*f", "*a*", "**.conf", "??.conf", "a?b", "nothing", "b.conf",
)  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("glob")
    for name in NAMES:
        (path / name).write_text("MaxSessions 3\n")
    (path / "e.conf").mkdir()
    return str(path)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("key") / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_names_what_sshd_includes_by_it(directory, key, pattern, tmp_path):
    config = tmp_path / "config"
    escaped = pattern.replace("\\\\", "\\\\\\\\")
    config.write_text(f'HostKey {key}\nInclude "{directory}/{escaped}"\n')
    os.makedirs("/run/sshd", exist_ok=True)
    said = subprocess.run([SSHD, "-T", "-ddd", "-f", str(config)], capture_output=True, check=False).stderr
    included = re.findall(rb"including (.*?)\r?\n", said)
    assert b"new include" in said
    expected = [os.fsdecode(one).replace("\\\\", "\\") for one in included]
    assert glob.expand(f"{directory}/{pattern}", {}) == [one for one in expected if not os.path.isdir(one)]


MATCHES = [
    ("/d/a.conf", "/d/*.conf", True),
    ("/d/a.conf", "/d/*", True),
    ("/d/a.conf", "/*/a.conf", True),
    ("/d/a.conf", "/d/?.conf", True),
    ("/d/a.conf", "/d/[ab].conf", True),
    ("/d/a.conf", "/d/[!ab].conf", False),
    ("/d/e/a.conf", "/d/*.conf", False),
    ("/d/e/a.conf", "/*/a.conf", False),
    ("/d/.a.conf", "/d/*.conf", False),
    ("/d/.a.conf", "/d/.*.conf", True),
    ("/.d/a.conf", "/*/a.conf", False),
    ("/d/A.conf", "/d/a.conf", False),
]


@pytest.mark.parametrize(("path", "pattern", "expected"), MATCHES)
def test_a_pattern_means_what_is_there_and_what_will_be(path, pattern, expected, tmp_path):
    real = tmp_path / path[1:]
    real.parent.mkdir(parents=True)
    found = [str(real)] if expected else []
    assert glob.expand(f"{tmp_path}{pattern}", {}) == []
    assert glob.expand(f"{tmp_path}{pattern}", {str(real): ""}) == found
    real.write_text("")
    assert glob.expand(f"{tmp_path}{pattern}", {}) == found
    assert glob.expand(f"{tmp_path}{pattern}", {str(real): None}) == []


def test_many_stars_take_no_long(tmp_path):
    (tmp_path / ("a" * 250)).write_text("")
    start = time.monotonic()
    assert glob.expand(f"{tmp_path}/{'*a' * 60}b", {}) == []
    assert time.monotonic() - start < 1
