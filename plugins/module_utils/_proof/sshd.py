# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sshd program: what it says about a configuration."""

import contextlib
import glob
import os
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

from .._config.files import os_path
from .._errors import Error
from .connection_spec import ConnectionSpec
from .private_directory import private_directory, temporary_directories


class Completed(NamedTuple):
    """What came of a program that was run to its end."""

    rc: int
    stdout: str
    stderr: str


Run = Callable[[List[str]], Completed]
MEND = "Mend it first: 'sshd -t -f %s' shows it too."


class Validation(NamedTuple):
    """sshd's verdict: the ``command``, its exit status ``rc``, and sshd's own words in ``stderr``."""

    command: str
    rc: int
    stderr: str


def require_valid(validation: Validation, what: str, todo: str) -> None:
    """Return if sshd accepted; else raise Error with sshd's words between ``what`` and ``todo``."""
    if validation.rc:
        said = "; ".join(validation.stderr.splitlines()).rstrip(".") or "nothing, with exit status %d" % validation.rc
        raise Error(("%s sshd said: %s. %s" % (what, said, todo)).rstrip(), validation=validation._asdict())


class CommandLine(NamedTuple):
    """What a listener was started with: what stands behind each ``-o``, and ``whose`` command line that is."""

    options: List[str]
    whose: str


NO_OPTIONS = CommandLine([], "")


class EffectiveConfiguration:
    """What ``sshd -T`` said, ``text``, for one connection.

    Keywords are compared in lower case: sshd writes them so up to 10.3, and as in the manual from 10.4.
    """

    def __init__(self, text: str) -> None:
        self._arguments: Dict[str, List[str]] = {}
        for line in text.splitlines():
            keyword, _blank, arguments = line.partition(" ")
            self._arguments.setdefault(keyword.lower(), []).append(arguments)

    @property
    def max_sessions(self) -> Optional[int]:
        """MaxSessions, None where the program that spoke is no sshd."""
        said = self.first("maxsessions")
        return int(said) if said else None

    def first(self, keyword: str) -> Optional[str]:
        """Return the arguments that sshd said first for a ``keyword`` in lower case, None where it doesn't know it."""
        return self._arguments.get(keyword, [None])[0]

    @property
    def pid_file(self) -> str:
        """The path of the listener's PidFile."""
        return os_path(self.first("pidfile") or "")

    @property
    def listen_addresses(self) -> Set[Tuple[str, int]]:
        """The ``(host, port)`` that sshd listens on, in numbers."""
        addresses = set()
        for argument in self._arguments.get("listenaddress", ()):
            host, _colon, port = argument.split(" ")[0].rpartition(":")
            addresses.add((host.strip("[]"), int(port)))
        return addresses


