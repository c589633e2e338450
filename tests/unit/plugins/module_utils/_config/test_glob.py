# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pattern names is what the sshd here includes by it."""

import os
import re
import shutil
import subprocess
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import glob

# Also for "ansible-test units", which sees nothing of tests/ but this.
SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin")
NAMES = ("a.conf", "^b.conf", "1.conf", "b.conf", "-.conf", "B", "]",
         ".hidden.conf", "a b", "x\\y", "[", "*", "[!", "x[", "[!b", "Bx]", " x", "\x7fx",
         "~x", "!x", "&x", "\u00ff", "\u00ffx")  # fmt: skip
PATTERNS = (
    "*", "*.conf", "?.conf", "[ab].conf",
    "[!ab]*", "[^a]*", "[^b]*.conf", "[[:digit:]]*.conf", "[![:digit:]]*", "[[:upper:]]",
    "[[:nothing:]]*",
    "[a-c]*", "[c-a]*", "[]]", "[!]]*", "[-a]*", "[a-]*", "[1-", "[", "\\b.conf", "\\*", "x\\\\y", ".*", ".h*",
    "[.]h*", "[!]", "[]", "[!-]*", "[[:cntrl:]]x", "[[:print:]]x", "[[:graph:]]x", "[a-b]*", "[%-&]x",
    "\u00ff", "[\u00fe-\u00ff]x",
    "[^\u00fe]x", "x[", "x[!", "*x]", "Bx]", "[a!c]*", "[a\\]*", "[\\!a]*", "[a\\-c]*", "[!\\]]*", "[\\a-\\b]*",
    "x\\[", "[!b",
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


def unquoted(match):
    """Return the octet that sshd's log has in octal, or as two backslashes."""
    return b"\\" if match[1] == b"\\" else bytes([int(match[1], 8)])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_names_what_sshd_includes_by_it(directory, key, pattern, tmp_path):
    config = tmp_path / "config"
    escaped = pattern.replace("\\\\", "\\\\\\\\")
    config.write_text(f'HostKey {key}\nInclude "{directory}/{escaped}"\n')
    os.makedirs("/run/sshd", exist_ok=True)
    said = subprocess.run([SSHD, "-T", "-ddd", "-f", str(config)], capture_output=True, check=False).stderr
    included = re.findall(rb"including (.*?)\r?\n", said)
    assert b"new include" in said
    expected = [os.fsdecode(re.sub(rb"\\([0-7]{3}|\\)", unquoted, one)) for one in included]
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
    ("/d/a\udcff", "/d/*\udcff", True),
    ("/d/a\udcff", "/d/*[\udcfe-\udcff]", True),
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
