# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module called by Ansible's own command, in a fork of this process: to import Ansible is most of what a call takes."""

import json
import multiprocessing
import pathlib
import tempfile

from ansible.cli.adhoc import AdHocCLI

FORKING = multiprocessing.get_context("fork")


def called(host, module, arguments, *options):
    """Run ``module`` with ``arguments``, ``key=value …``, on testinfra's ``host``; return its result."""
    backend = host.backend
    with tempfile.TemporaryDirectory() as tree:
        words = ["ansible", "-i", backend.ansible_runner.inventory_file, "--tree", tree, "-m", module, "-a", arguments]
        process = FORKING.Process(target=AdHocCLI.cli_executor, args=([*words, *options, backend.host],))
        process.start()
        process.join()
        return json.loads(pathlib.Path(tree, backend.host).read_text())
