# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of made-up fleets, built of the module's own sample results."""

import copy
import itertools
import json
import pathlib

SAMPLES = json.loads((pathlib.Path(__file__).parent / "samples.json").read_text())
REFUSING, OTHERWISE, BLIND = SAMPLES.values()
UNREACHABLE = "Failed to connect to the host via ssh: ssh: connect to host 192.0.2.77 port 22: No route to host"
FEW = {**SAMPLES, "gone.example.org": UNREACHABLE}


def calm(most):
    """Return facts of a host on which nobody was refused and a connection had ``most`` of the default's 10 sessions."""
    facts = copy.deepcopy(REFUSING)
    facts["refusals"].update(count=0, by=[], other=[], first=None, last=None)
    facts.update(effective=10, clones=9, defined_at=None, overridden_by=[], shadowed=[], contexts=[], conflicts=[], notes=[])
    facts["usage"].update(most=most, p95=min(most, 3))
    for user in facts["usage"]["by_user"]:
        user.update(most=min(user["most"], most), p95=min(user["p95"], most), median=1, max_sessions=10)
    facts["usage"]["by_user"][0].update(most=most)
    facts["limits"][0].update(limit=10, sessions=10, of="sshd's default")
    facts["bottleneck"]["sessions"] = 10
    facts.update(recommended_clone_depth=9)
    facts["recommendation"] = f"Nobody was refused, and connections had {most} sessions at most: what is in force is enough"
    for connection in facts["connections"]:
        connection.update(max_sessions=10, sessions=1, outdated=False)
    return facts


def refusing(count):
    """Return facts of a host that refused ``count`` sessions."""
    facts = copy.deepcopy(REFUSING)
    facts["refusals"]["count"] = count
    facts["refusals"]["by"][0]["count"] = count - 3
    facts["recommendation"] = facts["recommendation"].replace("12 sessions", f"{count} sessions")
    return facts


def fleet(size):
    """Return facts of ``size`` hosts: of 25, two refuse, one had another limit, one each is full, silent and blind."""
    kinds = itertools.cycle(range(25))
    roles = itertools.cycle(["web", "db", "build", "app", "cache", "mail", "log"])
    facts = {}
    for number, kind, role in zip(range(size), kinds, roles):
        name = f"{role}{number + 1:03}.example.org"
        if kind in (1, 9):
            facts[name] = refusing(4 + (number * 7) % 90)
        elif kind == 2:
            facts[name] = copy.deepcopy(OTHERWISE)
        elif kind == 17:
            facts[name] = UNREACHABLE
        elif kind == 11:
            facts[name] = copy.deepcopy(BLIND)
        else:
            facts[name] = calm(10 if kind == 22 else 1 + (number * 3) % 8)
    return facts
