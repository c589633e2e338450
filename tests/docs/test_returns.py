# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules return is what their documentation and README say, in samples too."""

import importlib
import json
import os
import re
import subprocess

import pytest
import yaml
from installed import ROOT
from throwaway_sshd import ThrowawaySshd

P = "multiplex.sshd"
MODULES_IN = f"ansible_collections.{P}.plugins.modules"
MODULES = ("max_sessions", "max_sessions_info", "reload", "clone_probe")
# As often as it takes to see each value that can be null as something else.
TASKS = [
    ("max_sessions", {"clone_depth": 3, "confirm_within": 60, "rules": [{"match": "User nobody", "clone_depth": 9}]}),
    ("reload", {}),
    ("max_sessions", {"state": "confirmed"}),
    ("max_sessions", {"clone_depth": 4, "confirm_within": 60}),
    ("max_sessions", {"state": "reverted"}),
    ("max_sessions", {"state": "reverted"}),
    ("max_sessions", {"state": "absent", "reload": True}),
    ("max_sessions", {"clone_depth": 5, "verify": True}),
    ("max_sessions_info", {"contexts": [{"user": "nobody"}]}),
    ("clone_probe", {"clone_depth": 5, "exact": True}),
]
ANSIBLES = {"changed", "failed", "diff", "invocation", "warnings", "exception", "deprecations"}
ELSEWHERE = {"probed_in_check_mode"}  # in check mode


@pytest.fixture(scope="module")
def results():
    """[(module, options, what it returned)] of TASKS."""
    with ThrowawaySshd(body="MaxSessions 2\nMatch User daemon\n  MaxSessions 1\n") as server:
        server.write("sshd_config", f"MaxSessions 7\nInclude {server.drop_ins}/*.conf\n{server.read()}")
        server.write("inventory", server.inventory())
        tasks = []
        for number, (module, options) in enumerate(TASKS):
            given = options if module == "clone_probe" else {**options, "config": server.config}
            tasks.append({f"{P}.{module}": given, "register": f"kept{number}"})
        kept = ", ".join(task["register"] for task in tasks)
        tasks.append({"ansible.builtin.copy": {"content": "{{ [%s] | to_json }}" % kept, "dest": server.path("kept.json")}})
        play = server.write("play.yml", json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        words = ["ansible-playbook", "-i", server.path("inventory"), play]
        done = subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return [(*task, result) for task, result in zip(TASKS, json.loads(server.read("kept.json")), strict=True)]


@pytest.fixture(scope="module")
def returned(results):
    """{module: what it returned}, of several runs the first that is not null."""
    found = {module: {} for module in MODULES}
    for module, _options, result in results:
        for name, value in result.items():
            if found[module].get(name) in (None, []):
                found[module][name] = value
    return found


def documented(module):
    return yaml.safe_load(importlib.import_module(f"{MODULES_IN}.{module}").RETURN)


def keys(value):
    """The keys of a dictionary, or of a list's first; None of all else."""
    if isinstance(value, list):
        value = value[0] if value else None
    return set(value) if isinstance(value, dict) else None


@pytest.mark.parametrize("module", MODULES)
def test_every_value_is_documented_and_there(module, returned):
    assert set(returned[module]) - ANSIBLES == set(documented(module)) - ELSEWHERE


def test_what_is_said_to_be_there_is_there_each_time(results):
    for module, options, result in results:
        always = {name for name, about in documented(module).items() if about["returned"] != "in check mode"}
        assert set(result) >= always, (module, options)


def test_what_was_settled_is_told(results):
    told = [result["settled"] for _module, options, result in results if options.get("state") in ("confirmed", "reverted")]
    assert told == ["confirmed", "reverted", None]


@pytest.mark.parametrize("module", MODULES)
def test_samples_have_the_keys_that_are_returned(module, returned):
    wrong = []
    for name, about in documented(module).items():
        there = keys(returned[module].get(name))
        shown = [keys(about.get("sample")), keys(about.get("contains"))]
        wrong += [(name, said, there) for said in shown if said and there and said != there]
    assert not wrong


def test_readme_shows_what_is_returned(returned):
    (shown,) = re.findall(r"(?ms)^```json\n(.*?)^```", (ROOT / "README.md").read_text())
    for name, value in json.loads(shown).items():
        assert name in returned["max_sessions"]
        there = keys(returned["max_sessions"][name])
        assert not (keys(value) and there) or keys(value) <= there, name
