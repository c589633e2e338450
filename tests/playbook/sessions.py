# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of a client that nobody here wrote, which never opens another connection when one is refused."""

import asyncssh


def connect(server):
    """Return asyncssh's context manager of a fresh connection to ``server``."""
    return asyncssh.connect(
        server.address, server.port, username=server.user, client_keys=[server.key], known_hosts=server.known_hosts,
        config=[],
    )  # fmt: skip


async def carried(connection, most=50):
    """Return how many sessions ``connection`` carries at once; they stay open."""
    for number in range(most):
        try:
            await connection.create_process("cat")
        except asyncssh.ChannelOpenError:
            return number
    raise AssertionError(f"more than {most} sessions on one connection")


async def limit(server):
    """Return how many sessions a fresh connection to ``server`` carries."""
    async with connect(server) as connection:
        return await carried(connection)
