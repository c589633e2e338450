# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run: a ping, the idiom that most people have, this collection, and other people's playbooks."""

import json
import os
from collections import namedtuple

# path: of the playbook; changes: whether it has something to do; bare: whether the hosts allow two sessions before.
Play = namedtuple("Play", "name path changes bare")

PING = {"ansible.builtin.ping": {}}
IDIOM = {
    "ansible.builtin.lineinfile": {
        "path": "{{ bench_config }}",
        "regexp": "^#?MaxSessions",
        "line": "MaxSessions 6",
        "validate": "/usr/sbin/sshd -t -f %s",
    },
    "notify": "Reload",
}
RELOAD = {"name": "Reload", "ansible.builtin.command": "pkill -HUP -F {{ bench_pid }}"}
MODULE = {"multiplex.sshd.max_sessions": {"clone_depth": 5, "config": "{{ bench_config }}"}}
ROLE = {"roles": ["multiplex.sshd.max_sessions"], "vars": {"max_sessions_clone_depth": 5}}


def plays(directory, peers=()):
    """Return the Plays in the order of a round; ``peers`` are pairs of a name and a playbook's path."""
    idiom, role, module = {"tasks": [IDIOM], "handlers": [RELOAD]}, ROLE, {"tasks": [MODULE]}
    found = [
        Play("ping", _laid(directory, "ping", {"tasks": [PING]}), changes=False, bare=False),
        Play("idiom, changed", _laid(directory, "idiom", idiom), changes=True, bare=True),
        Play("idiom, no-op", _laid(directory, "idiom", idiom), changes=False, bare=False),
        Play("role, changed and proven", _laid(directory, "role", role), changes=True, bare=True),
        Play("role, no-op", _laid(directory, "role", role), changes=False, bare=False),
        Play("module, no-op", _laid(directory, "module", module), changes=False, bare=False),
    ]
    for name, path in peers:
        found += [
            Play(f"{name}, changed", os.path.abspath(path), changes=True, bare=True),
            Play(f"{name}, no-op", os.path.abspath(path), changes=False, bare=False),
        ]
    return found


def _laid(directory, name, play):
    path = os.path.join(directory, f"{name}.yml")
    with open(path, "w") as file:
        json.dump([{"hosts": "all", "gather_facts": False, **play}], file)
    return path
