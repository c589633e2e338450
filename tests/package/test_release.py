# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What script/release refuses, and that what is new says since when it is there."""

import importlib
import subprocess

import pytest
import yaml
from installed import ROOT

MODULES_IN = "ansible_collections.multiplex.sshd.plugins.modules"
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))


@pytest.fixture
def checkout(tmp_path):
    """A clone at version 1.4.0, released, with one fragment about something new."""
    clone = tmp_path / "sshd"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    for path in clone.glob("changelogs/fragments/*"):
        path.unlink()
    (clone / "script/release").write_text((ROOT / "script/release").read_text())
    galaxy = yaml.safe_load((clone / "galaxy.yml").read_text())
    (clone / "galaxy.yml").write_text(f"version: 1.4.0\nrepository: {galaxy.get('repository')}\n")
    (clone / "changelogs/changelog.yaml").write_text("releases:\n  1.4.0:\n    changes: {}\n")
    (clone / "changelogs/fragments/new.yml").write_text("minor_changes: [something new]\n")
    return clone


def refused(checkout, version, *options):
    words = [str(checkout / "script/release"), *options, version]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(("version", "words"), [
    ("1.4", "1.4 is no version"), ("1.5.0-beta", "is no version"), ("1.3.9", "1.3.9 is older than 1.4.0"),
    ("1.4.0", "1.4.0 is in the changelog already"),
])  # fmt: skip
def test_a_version_that_is_none_or_past(checkout, version, words):
    assert words in refused(checkout, version, "--dry-run")


@pytest.mark.parametrize("section", ["breaking_changes", "removed_features"])
def test_what_breaks_is_a_new_major_version(checkout, section):
    (checkout / "changelogs/fragments/gone.yml").write_text(f"{section}: [an option is gone]\n")
    assert "something breaks: changelogs/fragments/gone.yml" in refused(checkout, "1.5.0", "--dry-run")


def test_nothing_new(checkout):
    (checkout / "changelogs/fragments/new.yml").unlink()
    assert "nothing is new" in refused(checkout, "1.5.0", "--dry-run")


def test_a_release_says_where_it_lives(checkout):
    def refusal(addresses, readme):
        (checkout / "galaxy.yml").write_text("".join(f"{key}: {url}\n" for key, url in addresses.items()))
        (checkout / "README.md").write_text(readme)
        subprocess.run(["git", "-C", str(checkout), "add", "--all"], check=True)
        words = ["-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "--message", "Say where"]
        subprocess.run(["git", "-C", str(checkout), *words], check=True)
        return refused(checkout, "1.5.0")

    version = {"version": "1.4.0"}
    addresses = version | dict.fromkeys(
        ("repository", "documentation", "homepage", "issues"), "https://elsewhere.invalid/sshd"
    )
    assert "no https:// address for issues: say where" in refusal({**addresses, "issues": ""}, "# sshd\n")
    assert "no https:// address for repository documentation homepage issues" in refusal(version, "# sshd\n")
    assert "README.md has git.example.org" in refusal(addresses, "clone https://git.example.org/sshd.git\n")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_there_since_the_release_that_lists_it_or_the_next(module):
    told = yaml.safe_load(importlib.import_module(f"{MODULES_IN}.{module}").DOCUMENTATION)
    releases = yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text())["releases"]
    listed = [version for version, about in releases.items() if module in {new["name"] for new in about.get("modules", ())}]
    if listed:
        assert listed == [told["version_added"]]
    else:
        assert told["version_added"] not in releases
