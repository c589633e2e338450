# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count sessions over one connection with a client that nobody here wrote."""

import asyncio

import asyncssh

SECONDS = 20


class Server:
    """Where one host of the inventory serves SSH, and the key and host key with which to go there."""

    def __init__(self, variables):
        """Take the host's inventory ``variables``."""
        self.host = variables["ansible_host"]
        self.port = variables["ansible_port"]
        self.key = variables["ansible_private_key_file"]
        words = variables["ansible_ssh_common_args"].split()
        self.known_hosts = next(word.split("=", 1)[1] for word in words if word.startswith("UserKnownHostsFile="))

    def sessions(self, user, most):
        """Return how many sessions, of at most ``most``, run at once for ``user`` over one fresh connection."""
        return asyncio.run(asyncio.wait_for(self._sessions(user, most), SECONDS))

    async def _sessions(self, user, most):
        connection = await asyncssh.connect(
            self.host, self.port, username=user, client_keys=[self.key], known_hosts=self.known_hosts, config=None
        )
        async with connection:
            for opened in range(most):
                try:
                    session = await connection.create_process("echo open; cat")
                except asyncssh.ChannelOpenError:
                    return opened
                answer = await session.stdout.readline()
                assert answer == "open\n", f"session {opened + 1} opened and did not run: {await session.stderr.read()}"
        return most
