# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions per second on one connection: the probe, asyncssh, and one ssh process per clone, on one server in one run.

Connecting is not counted. Each figure is the median of ROUNDS.
"""

import asyncio
import contextlib
import os
import statistics
import subprocess
import tempfile
import time

import asyncssh
from ansible_collections.multiplex.sshd.plugins.plugin_utils._client import Target
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import probe
from asyncssh.channel import SSHClientChannel
from throwaway_sshd import ThrowawaySshd

COUNTS = (10, 50, 200)
ROUNDS = 3
BODY = "MaxSessions 1000\nMaxStartups 1000\n"


def ours(target, count, session):
    """Return the seconds that the probe takes for ``count`` sessions."""
    outcome = probe(target, clone_depth=count - 1, session=session)
    if outcome.reached != count:
        raise SystemExit(f"only {outcome.reached} of {count} sessions: give a server with MaxSessions 1000")
    return outcome.seconds_opening + outcome.seconds_starting


async def _asyncssh(way, count, session):
    async with asyncssh.connect(**way) as connection:
        begin = time.perf_counter()
        if session == "open":
            # Its interface always asks for more than the opening; underneath, the opening stands alone.
            loop = asyncio.get_running_loop()
            channels = [SSHClientChannel(connection, loop, False, None, "strict", 0, 32768) for dummy in range(count)]
            await asyncio.gather(*(channel._open(b"session") for channel in channels))
        else:
            await asyncio.gather(*(connection.create_process("cat", encoding=None) for dummy in range(count)))
        return time.perf_counter() - begin


def theirs(way, count, session):
    """Return the seconds that asyncssh takes for ``count`` sessions."""
    return asyncio.run(_asyncssh(way, count, session))


@contextlib.contextmanager
def ssh_master(target):
    """Yield the start of a command that uses one idle master."""
    with tempfile.TemporaryDirectory() as directory:
        base = ["ssh", "-S", os.path.join(directory, "s"), *target.args]
        subprocess.run([*base, "-M", "-N", "-f", target.host], check=True, stderr=subprocess.DEVNULL)
        try:
            yield [*base, "-o", "ProxyCommand=false", target.host]
        finally:
            subprocess.run([*base, "-O", "exit", target.host], check=False, stderr=subprocess.DEVNULL)


def processes(target, count):
    """Return the seconds from the first ``ssh -S`` process to the first output of all ``count``."""
    with ssh_master(target) as command:
        begin = time.perf_counter()
        clones = [
            subprocess.Popen([*command, "echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for dummy in range(count)
        ]
        lines = [clone.stdout.readline() for clone in clones]
        seconds = time.perf_counter() - begin
        for clone in clones:
            clone.communicate()
    if any(line != b"\n" for line in lines):
        raise SystemExit("an ssh -S process did not get its session")
    return seconds


def median_rate(count, measure, *args):
    """Return sessions per second, the median of ROUNDS."""
    return count / statistics.median(measure(*args) for dummy in range(ROUNDS))


def measure(target, way):
    """Print the table and return it, ``{name: [sessions per second for each of COUNTS]}``."""
    print(f"{'sessions per second, one connection':40}" + "".join(f"{count:>10}" for count in COUNTS))
    rows = {}
    for name, function, args in (
        ("clone_probe, opens", ours, (target, "open")),
        ("asyncssh, opens", theirs, (way, "open")),
        ("clone_probe, exec", ours, (target, "exec")),
        ("asyncssh, exec", theirs, (way, "exec")),
        ("one ssh -S process per clone, exec", processes, (target,)),
    ):
        rows[name] = [median_rate(count, function, args[0], count, *args[1:]) for count in COUNTS]
        print(f"{name:40}" + "".join(f"{rate:>10.0f}" for rate in rows[name]), flush=True)
    for one, other in (
        ("clone_probe, opens", "asyncssh, opens"),
        ("clone_probe, exec", "asyncssh, exec"),
        ("clone_probe, opens", "one ssh -S process per clone, exec"),
    ):
        ratios = [mine / its for mine, its in zip(rows[one], rows[other])]
        print(f"{one} : {other}  " + "  ".join(f"{ratio:.1f}" for ratio in ratios))
    return rows


def measured(server=None):
    """Measure ``server``, (host, port, user, private key), or a throwaway one; return the table."""
    if server:
        host, port, user, key = server
        unchecked = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        target = Target(host, ["-F", "none", "-p", port, "-l", user, "-i", key, *unchecked])
        way = {"host": host, "port": int(port), "username": user, "client_keys": [key], "known_hosts": None}
        return measure(target, {**way, "config": None, "agent_path": None})
    with ThrowawaySshd(BODY) as own:
        keys = {"client_keys": [own.key], "known_hosts": own.known_hosts}
        way = {"host": own.address, "port": own.port, "username": own.user}
        return measure(Target(own.address, own.ssh_args()), {**way, "config": None, "agent_path": None, **keys})
