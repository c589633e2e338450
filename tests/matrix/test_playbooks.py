# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the collection does, over SSH, with each ansible-core on each Python at the ends of what is supported."""

import re
import subprocess

import pytest
from cores import claimed, environment, programs, python
from throwaway_sshd import ThrowawaySshd

CELLS = claimed()
MODULES = """\
- hosts: all
  gather_facts: false
  module_defaults:
    group/multiplex.sshd.sshd:
      config: "{{ max_sessions_config }}"
  tasks:
    - multiplex.sshd.max_sessions: {clone_depth: 3, confirm_within: 60, rules: [{match: User nobody, clone_depth: 9}]}
    - multiplex.sshd.reload:
    - multiplex.sshd.clone_probe: {clone_depth: 3, exact: true}
    - multiplex.sshd.max_sessions: {state: confirmed}
    - multiplex.sshd.max_sessions: {clone_depth: 4, confirm_within: 60}
    - multiplex.sshd.max_sessions: {state: reverted}
    - multiplex.sshd.clone_probe: {clone_depth: 3, session: shell}
    - multiplex.sshd.max_sessions: {state: absent}
    - multiplex.sshd.max_sessions: {state: absent}
      register: again
    - ansible.builtin.assert: {that: [again is not changed]}
"""


@pytest.fixture
def server():
    with ThrowawaySshd(body="MaxSessions 2\n") as running:
        running.write("sshd_config", f"Include {running.drop_ins}/*.conf\n{running.read()}")
        yield running


@pytest.mark.parametrize("cell", CELLS, ids=["core{}-python{}-on-{}".format(*cell) for cell in CELLS])
def test_every_step(cell, server):
    target = python(cell.target)
    inventory = server.inventory().replace("/usr/bin/python3", target)
    assert target in inventory
    server.write("inventory", inventory.replace("\n", f" max_sessions_config={server.config}\n"))
    server.write("modules.yml", MODULES)
    before = server.read()

    def run(*words):
        done = subprocess.run(
            [str(programs(cell.core, cell.controller) / "ansible-playbook"), "-i", server.path("inventory"), *words],
            env=environment(cell.core, cell.controller, ANSIBLE_BECOME="false"),
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        assert not re.search(r"(?i)warning|deprecat|traceback", output), output
        return output

    tune = ("multiplex.sshd.tune", "-e", "tune_hosts=throwaway", "-e", "max_sessions_clone_depth=5")
    assert "+MaxSessions 6" in run(*tune, "--check", "--diff")
    assert server.answers() and server.read() == before
    assert not re.search("changed=0", run(*tune))
    assert "MaxSessions 6" in server.read("sshd_config.d/0-multiplex.conf")
    assert "changed=0" in run(*tune)
    run(server.path("modules.yml"))
    assert server.read() == before and "0-multiplex.conf" not in server.read()
