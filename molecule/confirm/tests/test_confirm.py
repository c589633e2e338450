# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed proof leaves what was there before, on disk and in the running server."""


def test_etc_ssh_is_as_before(host):
    with host.sudo():
        assert host.check_output("/usr/local/sbin/snapshot-sshd") == host.check_output("cat /root/snapshot")


def test_new_connections_have_the_old_limit(host, server):
    packaged = 4 if host.backend.host == "el-layout" else 10
    assert server.sessions("alice", 12) == packaged
    assert server.sessions("admin", 12) == 3
