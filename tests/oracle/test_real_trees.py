# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What distributions ship and well-known roles leave behind: all laws hold on it."""

import glob
import os
import re

import pytest
from hypothesis import settings
from laid import Laid
from test_regressions import obeyed
from trees import Tree
from words import CRITERIA

TREES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "trees", "*.tree")
REQUESTS = (
    {"clone_depth": 5},
    {"max_sessions": 2, "rules": [{"match": "Group dba", "clone_depth": 10}]},
    {"clone_depth": 14, "policy": "at_least"},
    {"rules": [{"match": "User alice Address 10.0.0.0/8", "max_sessions": 30}]},
    {"max_sessions": 7, "location": "main"},
)


def parsed(text):
    """Return the entries of a .tree: ``==> PATH``, then the file; a slash ends a directory's, ``-> TARGET`` a link's.

    A carriage return is written as its symbol, U+240D.
    """
    entries = {}
    for head, body in re.findall(r"^==> (.+)\n((?:(?!==> ).*(?:\n|\Z))*)", text, re.M):
        path, _arrow, target = head.partition(" -> ")
        if target:
            entries[path] = ("link", target)
        elif path.endswith("/"):
            entries[path.rstrip("/")] = ("directory",)
        else:
            entries[path] = ("file", body.replace("\u240d", "\r").encode(), 0o644)
    return entries


def of_a_tree():
    """Return the cases: all requests on each tree, where few are tried one of them, another one for each."""
    names = sorted(glob.glob(TREES))
    few = settings.default.max_examples < 100
    for number, name in enumerate(names):
        for options in [REQUESTS[number % len(REQUESTS)]] if few else REQUESTS:
            yield pytest.param(name, options, id=f"{os.path.basename(name)[:-5]}-{REQUESTS.index(options)}")


def pytest_generate_tests(metafunc):
    metafunc.parametrize(("name", "options"), list(of_a_tree()))


def test_the_laws_hold(world, name, options):
    with open(name, newline="") as file:
        entries = parsed(file.read())
    words = [line.strip() for one in entries.values() if one[0] == "file" for line in one[1].decode().splitlines()]
    tree = Tree(entries, [one for one in CRITERIA if f"Match {one}" in words], [])
    laid = Laid(world, tree, [options])
    assert laid.accepted, laid.words
    assert obeyed(laid, options), "refused"
    result = laid.run(state="absent", lock_out=True).result
    assert not result.get("failed"), result["msg"]
