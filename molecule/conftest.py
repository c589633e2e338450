# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios' verifiers share."""

import os
import time

import pytest
import yaml
from clones import Server
from xdist.scheduler import LoadScopeScheduling

SECONDS = 10
# sudo logs its command too: the pattern must not match itself.
REFUSALS = r"""
log=$(ls /var/log/auth.log /var/log/secure 2>/dev/null)
if [ "$log" ]; then cat "$log"; else journalctl --quiet --no-pager --output=cat; fi | grep -c 'no more session[s]'
"""


class HostByHost(LoadScopeScheduling):
    """Keep the tests of a host together and in their order, whichever process runs them."""

    def _split_scope(self, nodeid):
        return nodeid.rpartition("[")[2]


def pytest_xdist_make_scheduler(config, log):
    """Take that one where a scenario has several processes."""
    return HostByHost(config, log)


def pytest_collection_finish(session):
    """Fail where a host of the scenario's group is without a test: pytest itself would call that a pass."""
    if session.config.option.keyword:
        return
    group = session.config.getoption("--hosts").rpartition("/")[2]
    with open(os.environ["MOLECULE_FILE"]) as file:
        wanted = {each["name"] for each in yaml.safe_load(file)["platforms"] if group in each["groups"]}
    tested = {item.callspec.params["_testinfra_host"].backend.host for item in session.items if hasattr(item, "callspec")}
    if not wanted or wanted - tested:
        raise pytest.UsageError(f"no test ran on {', '.join(sorted(wanted - tested)) or 'any host of ' + group}")


@pytest.fixture(scope="module")
def server(host):
    """Where the host serves SSH, for a client that isn't ours."""
    return Server(host.ansible.get_variables())


@pytest.fixture(scope="module")
def refusals(host):
    """A function that returns how often the server logged a refused session; given ``above``, once it is more."""

    def count(above=-1):
        deadline = time.monotonic() + SECONDS
        while True:
            with host.sudo():
                found = int(host.run(REFUSALS).stdout)
            if found > above or time.monotonic() > deadline:
                return found

    return count
