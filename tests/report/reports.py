# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of the playbook multiplex.sshd.report, with facts that a test gives in place of hosts."""

import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]


class Run:
    """What a run left: ``output`` that Ansible printed, ``recap`` {host: {counter: number}}, and the files' texts."""

    def __init__(self, directory, done):
        self.directory = directory
        self.status = done.returncode
        self.output = done.stdout + done.stderr
        self.recap = {}
        for line in done.stdout.partition("PLAY RECAP")[2].splitlines()[1:]:
            if line.strip():
                self.recap[line.split()[0]] = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}

    def path(self, kind):
        return self.directory / f"max_sessions.{kind}"

    def text(self, kind):
        return self.path(kind).read_bytes().decode()

    def octets(self):
        return {path.name: path.read_bytes() for path in sorted(self.directory.iterdir())}

    def changed(self):
        return sum(counts["changed"] for counts in self.recap.values())


def report(inventory, output, *arguments, **environment):
    """Run the playbook for the hosts of an inventory into the directory ``output``; return a Run."""
    output.mkdir(exist_ok=True)
    done = subprocess.run(
        ["ansible-playbook", "-i", str(inventory), "multiplex.sshd.report", *arguments],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "8", "PWD": str(output), **environment},
        cwd=output,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    print(done.stdout[-4000:], done.stderr[-2000:])
    return Run(output, done)


class Reports:
    """Run the playbook in ``directory``, from a collection of its own in which given.py answers for the hosts."""

    def __init__(self, directory):
        self.directory = directory
        collection = directory / "collections/ansible_collections/multiplex/sshd"
        shutil.copytree(ROOT / "playbooks", collection / "playbooks")
        (collection / "plugins/modules").mkdir(parents=True)
        (collection / "plugins/modules/max_sessions_info.py").write_text("")
        (collection / "plugins/action").mkdir()
        shutil.copy(HERE / "given.py", collection / "plugins/action/max_sessions_info.py")

    def run(self, facts, *arguments, variables=None, name="report", **environment):
        """Report ``facts``, as given.py takes them, into the directory ``name``; return a Run."""
        (self.directory / "facts.json").write_text(json.dumps(facts))
        inventory = {"_meta": {"hostvars": {}}, "all": {"hosts": list(facts), "vars": variables or {}}}
        (self.directory / "inventory.json").write_text(json.dumps(inventory))
        # A script, for no other inventory takes every name.
        script = self.directory / "inventory"
        script.write_text(f"#!/bin/sh\nexec cat '{self.directory}/inventory.json'\n")
        script.chmod(0o755)
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.directory / "collections"),
            "REPORT_FACTS": str(self.directory / "facts.json"),
        }
        return report(script, self.directory / name, *arguments, **settings, **environment)
