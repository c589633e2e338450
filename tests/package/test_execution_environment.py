# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection in an execution environment: what ansible-builder takes it to need, and a run under ansible-runner."""

import os
import shutil
import subprocess

import pytest
import yaml
from installed import ROOT, built, installed
from throwaway_sshd import ThrowawaySshd

EXAMPLE = ROOT / "docs/examples/execution-environment.yml"
PLAY = """\
- hosts: all
  gather_facts: false
  roles:
    - {role: multiplex.sshd.max_sessions, max_sessions_clone_depth: 5}
"""


@pytest.fixture(scope="module")
def collections(tmp_path_factory):
    into = tmp_path_factory.mktemp("collections")
    installed(built(tmp_path_factory.mktemp("built")), into)
    return into


def test_builder_finds_the_ssh_that_the_probe_runs(collections):
    words = ["ansible-builder", "introspect", str(collections)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = yaml.safe_load(done.stdout)
    assert [line.split()[0] for line in told["system"]] == ["openssh-client", "openssh-clients"]
    assert not told["python"]


def test_builder_takes_the_example(tmp_path):
    tarball = built(tmp_path)
    shutil.copy(EXAMPLE, tmp_path)
    words = ["ansible-builder", "create", "--file", EXAMPLE.name, "--context", "context"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tarball.name in EXAMPLE.read_text(), "the example names another version"
    copied = {path.name for path in (tmp_path / "context/_build").iterdir()}
    assert {tarball.name, "requirements.yml"} <= copied


def test_runner_runs_the_role(collections, tmp_path):
    with ThrowawaySshd(body="MaxSessions 2\n") as server:
        for folder in ("inventory", "project", "env"):
            (tmp_path / folder).mkdir()
        inventory = server.inventory().replace("\n", f" max_sessions_config={server.config}\n")
        (tmp_path / "inventory/hosts").write_text(inventory)
        (tmp_path / "project/play.yml").write_text(PLAY)
        (tmp_path / "env/envvars").write_text(yaml.safe_dump({"ANSIBLE_COLLECTIONS_PATH": str(collections)}))
        words = ["ansible-runner", "run", str(tmp_path), "--playbook", "play.yml", "--rotate-artifacts", "1"]
        done = subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "MaxSessions 6" in server.read()
