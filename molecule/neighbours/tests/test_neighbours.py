# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beside all of them at once what was promised is in force, and what is theirs is as they left it."""

import pytest

MAIN = "  ./sshd_config"  # what follows the digest of the main file


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_what_is_promised_is_in_force(host, server, user):
    with host.sudo():
        said = host.check_output(f"/usr/sbin/sshd -T -C user={user},host=x,addr=203.0.113.7,laddr=203.0.113.1,lport=22")
    assert "maxsessions 6" in said.lower().splitlines()
    assert server.sessions(user, 10) == 6


def test_what_is_somebody_elses_is_as_they_left_it(host):
    with host.sudo():
        left = host.check_output("cat /root/left").splitlines()
        there = host.check_output("/usr/local/sbin/snapshot-sshd").splitlines()
        ours = [line for line in there if "multiplex" in line]
        assert [line for line in there if line not in ours and not line.endswith(MAIN)] == [
            line for line in left if not line.endswith(MAIN)
        ]
        # One file, by its mode and its content; no orphan.
        assert len(ours) == 2
        host.check_output("sed '/^# BEGIN multiplex/,/^# END multiplex/d' /etc/ssh/sshd_config | diff - /root/left-main")