class Sshd:
    """A context manager around the sshd at ``path``; ``run(command)`` returns what Completed.

    ``find(self, effective)`` returns the CommandLine that sshd listens with: its ``-o`` come before every file, and sshd is
    asked with the same. It is called once sshd has said where that is.
    Where a host key or the privilege separation directory is missing, as before sshd's first start, it lends them
    for the time of the test: sshd would not look at the configuration without them.
    """

    def __init__(
        self,
        path: str,
        run: Callable[[List[str]], Tuple[int, str, str]],
        find: Optional[Callable[["Sshd", EffectiveConfiguration], CommandLine]] = None,
    ) -> None:
        self.path = path
        self.command_line = NO_OPTIONS
        self._find = find
        self._run = run
        self._lent = contextlib.ExitStack()
        self._host_key: List[str] = []
        self._version: Optional[str] = None

    def __enter__(self) -> "Sshd":
        if not os.path.isfile(self.path) or not os.access(self.path, os.X_OK):
            hint = "is openssh-server installed? 'sshd' names its program"
            raise Error("%s is no program that can be run: %s" % (self.path, hint))
        return self

    def __exit__(self, *exc: Any) -> Optional[bool]:
        return self._lent.__exit__(*exc)

    def run(self, command: List[str]) -> Completed:
        """Run any program as sshd is run."""
        return Completed(*self._run(command))

    @property
    def version(self) -> Optional[str]:
        """The program's version as it tells it, None where it doesn't."""
        if self._version is None:
            # Before 9.3 there is no -V, and what sshd says of that names its version.
            said = self.run([self.path, "-V"]).stderr
            self._version = next((line.strip() for line in said.splitlines() if line.startswith("OpenSSH_")), "")
        return self._version or None

    def test(self, main: str, *, lend: bool = True) -> Validation:
        """Return the Validation of ``sshd -t`` on the ``main`` file; without ``lend``, as it would start now."""
        return self._ask(["-t", "-f", main], lend)[0]

    def effective(self, main: str, spec: ConnectionSpec) -> Tuple[Validation, EffectiveConfiguration]:
        """Return what ``sshd -T -C`` says on the ``main`` file for the connection ``spec``. Raises Error."""
        validation, text = self._ask(["-T", "-f", main, "-C", spec.argument])
        effective = EffectiveConfiguration(text)
        if not validation.rc and effective.max_sessions is None:
            raise Error("%s is no sshd: it does not say what is in force. Name sshd's program in 'sshd'" % self.path)
        if not validation.rc and self._find:
            find, self._find = self._find, None
            self.command_line = find(self, effective)
            if self.command_line.options:
                started_with = self.effective(main, spec)
                if not started_with[0].rc:
                    return started_with
                # What it was started with it took: that was cut off, or read in a way that it wasn't meant.
                limits = [one for one in self.command_line.options if one.lower().startswith("maxsessions")]
                self.command_line = self.command_line._replace(options=limits)
                return self.effective(main, spec)
        return validation, effective

    def _ask(self, arguments: List[str], lend: bool = True) -> Tuple[Validation, str]:
        for _attempt in range(3):
            options = [word for option in self.command_line.options for word in ("-o", option)]
            command = [self.path] + arguments + options + (self._host_key if lend else [])
            said = self.run(command)
            missing = re.search("Missing privilege separation directory: (.+)", said.stderr)
            if lend and said.rc and "no hostkeys available" in said.stderr and not self._host_key:
                self._lend_host_key()
            elif lend and said.rc and missing:
                self._lend_directory(missing.group(1).strip())
            else:
                break
        return Validation(" ".join(command), said.rc, said.stderr.replace("\r", "").strip()), said.stdout

    def _lend_host_key(self) -> None:
        place = temporary_directories()[0]
        try:
            key = os.path.join(self._lent.enter_context(private_directory(place)), "key")
        except OSError as error:
            raise Error(
                "sshd has no host key to test with, and none can be lent in %s: %s. Make room there, or name another "
                "directory in TMPDIR" % (place, error.strerror)
            ) from error
        for kind in ("ed25519", "ecdsa", "rsa"):  # in FIPS mode the first is refused
            made = self.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key])
            if not made.rc:
                break
        else:
            said = made.stderr.strip()
            raise Error("sshd has no host key to test with, and ssh-keygen can't lend one: %s. Give it one (HostKey)" % said)
        self._host_key = ["-h", key]

    def _lend_directory(self, path: str) -> None:
        try:
            os.mkdir(path, 0o755)
        except OSError as error:
            raise Error("sshd needs the directory %s to test anything: %s. Make it" % (path, error.strerror)) from error
        self._lent.callback(_take_back, path)


def _take_back(directory: str) -> None:
    """Remove the lent ``directory`` unless somebody has started sshd meanwhile: without it nobody could log in there."""
    with contextlib.suppress(OSError):
        if not _is_running():
            os.rmdir(directory)
            if _is_running():
                os.mkdir(directory, 0o755)


def _is_running() -> bool:
    """Say whether an sshd runs with this root directory, or systemd is about to start one, which it calls (sshd)."""
    for process in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError), open(process + "/comm") as file:
            if file.read().strip("()\n") == "sshd" and os.path.samestat(os.stat(process + "/root"), os.stat("/")):
                return True
    return False
