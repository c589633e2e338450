# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs real playbooks against throwaway servers, and counts with a client that nobody here wrote."""

import asyncio
import contextlib
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time

import asyncssh
import pytest
import warm
from throwaway_sshd import ThrowawaySshd

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 120


def host_line(name, server, extra=""):
    """Return an inventory line for ``server`` under ``name``."""
    return f"{server.inventory(name).rstrip()} {extra}\n"


def probe_play(host, options, **play):
    """Return a play with one clone_probe task whose failure is kept."""
    return {
        "hosts": host,
        "gather_facts": False,
        "tasks": [{"multiplex.sshd.clone_probe": options, "ignore_errors": True}],
        **play,
    }


def commands():
    """Return the command lines of all processes, as the kernel has them."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return found


class Playbook:
    """Ansible's own command, with this checkout as the collection and everything that it leaves below ``directory``."""

    def __init__(self, directory):
        self.directory = directory
        self.temporary = directory / "t"
        self.temporary.mkdir()
        self.results = directory / "results"

    def lay(self, inventory, plays, arguments, environment):
        """Lay what is to be played; return ansible-playbook's words and environment."""
        self.results.write_text("")
        (self.directory / "inventory").write_text(inventory)
        (self.directory / "playbook.json").write_text(json.dumps(plays))
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
            "ANSIBLE_HOME": str(ROOT / ".cache/ansible"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_TIMEOUT": "60",  # machines may be busy
            "ANSIBLE_NOCOLOR": "1",
            "PROBE_RESULTS": str(self.results),
            "TMPDIR": str(self.temporary),
        }
        return ["-i", "inventory", "playbook.json", *arguments], {**os.environ, **settings, **environment}

    def start(self, inventory, plays, *arguments, **environment):
        """Start ansible-playbook in a process group of its own and return the process."""
        words, whole = self.lay(inventory, plays, arguments, environment)
        return subprocess.Popen(
            [sys.executable, "-m", "ansible", "playbook", *words],
            cwd=self.directory,
            env=whole,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, inventory, plays, *arguments, **environment):
        """Run the plays and return (results by host, everything that Ansible printed)."""
        if environment:  # an agent that it starts ends with its process
            with self.running(inventory, plays, *arguments, **environment) as process:
                printed, more = process.communicate(timeout=SECONDS)[0], ""
        else:
            words, whole = self.lay(inventory, plays, arguments, environment)
            _status, printed, more = warm.ansible_playbook(words, whole, str(self.directory))
        results = {}
        for line in self.results.read_text().splitlines():
            one = json.loads(line)
            results[one["host"]] = one["result"]
        assert results, printed + more
        return results, printed + more

    @contextlib.contextmanager
    def running(self, *args, **environment):
        """Yield ansible-playbook's process, and end all of its group afterwards."""
        process = self.start(*args, **environment)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()

    def probe(self, server, options, extra="", **environment):
        """Probe one server and return the result."""
        results, _said = self.run(host_line("one", server, extra), [probe_play("one", options)], **environment)
        return results["one"]

    def leftovers(self):
        """Return what a probe has left: directories, and processes that know our temporary directory."""
        own = str(self.temporary).encode()
        left = [str(path) for path in self.temporary.glob("clone-*")]
        return left + [command.replace(b"\0", b" ").decode() for command in commands() if own in command]


@pytest.fixture
def playbook(tmp_path_factory):
    """A Playbook; whatever test uses it, its probes must have left nothing."""
    playbook = Playbook(tmp_path_factory.mktemp("p"))
    yield playbook
    assert playbook.leftovers() == []


@pytest.fixture(scope="module")
def module_playbook(tmp_path_factory):
    """A Playbook for tests that read one run's results."""
    return Playbook(tmp_path_factory.mktemp("p"))


@pytest.fixture
def servers():
    """Return a function that starts a ThrowawaySshd which ends with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(ThrowawaySshd(*args, **kwargs))


class StallingSshd(ThrowawaySshd):
    """A server whose process for a connection stops as soon as the first session's command runs.

    It starts a few hundred in the time that one needs to get that far: ask for MANY, and not all are answered by then.
    """

    MANY = 400

    def __init__(self, first="", signal_name="STOP"):
        super().__init__("", first=first)
        os.mkfifo(self.path("stopped"))
        os.mkdir(self.path("first"))
        for name in ("stopped", "first"):
            os.chmod(self.path(name), 0o777)  # noqa: S103 (by the user who logs in)
        self.write(
            "stall",
            f"#!/bin/sh\nmkdir {self.path('first/once')} || exec cat\nkill -{signal_name} $PPID\n"
            f"echo $PPID >{self.path('stopped')}\n",
        )
        os.chmod(self.path("stall"), 0o755)  # noqa: S103 (the user who logs in runs it)
        self.write("sshd_config", self.read() + f"MaxSessions 500\nForceCommand exec {self.path('stall')}\n")

    def stopped(self):
        """Wait until it happened and return the process' id."""
        pipe = os.open(self.path("stopped"), os.O_RDONLY | os.O_NONBLOCK)
        with open(pipe) as file:
            ready, _writable, _errors = select.select([file], [], [], SECONDS)
            assert ready, "no session was started"
            return int(file.read())


@pytest.fixture
def stalling():
    """Return a function that starts a StallingSshd, which ends with the test, its stopped process too."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(StallingSshd(*args, **kwargs))


def reload(server):
    """Make ``server`` read its configuration again and wait until it listens anew."""
    before = server.read("log").count("Server listening")
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + SECONDS
    while server.read("log").count("Server listening") == before:
        assert time.monotonic() < deadline, server.read("log")
        time.sleep(0.01)


async def _count(server, asked, **account):
    keys = {"client_keys": [server.key], "username": server.user, **account}
    async with asyncssh.connect(
        server.address, server.port, known_hosts=server.known_hosts, config=None, agent_path=None, **keys
    ) as connection:
        opening = [connection.create_process("cat", encoding=None) for dummy in range(asked)]
        return sum(not isinstance(each, BaseException) for each in await asyncio.gather(*opening, return_exceptions=True))


def independent_count(server, asked, **account):
    """Return how many of ``asked`` sessions asyncssh starts on one connection."""
    return asyncio.run(_count(server, asked, **account))
