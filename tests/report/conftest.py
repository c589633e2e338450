# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from fleet import FEW, fleet
from reports import Reports


@pytest.fixture
def reports(tmp_path):
    return Reports(tmp_path)


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    """The Run that reported the samples and a host that can't be reached."""
    return Reports(tmp_path_factory.mktemp("few")).run(FEW)


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """The Run that reported 200 hosts."""
    return Reports(tmp_path_factory.mktemp("many")).run(fleet(200))
