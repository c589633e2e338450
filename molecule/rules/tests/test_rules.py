# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in the group gets what the rule promises, everybody else the baseline."""

import pytest


@pytest.mark.parametrize(("user", "sessions"), [("alice", 2), ("admin", 5), ("bob", 10)])
def test_everyone_gets_what_is_theirs(server, user, sessions):
    assert server.sessions(user, 15) == sessions


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_the_server_logs_the_refusal(server, refusals, user):
    before = refusals()
    server.sessions(user, 15)
    assert refusals(above=before) == before + 1
