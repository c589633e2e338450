# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that have imported the modules, or Ansible, and fork for each run: imports are most of what a run costs."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile

MODULES = "ansible_collections.multiplex.sshd.plugins.modules."
LOADED = {"module": [MODULES + name for name in ("max_sessions", "max_sessions_info", "reload")],
          "ansible-playbook": ["ansible.cli.playbook"]}  # fmt: skip
AT_START = ("ANSIBLE_", "LANG", "LC_", "PYTHON")  # what these variables say counts from a process's start
PROCESSES = {}  # until this one ends
SECONDS = 300


def run(module, arguments, environment):
    """Run ``module`` with the file ``arguments`` in ``environment``; return what it printed, and its other words."""
    return _forked("module", [module, arguments], environment, os.getcwd())[1:]


def ansible_playbook(words, environment, directory, said=""):
    """Run ansible-playbook with ``words`` in ``environment`` and ``directory``, and with ``said`` on its standard input.

    Return its exit status, what it printed, and its other words.
    """
    return _forked("ansible-playbook", ["ansible-playbook", *words], environment, directory, said)


def _forked(kind, words, environment, directory, said=""):
    at_start = {name: value for name, value in environment.items() if name.startswith(AT_START)}
    key = json.dumps([kind, at_start], sort_keys=True)
    if key not in PROCESSES:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        rest = {name: value for name, value in os.environ.items() if not name.startswith(AT_START)}
        program = [sys.executable, os.path.abspath(__file__), kind]
        PROCESSES[key] = subprocess.Popen(program, env={**rest, **at_start}, **pipes)
    process = PROCESSES[key]
    process.stdin.write(json.dumps([words, environment, directory, said]) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer, f"what {words[0]} is forked from ended, with status {process.wait()}"
    return json.loads(answer)


def _serve(kind):
    for name in LOADED[kind]:
        importlib.import_module(name)
    for line in sys.stdin:
        with contextlib.ExitStack() as stack:
            given, out, err = (stack.enter_context(tempfile.TemporaryFile("w+")) for _each in range(3))
            words, environment, directory, said = json.loads(line)
            given.write(said)
            given.seek(0)
            child = os.fork()
            if not child:
                for number, file in enumerate([given, out, err]):
                    os.dup2(file.fileno(), number)
                _become(kind, words, environment, directory)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            sys.stdout.write(json.dumps([status, _content(out), _content(err)]) + "\n")
            sys.stdout.flush()


def _become(kind, words, environment, directory):
    sys.argv, status = words, 1
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(directory)
        tempfile.tempdir = None
        signal.alarm(SECONDS)
        if kind == "module":
            importlib.import_module(MODULES + words[0]).main()
        else:
            importlib.import_module("ansible.cli.playbook").main(words)
        status = 0
    except Exception:
        sys.excepthook(*sys.exc_info())
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)  # a text is a failure
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _content(file):
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
