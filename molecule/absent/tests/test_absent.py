# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written is gone, and every other byte is as it was."""


def test_etc_ssh_is_as_before(host):
    with host.sudo():
        assert host.check_output("/usr/local/sbin/snapshot-sshd") == host.check_output("cat /root/snapshot")


def test_nothing_of_ours_is_left(host):
    with host.sudo():
        assert host.check_output("find /etc /run /tmp /var -xdev -iname '*multiplex*'") == ""


def test_new_connections_have_the_old_limit(host, server):
    packaged = 4 if host.backend.host == "el-layout" else 10
    assert server.sessions("alice", 12) == packaged
