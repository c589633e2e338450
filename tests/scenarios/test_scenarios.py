# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Molecule calls a scenario without tests, or with plays that match no host, a success: no scenario is such a one."""

import pathlib

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
SCENARIOS = sorted(path.parent for path in ROOT.glob("molecule/*/molecule.yml"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_a_scenario_expects_hosts_and_has_tests(scenario):
    assert list(scenario.glob("tests/test_*.py"))
    assert "length > 0" in (scenario / "converge.yml").read_text() or "expect.yml" in (scenario / "converge.yml").read_text()
    assert "verify" in yaml.safe_load((scenario / "molecule.yml").read_text())["scenario"]["test_sequence"]


def test_every_image_is_a_target():
    targets = (ROOT / "molecule/hosts/Containerfile").read_text()
    for platform in yaml.safe_load((ROOT / ".config/molecule/config.yml").read_text())["platforms"]:
        assert f" AS {platform['image'].partition('/')[2]}\n" in targets
