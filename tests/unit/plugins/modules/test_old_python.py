# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that is too old gets as far as the sentence that says so: ansible-core 2.16 still finds a Python 2.7 on hosts."""

import ast
import glob
import json
import os
import subprocess
import sys

import pytest
from ansible_collections.multiplex.sshd.plugins import modules

ON_THE_TARGET = [
    path
    for path in sorted(glob.glob(os.path.join(*modules.__path__, "*.py")))
    if os.path.basename(path) not in ("__init__.py", "clone_probe.py")  # documentation of what runs on the controller
]
# The first version that parses each is a 3.
TOO_NEW = (
    ast.AnnAssign, ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await, ast.JoinedStr, ast.NamedExpr, ast.Nonlocal,
    ast.YieldFrom,
)  # fmt: skip


def too_new(node):
    """Say whether Python 2.7 can't parse ``node``."""
    if isinstance(node, ast.FunctionDef):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, arguments.kwarg]
        annotated = node.returns or any(one and one.annotation for one in every)
        return bool(arguments.kwonlyargs or arguments.posonlyargs or annotated)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return any(isinstance(one, ast.Starred) for one in node.elts)
    if isinstance(node, ast.Dict):
        return None in node.keys
    if isinstance(node, ast.Call):
        starred = [at for at, one in enumerate(node.args) if isinstance(one, ast.Starred)]
        doubled = [one for one in node.keywords if one.arg is None]
        last = not doubled or (len(doubled) == 1 and node.keywords[-1] is doubled[0])
        return not last or bool(starred and starred[0] != len(node.args) - 1)
    return isinstance(node, TOO_NEW) or (isinstance(node, ast.Raise) and node.cause is not None)


@pytest.mark.parametrize("path", ON_THE_TARGET, ids=os.path.basename)
def test_python_2_7_parses_it(path):
    with open(path, encoding="ascii") as file:  # 2.7 takes nothing else without a declaration
        tree = ast.parse(file.read())
    assert [(type(node).__name__, node.lineno) for node in ast.walk(tree) if too_new(node)] == []


@pytest.mark.parametrize("path", ON_THE_TARGET, ids=os.path.basename)
def test_it_says_what_is_needed_before_it_loads_anything_else(path):
    program = "import sys; sys.version_info, sys.version = (2, 7, 18), '2.7.18 (default)'; exec(open(sys.argv[1]).read())"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, path], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and not done.stderr
    result = json.loads(done.stdout)
    assert result["failed"] and f"needs Python 3.6 or later on the host, {sys.executable} is 2.7.18: " in result["msg"]
