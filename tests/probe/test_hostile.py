# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that floods, stalls and repeats secrets neither holds the probe up nor fills its memory nor its messages."""

import contextlib
import pathlib
import subprocess
import sys
import time
import tracemalloc

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client, _probe, _verdict
from conftest import probe_play

SCRIPT = pathlib.Path(__file__).with_name("hostile_server.py")
MOST = 1 << 20  # bytes
SECRET = "hunter2 and\\more"  # noqa: S105


@pytest.fixture
def hostile(tmp_path):
    """Return a function that starts the server in one of its ways and returns (port, key)."""
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    with contextlib.ExitStack() as stack:

        def start(way):
            words = [sys.executable, str(SCRIPT), str(tmp_path / "host"), str(tmp_path / "key.pub"), way]
            process = stack.enter_context(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            return int(process.stdout.readline()), str(tmp_path / "key")

        yield start


@contextlib.contextmanager
def bounded(seconds):
    """Demand that the block takes neither much memory nor many seconds."""
    tracemalloc.start()
    begin = time.monotonic()
    try:
        yield
        assert time.monotonic() - begin < seconds
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


def target(port, key, timeout=10):
    args = f"-F none -i {key} -p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null".split()
    return _client.Target("127.0.0.1", args, timeout)


def test_banners_without_end(hostile):
    at = target(*hostile("banners"), timeout=2)
    with bounded(60), pytest.raises(Error, match="not connected and logged in after 4 seconds") as error:
        _probe.probe(at, 1)
    assert len(str(error.value)) < 1000


def test_anything_but_a_greeting(hostile):
    at = target(*hostile("greet"), timeout=2)
    with bounded(60), pytest.raises(Error, match="No connection to ") as error:
        _probe.probe(at, 1)
    assert len(str(error.value)) < 1000


def test_sessions_that_chatter_and_do_not_answer(hostile):
    at = target(*hostile("chatter"))
    with bounded(120):
        outcome = _probe.probe(at, 5, session="answer")
    assert (outcome.opened, outcome.reached) == (6, 0)
    message = _verdict.complaint(outcome, 5)
    assert "Session 1 was the first that did not answer: no answer for 10 seconds; it said: " in message
    assert len(message) < 1000


@pytest.mark.parametrize("session", ["open", "exec", "shell"])
def test_chatter_does_not_matter_to_those_who_do_not_listen(session, hostile):
    at = target(*hostile("chatter"))
    with bounded(120):
        outcome = _probe.probe(at, 5, session=session)
    assert (outcome.opened, outcome.reached, outcome.lost) == (6, 6, None)


def test_a_secret_that_is_repeated(hostile, playbook):
    port, _key = hostile("tells")
    inventory = f"one ansible_host=127.0.0.1 ansible_port={port} ansible_user=u ansible_host_key_checking=false\n"
    play = probe_play("one", {"clone_depth": 1}, vars={"ansible_password": SECRET, "ansible_ssh_common_args": "-F none"})
    results, said = playbook.run(inventory, [play], "-vvvv")
    message = results["one"]["msg"]
    assert "Wrong: ********; " in message and "Permission denied" in message, message
    for each in ("hunter2", "and", "more"):
        assert each not in message.partition("ssh said:")[2].partition(". Auth")[0]
    assert SECRET not in said
