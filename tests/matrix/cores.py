# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What README's table says is supported, and what of it this machine has."""

import collections
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
ROW = re.compile(r"(?m)^\| (2\.\d+) \| (3\.\d+) to (3\.\d+) \| (3\.\d+) to (3\.\d+) \|$")

# An ansible-core, and the Python versions of the controller and of the target.
Cell = collections.namedtuple("Cell", "core controller target")


def claimed():
    """Return the Cells at both ends of each of the table's rows, in its order.

    With MATRIX=quick it is the outermost two, the newest with the newest Pythons of its row that this machine has.
    """
    rows = ROW.findall((ROOT / "README.md").read_text())
    assert rows, "README has no table of what is supported"
    ends = [(Cell(core, *oldest), Cell(core, *newest)) for core, oldest, newest in map(_ends, rows)]
    wanted = os.environ["MATRIX"].split()
    if wanted == ["quick"]:
        return [ends[0][0], _newest_here(*ends[-1])]
    unknown = set(wanted) - {oldest.core for oldest, _newest in ends}
    assert not unknown, f"README's table has no ansible-core {', '.join(unknown)}"
    return [cell for pair in ends for cell in pair if not wanted or cell.core in wanted]


def _ends(row):
    core, oldest_controller, newest_controller, oldest_target, newest_target = row
    return core, (oldest_controller, oldest_target), (newest_controller, newest_target)


def _newest_here(oldest, newest):
    """Return ``newest`` with Pythons that this machine has, none older than those of ``oldest``."""

    def lowered(least, most):
        minors = range(int(most.partition(".")[2]), int(least.partition(".")[2]) - 1, -1)
        return next((version for version in map("3.{}".format, minors) if found(version)), most)

    return Cell(newest.core, lowered(oldest.controller, newest.controller), lowered(oldest.target, newest.target))


def found(version):
    """Return the path of this machine's Python ``version``, PATH's or pyenv's, None without."""
    home = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    for path in [shutil.which(f"python{version}"), *home.glob(f"versions/{version}.*/bin/python{version}")]:
        # pyenv's shim for a version that isn't switched on is there and fails.
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(path)
    return None


def python(version):
    """Return the path of this machine's Python ``version``; skip the test without."""
    path = found(version)
    if path:
        return path
    pytest.skip(f"no Python {version} on this machine; script/in runs the matrix on another Debian")


def programs(core, version):
    """Return the directory of the programs of ansible-core ``core`` under Python ``version``, installed if need be."""
    home = ROOT / ".cache/core" / f"{core}-python{version}"
    if not (home / "installed").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([python(version), "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"ansible-core=={core}.*"], check=True)
        (home / "installed").touch()
    return home / "bin"


def environment(core, version, **more):
    """Return the environment in which ``core`` under Python ``version`` is the Ansible."""
    return {**os.environ, "PATH": f"{programs(core, version)}:{os.environ['PATH']}", **more}
