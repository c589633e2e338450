# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults names tests that exist, and all that are in tests/faults."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]


def found_in(path):
    return {f"{path.relative_to(ROOT)}::{name}" for name in re.findall(r"(?m)^def (test_\w+)", path.read_text())}


def test_the_table_of_faults_names_tests_that_exist():
    named = set(re.findall(r"`(tests/[^`]+)`", (ROOT / "docs/faults.md").read_text()))
    there = set().union(*(found_in(path) for path in (ROOT / "tests").rglob("test_*.py")))
    assert named and not named - there
    unnamed = {test for test in there if test.startswith("tests/faults/")} - named
    # What goes well is no fault.
    assert unnamed == {
        "tests/faults/test_pending.py::test_confirmed_it_stays",
        "tests/faults/test_pending.py::test_reverted_at_once",
        "tests/faults/test_signals.py::test_who_ignores_a_signal_is_left_to_ignore_it",
    }
