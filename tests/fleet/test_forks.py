# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty real forks and the host that they all delegate to, as README.md has it."""

import contextlib
import os
import pathlib
import re
import struct
import subprocess

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import Channels
from ansible_collections.multiplex.sshd.plugins.plugin_utils._client import Target
from ansible_collections.multiplex.sshd.plugins.plugin_utils._master import Master
from ansible_collections.multiplex.sshd.plugins.plugin_utils._proxy import Proxy
from throwaway_sshd import ThrowawaySshd

ROOT = pathlib.Path(__file__).parents[2]
FORKS = 20
(RECIPE,) = [
    text for text in re.findall(r"(?ms)^```yaml\n(.*?)^```", (ROOT / "README.md").read_text()) if "run_once" in text
]
WARM_UP = re.compile(r"    - name: Open the connection.*?run_once: true\n\n", re.DOTALL)

# Ends once as many run at one time as there are forks: only that many sessions at once let it end.
TOGETHER = """#!/bin/sh
mkdir {folder}/$1
n=0
until set -- {folder}/*; [ $# -ge {forks} ]; do
    n=$((n + 1))
    [ $n -lt 240 ] || exit 9
    sleep .5
done
"""


def start(stack, body, startups):
    """Start the host."""
    server = ThrowawaySshd(f"LogLevel VERBOSE\n{body}")
    server.write("sshd_config", server.read().replace("MaxStartups 200", f"MaxStartups {startups}"))
    os.mkdir(server.path("together"))
    server.write("drain", TOGETHER.format(folder=server.path("together"), forks=FORKS))
    os.chmod(server.path("drain"), 0o755)  # noqa: S103 (the user who logs in runs it)
    return stack.enter_context(server)


@pytest.fixture
def hub():
    """Return a function that starts a host with sshd's lines and MaxStartups; it ends with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda body="", startups="200": start(stack, body, startups)


def play(server, text):
    """Run ``text`` with so many forks; return (exit status, what Ansible printed)."""
    web = "".join(f"web{number:02} ansible_host=192.0.2.{number}\n" for number in range(FORKS))
    inventory = f"{server.inventory('hub').rstrip()} max_sessions_config={server.config}\n[web]\n{web}"
    text = text.replace("/usr/local/bin/drain", server.path("drain"))
    words = ["ansible-playbook", f"--forks={FORKS}", "-i", server.write("inventory", inventory)]
    words.append(server.write("play.yml", text))
    environment = dict(os.environ, ANSIBLE_BECOME="false")
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=400)
    return done.returncode, done.stdout + done.stderr


def logged(server, words):
    return server.read("log").count(words)


def test_the_recipe(hub):
    # Two logins at one time, and no more: a third is dropped.
    server = hub(startups="2:100:2")
    status, output = play(server, RECIPE)
    assert status == 0, output
    assert "MaxSessions 40" in server.read()
    assert sorted(os.listdir(server.path("together"))) == [f"web{number:02}" for number in range(FORKS)]
    assert logged(server, "no more sessions") == 0
    # The role's, its proof's, and the one for all forks.
    assert logged(server, "Accepted publickey") == 3, server.read("log")


def test_a_cold_start_opens_connections_of_the_forks_own(hub):
    server = hub("MaxSessions 40\n")
    cold, found = WARM_UP.subn("", RECIPE[RECIPE.index("- name: Tasks of") :])
    assert found == 1
    status, output = play(server, cold)
    assert status == 0, output
    assert logged(server, "Accepted publickey") > 1


def test_the_old_limit_stays_with_the_connection_that_is_not_let_go(hub):
    server = hub()
    status, output = play(server, RECIPE.replace("reset_connection", "noop"))
    assert status == 0, output
    assert logged(server, "no more sessions") > 0 and logged(server, "Accepted publickey") > 3


@pytest.mark.parametrize(("limit", "refused"), [(1, True), (2, False)])
def test_a_slot_is_not_free_yet_for_what_comes_with_the_end_of_its_session(limit, refused, hub):
    """The reason for more room than forks: the next session's opening may arrive together with the last one's end."""
    server = hub(f"MaxSessions {limit}\n")
    refusals = [opened_at_the_end_of_another(server).refusal for _try in range(5)]
    assert any(refusals) == refused
    assert logged(server, "no more sessions") == len(list(filter(None, refusals)))


def opened_at_the_end_of_another(server):
    """Return the session whose opening is sent in one piece with the close of the connection's first one."""
    with Master(Target(server.address, server.ssh_args()).master, 20) as master, Proxy(master.control_path, 20) as proxy:
        first = Channels("shell")
        proxy.settle(first, first.open(1))
        (session,) = first.opened
        sent = _mux.exec_request(session.recipient, b"exit")
        session.start(["exec"])
        first.waiting = 1
        proxy.settle(first, sent)
        proxy.watch(first, 20)
        assert session.closed
        next_one = Channels("open")
        next_one.sessions = [None]  # channel 0 is the first one's
        opening = next_one.open(1)
        proxy.settle(next_one, _mux.message(_mux.CLOSE, struct.pack(">I", session.recipient)) + opening)
    return next_one.sessions[1]
