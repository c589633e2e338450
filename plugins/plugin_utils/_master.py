# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private ssh master: a fresh connection, its control socket, and nothing left of either afterwards."""

import fcntl
import os
import pty
import secrets
import selectors
import shutil
import signal
import subprocess
import tempfile
import termios
import time

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

# The keeper outlives us for as long as it takes to clean up: when its standard input ends, whether we closed it or
# were killed, it ends ssh with all that ssh started, and removes the directory.
KEEPER = """
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

# sun_path has 104 bytes where it is shortest; ssh binds a name that is 17 longer and then links it into place.
LONGEST = 103 - 17
SECONDS_TO_END = 5


def new_directory():
    """Return a name for a directory in which a control socket's path is short enough; raise Error."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 (the keeper makes it anew, 0700)
        name = os.path.join(base, "clone-" + secrets.token_hex(6))
        if len(os.fsencode(name + "/s")) <= LONGEST and os.access(base, os.W_OK | os.X_OK):
            return name
    raise Error("No temporary directory has a path short enough for a control socket: set TMPDIR to a shorter one.")


class ConnectionFailed(Error):
    """ssh did not reach the server or was not let in; ``words`` is what it said."""

    def __init__(self, words):
        super().__init__(words)
        self.words = words


class Master:
    """A context manager. ``command(control_path)`` returns the argument list, ``answers`` pairs of prompt and answer.

    A prompt is part of what ssh asks on its terminal; each is answered once. The answers go to ssh's own terminal and
    nowhere else. ``timeout`` is in seconds, for the way from here to a control socket that listens.
    """

    def __init__(self, command, timeout, answers=()):
        self.timeout = timeout
        self.answers = list(answers)
        self.directory = new_directory()
        self.control_path = os.path.join(self.directory, "s")
        self.command = command(self.control_path)
        self.keeper = None
        self.errors = None
        self.terminal = ()
        self.asked = ""

    def __enter__(self):
        try:
            self._start()
            self.connection = self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc):
        try:
            if self.keeper:
                self._end()
        finally:
            for fd in self.terminal:
                os.close(fd)
            if self.errors:
                self.errors.close()

    def words(self):
        """Return what ssh printed so far, on one line."""
        lines = os.pread(self.errors.fileno(), 1 << 16, 0).decode("utf-8", "replace").splitlines()
        return "; ".join(" ".join(line.split()) for line in lines if line.strip())

    def _start(self):
        environment = dict(os.environ, SSH_ASKPASS_REQUIRE="never")
        environment.pop("SSH_ASKPASS", None)
        # ssh runs LocalCommand by it; a service account's says no.
        if os.path.basename(environment.get("SHELL", "")) in ("nologin", "false"):
            environment["SHELL"] = "/bin/sh"
        control = None
        if self.answers:
            self.terminal = pty.openpty()

            def control():
                fcntl.ioctl(self.terminal[1], termios.TIOCSCTTY, 0)

        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the rest)
        self.keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "clone_probe", self.directory, *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            start_new_session=True,
            preexec_fn=control,  # noqa: PLW1509 (one ioctl; no portable way to get a controlling terminal without)
        )

    def _end(self):
        """Let the keeper clean up; it, ssh and what ssh started hold its output open as long as they live."""
        self.keeper.stdin.close()
        deadline = time.monotonic() + SECONDS_TO_END
        ended = False
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.keeper.stdout, selectors.EVENT_READ)
                while not ended and selector.select(max(deadline - time.monotonic(), 0)):
                    ended = not os.read(self.keeper.stdout.fileno(), 4096)
        finally:
            if not ended:
                os.killpg(self.keeper.pid, signal.SIGKILL)
            self.keeper.wait()
            self.keeper.stdout.close()
            shutil.rmtree(self.directory, ignore_errors=True)

    def _wait(self):
        """Return {host, port, user} once the control socket listens, as ssh resolved them; raise ConnectionFailed."""
        deadline = time.monotonic() + self.timeout
        said = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.keeper.stdout, selectors.EVENT_READ)
            if self.terminal:
                selector.register(self.terminal[0], selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ConnectionFailed(self._silence())
                for key, _ready in selector.select(left):
                    if self.terminal and key.fd == self.terminal[0]:
                        self._answer()
                        continue
                    piece = os.read(key.fd, 4096)
                    said += piece
                    for line in said.decode("utf-8", "replace").split("\n")[:-1]:
                        if line.startswith("open "):
                            host, port, user = line.split(" ", 3)[1:]
                            return {"host": host, "port": int(port), "user": user}
                    if not piece or b"ended " in said:
                        raise ConnectionFailed(self.words() or "ssh ended without a word")

    def _answer(self):
        self.asked += os.read(self.terminal[0], 4096).decode("utf-8", "replace")
        for prompt, answer in self.answers:
            if prompt in self.asked:
                self.asked = ""
                self.answers.remove((prompt, answer))
                os.write(self.terminal[0], answer.encode() + b"\n")
                return

    def _silence(self):
        question = " ".join(self.asked.split())
        return "; ".join(
            part
            for part in (
                f"not connected and logged in after {self.timeout:g} seconds",
                question and f"ssh asks: {question}",
                self.words(),
            )
            if part
        )
