# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule's people get what it promises, everyone else exactly the baseline: counted over real connections."""

import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils._client import Target
from ansible_collections.multiplex.sshd.plugins.plugin_utils._probe import probe
from host import Host

BASELINE, PROMISED, FOREIGN = 2, 7, 4
FOREIGN_MATCH = f"Match User somebody-else\n    MaxSessions {FOREIGN}\n"
# What selects the connection that counts, and what does not; {} is filled in with the server's user and port.
CRITERIA = [
    ("User {user}", "User not-{user}"),
    ("User !not-{user},*", "User *,!{user}"),
    ("Group {group}", "Group *,!{group}"),
    ("Address 127.0.0.0/8", "Address 10.0.0.0/8"),
    ("LocalPort {port}", "LocalPort 1"),
    ("User {user} Address 127.0.0.1 LocalPort {port}", "User {user} Address 10.1.2.3"),
    ("Group {group} Address *,!10.*", "Group {group} Address *,!127.*"),
]


def sessions(host):
    """Return how many sessions a fresh connection gets."""
    return probe(Target(host.address, host.ssh_args()), clone_depth=None, exact=False, session="open", limit=20).opened


@pytest.fixture(scope="module", params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


@pytest.fixture
def foreign(request, host):
    """Lay the foreign Match at the end of the main file, or in a drop-in that is read before ours."""
    main = host.read()
    early = host.drop_ins + "/0-earlier.conf"
    if request.param == "before a foreign Match":
        host.write("sshd_config", main + FOREIGN_MATCH)
    elif request.param == "behind a foreign Match":
        if not main.startswith("Include"):
            host.write("sshd_config", f"Include {host.drop_ins}/*.conf\n" + main)
        host.write(early, FOREIGN_MATCH)
    before = host.files()
    yield request.param
    assert host.run(state="absent")["changed"]
    assert host.files() == before
    host.write("sshd_config", main)
    host.write(early, "")
    host.run("reload")


ALL_WAYS = [("alone", *pair) for pair in CRITERIA]
AMONG_OTHERS = [(where, *CRITERIA[-1]) for where in ("before a foreign Match", "behind a foreign Match")]


@pytest.mark.parametrize(("foreign", "meeting", "missing"), ALL_WAYS + AMONG_OTHERS, indirect=["foreign"])
def test_everyone_gets_what_is_theirs(host, foreign, meeting, missing):
    names = {"user": host.user, "group": "root" if host.user == "root" else host.user, "port": host.port}
    for criteria, expected in ((meeting, PROMISED), (missing, BASELINE)):
        rule = {"match": criteria.format(**names), "clone_depth": PROMISED - 1}
        result = host.run(max_sessions=BASELINE, rules=[rule])
        assert not result.get("failed"), result
        assert result["effective"]["after"] == BASELINE
        assert result["rules"][0]["effective"]["after"] in (PROMISED, None)
        assert bool(result["overridden_by"]) == (foreign != "alone")
        assert not host.run("reload").get("failed")
        assert sessions(host) == expected, criteria
    assert not host.run(max_sessions=BASELINE, rules=[rule])["changed"]
