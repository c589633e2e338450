# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clone depth of 5 is six sessions on one connection, for anyone, and not one more."""

import pytest


@pytest.mark.parametrize("user", ["alice", "admin"])
def test_five_clones_open_and_the_next_is_refused(server, user):
    assert server.sessions(user, 10) == 6


def test_the_server_logs_the_refusal(server, refusals):
    before = refusals()
    server.sessions("alice", 10)
    assert refusals(above=before) == before + 1


def test_sshd_agrees(host):
    with host.sudo():
        assert "maxsessions 6" in host.check_output("/usr/sbin/sshd -T").lower()
