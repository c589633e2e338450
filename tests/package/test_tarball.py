# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the tarball, and that no more than a part of it is needed to run."""

import json
import os
import re
import shutil
import subprocess
import tarfile

import pytest
import yaml
from installed import ROOT, built, environment, installed
from throwaway_sshd import ThrowawaySshd

PLAY = """\
- hosts: all
  gather_facts: false
  module_defaults:
    group/multiplex.sshd.sshd:
      config: "{{ max_sessions_config }}"
  roles:
    - {role: multiplex.sshd.max_sessions, max_sessions_clone_depth: 5}
  post_tasks:
    - multiplex.sshd.reload:
    - multiplex.sshd.clone_probe: {clone_depth: 5, exact: true}
    - multiplex.sshd.max_sessions: {clone_depth: 5}
"""
# What tools leave in a checkout.
LEFT = [
    ".ansible", ".cache", ".git", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    ".venv", "__pycache__", "plugins/modules/__pycache__", "tests/output",
]  # fmt: skip
NEEDED = {"meta", "plugins", "roles", "playbooks"}


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def collection(tarball, tmp_path_factory):
    return installed(tarball, tmp_path_factory.mktemp("installed"))


@pytest.fixture
def server():
    with ThrowawaySshd(body="MaxSessions 2\n") as running:
        running.write("sshd_config", f"Include {running.drop_ins}/*.conf\n{running.read()}")
        running.write("inventory", running.inventory().replace("\n", f" max_sessions_config={running.config}\n"))
        yield running


def names_in(tarball):
    with tarfile.open(tarball) as packed:
        return {member.name for member in packed}


def test_nothing_of_this_machine_is_in_it(tarball, tmp_path):
    checkout = tmp_path / "sshd"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*map(os.path.basename, LEFT)))
    clean = names_in(built(tmp_path, checkout))
    for name in LEFT:
        (checkout / name).mkdir(parents=True)
        (checkout / name / "left.txt").touch()
        (checkout / name / "left.pyc").touch()
    (checkout / "multiplex-sshd-0.0.1.tar.gz").touch()
    again = tmp_path / "again"
    again.mkdir()
    assert names_in(built(again, checkout)) == clean == names_in(tarball)


def pages(collection):
    return [path for path in sorted(collection.rglob("*.md")) if path.name != "CHANGELOG.md"]


def test_what_the_pages_link_to_is_in_it(collection):
    missing = []
    for page in pages(collection):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                missing.append(f"{page.relative_to(collection)}: {target}")
    assert not missing


def test_what_the_pages_name_is_in_it(collection):
    named = re.compile(r"(?<![\w./-])(?:script|tests|docs|molecule|meta|roles|playbooks|plugins|changelogs)/[\w./*-]*[\w*]")
    missing = []
    for page in pages(collection):
        text = re.sub(r"(?m)https?://\S+", "", page.read_text())
        for path in set(named.findall(text)):
            if not list(collection.glob(path)) and not list(collection.glob(f"*/*/{path}")):
                missing.append(f"{page.relative_to(collection)}: {path}")
    assert not missing


def test_meta_plugins_roles_and_playbooks_are_all_that_it_needs(collection, server, tmp_path):
    stripped = tmp_path / "ansible_collections/multiplex/sshd"
    stripped.mkdir(parents=True)
    for name in NEEDED:
        shutil.copytree(collection / name, stripped / name)
    words = ["ansible-playbook", "-i", server.path("inventory"), server.write("play.yml", PLAY)]
    for changed in (r"changed=[1-9]", r"changed=1 "):  # the second run's is the reload, which always does
        done = subprocess.run(words, env=environment(tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(changed, done.stdout), done.stdout
        assert "WARNING" not in done.stdout + done.stderr


def test_the_action_group_has_the_modules_that_take_its_options(collection):
    words = ["ansible-doc", "--metadata-dump", "--no-fail-on-errors", "--type", "module", "multiplex.sshd"]
    told = subprocess.run(words, env=environment(collection.parents[2]), check=True, capture_output=True, text=True)
    modules = json.loads(told.stdout)["all"]["module"]
    wanted = {name.rpartition(".")[2] for name, about in modules.items() if "config" in about["doc"]["options"]}
    assert set(yaml.safe_load((collection / "meta/runtime.yml").read_text())["action_groups"]["sshd"]) == wanted


def test_version_and_addresses_are_real(collection):
    manifest = json.loads((collection / "MANIFEST.json").read_text())["collection_info"]
    released = yaml.safe_load((collection / "changelogs/changelog.yaml").read_text())["releases"]
    assert manifest["version"] in released
    for key in ("repository", "documentation", "homepage", "issues"):
        assert "example" not in (manifest[key] or "")


def test_every_script_says_what_it_is_for(collection):
    scripts = [path for path in (collection / "script").iterdir() if os.access(path, os.X_OK) and path.is_file()]
    assert len(scripts) > 4
    for script in scripts:
        done = subprocess.run([script, "--help"], capture_output=True, text=True, check=False, timeout=10)
        assert done.returncode == 0 and len(done.stdout.split()) > 8, script.name
        assert done.stderr == "" and not done.stdout.startswith("#"), script.name
