# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that runs ssh and leaves nothing of it, whatever becomes of us."""

import fcntl
import os
import pty
import selectors
import shutil
import signal
import subprocess
import termios
import time

# It outlives us for as long as it takes to clean up: when its standard input ends, whether we closed it or were killed,
# it ends ssh with all that ssh started, and removes the directory.
SCRIPT = """
trap : HUP INT TERM
umask 077
directory=$1
shift
mkdir -- "$directory" || exit
{ trap : HUP INT TERM; "$@" </dev/null; echo "ended $?"; } &
read -r _
kill -TERM 0
until wait; do :; done
rm -rf -- "$directory"
"""

SECONDS_TO_END = 5


class Keeper:
    """Makes ``directory`` and runs ``command`` with a controlling terminal of its own if it is to have one.

    ``reports`` is the command's output and, once it ended, a line ``ended STATUS``; ``errors`` its standard error, which
    never blocks; ``terminal`` our end of its terminal or None. Each is a file descriptor.
    """

    def __init__(self, directory, command, with_terminal):
        self.directory = directory
        self.terminal, self._slave = pty.openpty() if with_terminal else (None, None)
        environment = dict(os.environ, SSH_ASKPASS_REQUIRE="never")
        environment.pop("SSH_ASKPASS", None)
        # ssh runs LocalCommand by it; a service account's says no.
        if os.path.basename(environment.get("SHELL", "")) in ("nologin", "false"):
            environment["SHELL"] = "/bin/sh"
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", SCRIPT, "clone_probe", directory, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
                # One ioctl; there is no portable way to get a controlling terminal without.
                preexec_fn=self._control if with_terminal else None,  # noqa: PLW1509
            )
        except BaseException:
            self._close_terminal()
            raise
        self.reports = self._process.stdout.fileno()
        self.errors = self._process.stderr.fileno()
        os.set_blocking(self.errors, False)

    def end(self):
        """Let it clean up; it, ssh and what ssh started hold its output open as long as they live."""
        self._process.stdin.close()
        self._process.stderr.close()
        deadline = time.monotonic() + SECONDS_TO_END
        ended = False
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.reports, selectors.EVENT_READ)
                while not ended and selector.select(max(deadline - time.monotonic(), 0)):
                    ended = not os.read(self.reports, 4096)
        finally:
            if not ended:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process.stdout.close()
            shutil.rmtree(self.directory, ignore_errors=True)
            self._close_terminal()

    def _control(self):
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    def _close_terminal(self):
        if self.terminal is not None:
            os.close(self.terminal)
            os.close(self._slave)
