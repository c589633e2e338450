# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode predicts: what it lets pass the run doesn't refuse, and both say the same of what they do."""

import pytest
from host import Host
from runs import Playbooks

ALIKE = ("changed", "effective", "diff", "written", "max_sessions", "clones", "rules", "reload_needed")


def nothing(host):
    """Leave the host as it is."""


def changed_before(host):
    assert host.run(clone_depth=5, reload=True)["settled"] == "confirmed"


def not_reloaded(host):
    assert host.run(clone_depth=5)["reload_needed"]


def own_change_pending(host):
    assert host.run(clone_depth=5, confirm_within=600)["pending"]
    assert host.run("reload")["changed"]


def anothers_change_pending(host):
    assert host.run(clone_depth=5, confirm_within=600, environment={"SUDO_USER": "somebody-else"})["pending"]


def broken(host):
    host.write(host.config, host.read() + "Fnord yes\n")


SITUATIONS = [
    (nothing, {"clone_depth": 5}),
    (nothing, {"clone_depth": 1}),
    (nothing, {"clone_depth": 5, "ceiling": 4}),
    (nothing, {"clone_depth": 20000}),
    (nothing, {"max_sessions": 0}),
    (nothing, {"clone_depth": 0, "policy": "at_least"}),
    (nothing, {"clone_depth": 5, "location": "main"}),
    (nothing, {"clone_depth": 5, "rules": [{"match": "User nobody", "clone_depth": 9}]}),
    (nothing, {"state": "absent"}),
    (changed_before, {"clone_depth": 5}),
    (changed_before, {"clone_depth": 7}),
    (changed_before, {"state": "absent"}),
    (not_reloaded, {"clone_depth": 5}),
    (not_reloaded, {"clone_depth": 7}),
    (own_change_pending, {"clone_depth": 5}),
    (own_change_pending, {"clone_depth": 7}),
    (own_change_pending, {"state": "absent"}),
    (anothers_change_pending, {"clone_depth": 5}),
    (broken, {"clone_depth": 5}),
]


@pytest.mark.exhaustive
@pytest.mark.parametrize("place", ["drop_in", "main"])
@pytest.mark.parametrize(("situation", "options"), SITUATIONS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_the_run_does_what_check_mode_says(situation, options, place):
    with Host(place) as host, Playbooks(host) as playbooks:
        situation(host)
        standing = host.standing()
        predicted = playbooks.role("--check", "--diff", config=host.config, **options)["Set MaxSessions"]
        assert host.standing() == standing, "check mode changed something"
        done = playbooks.role("--diff", config=host.config, **options)["Set MaxSessions"]
    assert predicted[0] == done[0], (predicted, done)
    if done[0] == "failed":
        assert predicted[1]["msg"] == done[1]["msg"]
        return
    for name in ALIKE:
        assert predicted[1][name] == done[1][name], name
    assert bool(predicted[1]["reload"]) == bool(done[1]["reload"])
    assert not predicted[1]["reload"] or predicted[1]["reload"]["method"] == done[1]["reload"]["method"]
