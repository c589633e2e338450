# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty real forks and the host that they all delegate to, as README.md has it."""

import os
import pathlib
import re
import subprocess

import pytest
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
until [ "$(ls {folder} | wc -l)" -ge {forks} ]; do
    n=$((n + 1))
    [ $n -lt 1200 ] || exit 9
    sleep .1
done
"""


@pytest.fixture
def hub():
    """The host, with room for no more than what sshd has unless it is told otherwise, and two logins at a time."""
    server = ThrowawaySshd("LogLevel VERBOSE\n")
    server.write("sshd_config", server.read().replace("MaxStartups 200", "MaxStartups 2:100:2"))
    os.mkdir(server.path("together"))
    server.write("drain", TOGETHER.format(folder=server.path("together"), forks=FORKS))
    os.chmod(server.path("drain"), 0o755)  # noqa: S103 (the user who logs in runs it)
    with server:
        yield server


def play(hub, text):
    """Run ``text`` with so many forks; return (exit status, what Ansible printed)."""
    web = "".join(f"web{number:02} ansible_host=192.0.2.{number}\n" for number in range(FORKS))
    inventory = hub.inventory("hub").rstrip() + f" max_sessions_config={hub.config}\n[web]\n{web}"
    text = text.replace("/usr/local/bin/drain", hub.path("drain"))
    words = ["ansible-playbook", f"--forks={FORKS}", "-i", hub.write("inventory", inventory), hub.write("play.yml", text)]
    environment = dict(os.environ, ANSIBLE_BECOME="false")
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=400)
    return done.returncode, done.stdout + done.stderr


def delegating(text):
    """Return the second play of ``text`` alone."""
    return text[text.index("- name: Tasks of 20 forks") :]


def logged(hub, words):
    return hub.read("log").count(words)


def test_the_recipe(hub):
    status, output = play(hub, RECIPE.partition("- name: Tasks of 20 forks")[0])
    assert status == 0 and "MaxSessions 40" in hub.read(), output
    before = logged(hub, "Accepted publickey")
    # Ansible's connection is from before the change, and has the old limit.
    hub.leave()
    status, output = play(hub, delegating(RECIPE))
    assert status == 0, output
    assert len(re.findall(r"(?m)^web\d\d +: ok=[12] .*unreachable=0 +failed=0", output)) == FORKS, output
    assert len(os.listdir(hub.path("together"))) == FORKS
    assert logged(hub, "Accepted publickey") == before + 1, "a fork opened a connection of its own"
    assert logged(hub, "no more sessions") == 0
