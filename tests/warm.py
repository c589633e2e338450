# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that has imported the modules, and forks for each run of one: imports are most of what a run costs."""

import importlib
import json
import os
import subprocess
import sys
import tempfile

MODULES = "ansible_collections.multiplex.sshd.plugins.modules."
PROCESSES = []  # at most one, until this one ends


def run(module, arguments, environment):
    """Run ``module`` with the file ``arguments`` in ``environment``; return what it printed, and its other words."""
    if not PROCESSES:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        path = {"PYTHONPATH": environment["PYTHONPATH"]}
        PROCESSES.append(subprocess.Popen([sys.executable, os.path.abspath(__file__)], env={**os.environ, **path}, **pipes))
    (process,) = PROCESSES
    process.stdin.write(json.dumps([module, arguments, environment]) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def _serve():
    for name in ("max_sessions", "max_sessions_info", "reload"):
        importlib.import_module(MODULES + name)
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as words:
            child = os.fork()
            if not child:
                _become(*json.loads(line), out, words)
            os.waitpid(child, 0)
            sys.stdout.write(json.dumps([_content(out), _content(words)]) + "\n")
            sys.stdout.flush()


def _become(module, arguments, environment, out, words):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out.fileno(), 1)
    os.dup2(words.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = [module, arguments]
    try:
        importlib.import_module(MODULES + module).main()
    except Exception:
        sys.excepthook(*sys.exc_info())
    except SystemExit:
        pass
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _content(file):
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    _serve()
