# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest

# They install one ansible-core after the other: script/matrix runs them.
ignored = {"": [], "quick": ["test_ansible_test.py"]}
collect_ignore_glob = ignored.get(os.environ["MATRIX"], []) if "MATRIX" in os.environ else ["test_*.py"]


def pytest_sessionfinish(session, exitstatus):
    """Fail a run in which every cell was skipped: it has shown nothing."""
    if not exitstatus and not session.config.pluginmanager.get_plugin("terminalreporter").stats.get("passed"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
