# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs over SSH, and what they returned."""

import json
import os
import shutil
import sys
import tempfile

import warm

CALLBACKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "callbacks")


class Playbooks:
    """A context manager: run playbooks against ``server``, a ThrowawaySshd."""

    def __init__(self, server):
        self.server = server
        self.directory = tempfile.mkdtemp(prefix="mux-run-")
        self.path = lambda name: os.path.join(self.directory, name)
        # Where the modules put temporary files, whoever they run as.
        os.chmod(self.directory, 0o711)  # noqa: S103
        os.mkdir(self.path("tmp"))
        os.chmod(self.path("tmp"), 0o1777)  # noqa: S103
        with open(self.path("hosts"), "w") as file:
            file.write(server.inventory())

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, play, *arguments):
        """Lay the ``play``, and return ``(words, environment)`` that run it."""
        with open(self.path("play.yml"), "w") as file:
            environment = {"TMPDIR": self.path("tmp"), **play.pop("environment", {})}
            json.dump([{"hosts": "all", "gather_facts": False, "environment": environment, **play}], file)
        environment = {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": CALLBACKS,
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_PIPELINING": "true",
            "MULTIPLEX_RESULTS": self.path("results"),
            "PYTHONWARNINGS": "",
        }
        return ["ansible-playbook", "-i", self.path("hosts"), self.path("play.yml"), *arguments], environment

    def add_to_inventory(self, lines):
        """Append ``lines`` to the inventory."""
        with open(self.path("hosts"), "a") as file:
            file.write(lines)

    def add_host(self, name, variables):
        """Have the server in the inventory once more, as ``name`` with ``variables``."""
        self.add_to_inventory(self.server.inventory(name))
        os.makedirs(self.path("host_vars"), exist_ok=True)
        with open(self.path(f"host_vars/{name}.json"), "w") as file:
            json.dump(variables, file)

    def played(self, play, *arguments, **environment):
        """Run ``play``, a play's keywords; return ``(exit status, [(task, outcome, result), …], output)``."""
        words, whole = self.command(play, *arguments)
        with open(self.path("results"), "w"):
            pass
        # What --step asks for: continue.
        status, printed, said = warm.ansible_playbook(words[1:], {**whole, **environment}, self.directory, "c\n")
        sys.stdout.write(printed + said)
        results = [(line["task"], line["outcome"], line["result"]) for line in self._results()]
        return status, results, printed + said

    def failures(self, play, *arguments):
        """Run ``play``; return ``[(host, result), …]`` of the tasks that failed."""
        self.played(play, *arguments)
        return [(line["host"], line["result"]) for line in self._results() if line["outcome"] == "failed"]

    def _results(self):
        with open(self.path("results")) as file:
            return [json.loads(line) for line in file]

    def run(self, play, *arguments):
        """Run ``play``, a play's keywords without its hosts; return ``[(task, outcome, result), …]``."""
        _status, results, output = self.played(play, *arguments)
        assert results, "no task ran: " + output
        assert os.listdir(self.path("tmp")) == [], "a module left something behind"
        return results

    def module(self, cases, *arguments, module="max_sessions", **keywords):
        """Call ``module`` once for each of ``{name: its arguments}`` in one run; return ``{name: its result}``.

        A result's ``failed`` says whether it failed: one failure doesn't keep the others from running.
        """
        tasks = [
            {"name": name, f"multiplex.sshd.{module}": options, "ignore_errors": True} for name, options in cases.items()
        ]
        found = self.run({"tasks": tasks, **keywords}, *arguments)
        assert [task for task, _outcome, _result in found] == list(cases)
        return {task: {"failed": outcome != "ok", **result} for task, outcome, result in found}

    def role(self, *arguments, **variables):
        """Run the role with ``variables`` less their prefix; return ``{task: (outcome, result)}``."""
        prefixed = {f"max_sessions_{name}": value for name, value in variables.items()}
        found = self.run({"roles": ["multiplex.sshd.max_sessions"], "vars": prefixed}, *arguments)
        return {task.rpartition(" : ")[2]: (outcome, result) for task, outcome, result in found}
