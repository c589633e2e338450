# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH server that means no good: ``hostile_server.py KEY AUTHORIZED WAY``; prints its port, ends with its input."""

import asyncio
import sys
import threading

import asyncssh

MEGABYTE = "x" * 999 + "\n"


class Base(asyncssh.SSHServer):
    """Lets the authorized key in."""

    def connection_made(self, conn):
        self.connection = conn


class Banners(Base):
    """Sends banners for as long as the client listens, and lets nobody in."""

    async def begin_auth(self, username):
        while not self.connection.is_closed():
            self.connection.send_auth_banner(MEGABYTE * 200)
            await asyncio.sleep(0.001)
        return True


class Tells(Base):
    """Asks for the password in the open, and repeats it to whoever may listen."""

    def kbdint_auth_supported(self):
        return True

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "Log in, please", "", [("Password: ", True)]

    def validate_kbdint_response(self, username, responses):
        self.connection.send_auth_banner(f"Wrong: {responses[0]}\n")
        return False

    def public_key_auth_supported(self):
        return False


async def chatter(process):
    """Never answer, and never be quiet."""
    while True:
        process.stdout.write(MEGABYTE * 30)
        await process.stdout.drain()


async def greet(reader, writer):
    """Say anything but a greeting."""
    while not writer.is_closing():
        writer.write(b"x" * 8000 + b"\r\n")
        await writer.drain()


async def main(key, authorized, way):
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    if way == "greet":
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    else:
        factory = {"banners": Banners, "tells": Tells}.get(way, Base)
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=factory,
            server_host_keys=[key],
            authorized_client_keys=authorized,
            process_factory=chatter,
        )
        port = server.get_port()
    print(port, flush=True)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
