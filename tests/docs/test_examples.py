# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation shows is run as it stands, with the collection installed from a built tarball."""

import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml
from installed import ROOT, built, environment, installed
from throwaway_sshd import ThrowawaySshd

PAGES = ("README.md", "roles/max_sessions/README.md")
PLAYS = [(page, text) for page in PAGES for text in re.findall(r"(?ms)^```yaml\n(.*?)^```", (ROOT / page).read_text())]
MODULES = ("max_sessions", "reload", "clone_probe")
RELOAD = "- {hosts: all, gather_facts: false, tasks: [{multiplex.sshd.reload: {config: %s}}]}"


@pytest.fixture(scope="module")
def collections(tmp_path_factory):
    """The directory that a built tarball was installed into."""
    into = tmp_path_factory.mktemp("installed")
    installed(built(tmp_path_factory.mktemp("built")), into)
    return into


@pytest.fixture
def server():
    with ThrowawaySshd(body="MaxSessions 2\n") as running:
        running.write("sshd_config", f"Include {running.drop_ins}/*.conf\n{running.read()}")
        yield running


def play(collections, server, text, *arguments):
    """Run the playbook ``text`` against ``server`` with the installed collection; return its output."""
    server.write("play.yml", text)
    server.write("inventory", server.inventory().replace("\n", f" max_sessions_config={server.config}\n"))
    words = ["ansible-playbook", "-i", server.path("inventory"), server.path("play.yml"), *arguments]
    done = subprocess.run(
        words, env=environment(collections), capture_output=True, text=True, check=False, cwd=server.directory
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("page", "text"), PLAYS, ids=[yaml.safe_load(text)[0]["name"] for _page, text in PLAYS])
def test_play_does_what_it_says_and_nothing_the_second_time(page, text, collections, server):
    before = server.read()
    asked = yaml.safe_load(text)[0]["roles"][0]["vars"]
    output = play(collections, server, text, "--diff")
    words = pathlib.Path(server.drop_ins, "0-multiplex.conf").read_text() if os.listdir(server.drop_ins) else ""
    wanted = [asked.get("max_sessions_max_sessions", asked.get("max_sessions_clone_depth", -1) + 1)]
    wanted += [1 + rule["clone_depth"] for rule in asked.get("max_sessions_rules", ())]
    assert re.findall(r"(?m)^ *MaxSessions (\d+)$", words) == [str(number) for number in wanted], output
    assert server.read() == before
    assert "changed=0" in play(collections, server, text)


@pytest.mark.parametrize("module", MODULES)
def test_module_examples_run(module, collections, server):
    words = ["ansible-doc", "--json", f"multiplex.sshd.{module}"]
    told = json.loads(subprocess.run(words, env=environment(collections), check=True, capture_output=True, text=True).stdout)
    tasks = yaml.safe_load(told[f"multiplex.sshd.{module}"]["examples"])
    if module == "clone_probe":
        # Those of other accounts and hosts than this one are for the reader to fill in.
        tasks = [task for task in tasks if not {"user", "host"} & set(task.get(f"multiplex.sshd.{module}") or ())]
        server.write("sshd_config", "MaxSessions 6\n" + server.read())
        play(collections, server, RELOAD % server.config)
    else:
        for task in tasks:
            task[f"multiplex.sshd.{module}"] = {**(task[f"multiplex.sshd.{module}"] or {}), "config": server.config}
    assert tasks
    play(collections, server, json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
