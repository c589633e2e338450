# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Match of somebody's that overrides the limit for some is reported, with its line; only one for all is refused."""

import pytest

CASES = {
    "one user": ("User bob", ""),
    "everyone but root": ("User *,!root", ""),
    "everyone but a network": ("Address *,!10.0.0.0/8", ""),
    "the user in whose name sshd is asked": ("User nobody", ""),
    "that user's group": ("Group nogroup", ""),
    "every group but root's": ("Group *,!root", ""),
    "every address of IPv4": ("Address 0.0.0.0/0", ""),
    "one of two ports": ("LocalPort 22", "Port 22\nPort 2222\n"),
}


@pytest.fixture(scope="module")
def answers(playbooks, lay):
    trees = {name: lay(f"{main}Match {criteria}\n    MaxSessions 2\n") for name, (criteria, main) in CASES.items()}
    results = playbooks.module({name: {"config": tree.path(), "clone_depth": 5} for name, tree in trees.items()})
    return {name: (tree, results[name]) for name, tree in trees.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_match_for_some_is_reported_and_left_alone(answers, name):
    tree, result = answers[name]
    assert result["changed"] and result["effective"]["after"] == 6
    line = 1 + tree.read().split("\n").index("    MaxSessions 2")
    criteria = CASES[name][0]
    assert result["overridden_by"] == [{"path": tree.path(), "line": line, "max_sessions": 2, "match": criteria}]
