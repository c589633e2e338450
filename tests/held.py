# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold sessions of known kinds open over one connection, with a client that nobody here wrote."""

import asyncio
import contextlib
import threading

import asyncssh

SECONDS = 20


class Held:
    """A connection to the ``host`` and ``port`` of a server, and the sessions that are open on it.

    It has a thread of its own. ``options`` are asyncssh's, such as username, client_keys and known_hosts.
    """

    def __init__(self, host, port, **options):
        self.address = host, port
        self.options = options
        self.opened = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        try:
            self.connection = self.wait(asyncssh.connect(*self.address, config=None, **self.options))
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_exc):
        with contextlib.suppress(Exception):
            self.connection.close()
            self.wait(self.connection.wait_closed())
        self.end()

    def end(self):
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SECONDS)

    def wait(self, awaitable):
        """Return what comes of ``awaitable``."""

        async def within():
            return await asyncio.wait_for(awaitable, SECONDS)

        return asyncio.run_coroutine_threadsafe(within(), self.loop).result(2 * SECONDS)

    def command(self, text="echo open; cat", **options):
        """Open a session that runs ``text``, and return once it runs."""
        process = self.wait(self.connection.create_process(text, **options))
        self.opened.append(process)
        return self.wait(process.stdout.readline())

    def shell(self):
        """Open a window: a session with a terminal."""
        return self.command(term_type="xterm")

    def sftp(self):
        """Open a session for files."""
        self.opened.append(self.wait(self.connection.start_sftp_client()))

    def refused(self):
        """Open one more, and say whether the server refused it."""
        try:
            self.wait(self.connection.create_process("true"))
        except asyncssh.ChannelOpenError:
            return True
        return False


def try_name(host, port, **options):
    """Try to log in under any name, whatever is in it."""

    async def attempt():
        prepare, asyncssh.connection.saslprep = asyncssh.connection.saslprep, str
        try:
            await asyncssh.connect(host, port, config=None, **options)
        finally:
            asyncssh.connection.saslprep = prepare

    with contextlib.suppress(asyncssh.Error):
        asyncio.run(asyncio.wait_for(attempt(), SECONDS))
