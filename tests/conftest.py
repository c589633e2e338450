# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: of those marked exhaustive each fifth case, with --every-case all; Ansible's configuration."""

import itertools
import os
import pathlib

os.environ["ANSIBLE_CONFIG"] = str(pathlib.Path(__file__).with_name("ansible.cfg"))  # nobody's own settings count


def pytest_addoption(parser):
    parser.addoption("--every-case", action="store_true", help="run all cases of the exhaustive tests, not each fifth one")


def pytest_collection_modifyitems(config, items):
    if config.getoption("every_case"):
        return
    numbers = {}
    kept, left_out = [], []
    for item in items:
        number = 0
        if item.get_closest_marker("exhaustive"):
            number = next(numbers.setdefault(item.originalname, itertools.count()))
        (left_out if number % 5 else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept
