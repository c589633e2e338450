# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The value wins over what shadows it, and bob, whom somebody's Match limits, is not raised by accident."""

import pytest


@pytest.mark.parametrize(("user", "sessions"), [("alice", 6), ("admin", 6), ("bob", 2)])
def test_everyone_gets_what_is_theirs(server, user, sessions):
    assert server.sessions(user, 10) == sessions


def test_the_server_logs_the_refusal(server, refusals):
    before = refusals()
    server.sessions("alice", 10)
    assert refusals(above=before) == before + 1


def test_nobody_elses_line_is_touched(host):
    with host.sudo():
        assert host.file("/etc/ssh/sshd_config").content_string.count("Match User bob\n    MaxSessions 2\n") == 1
        drop_in = host.file("/etc/ssh/sshd_config.d/50-cloud-init.conf")
        assert not drop_in.exists or drop_in.content_string == "MaxSessions 3\n"
