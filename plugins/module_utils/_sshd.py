# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sshd program: what it says about a configuration."""

import contextlib
import os
import re
import shutil
import tempfile
from collections import namedtuple

from ansible_collections.multiplex.sshd.plugins.module_utils import _contexts
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

# command: the words; rc: the exit status; stderr: sshd's own words.
Validation = namedtuple("Validation", "command rc stderr")


class Sshd:
    """A context manager around the sshd at ``path``; ``run(words)`` returns ``(rc, stdout, stderr)``.

    Where a host key or the privilege separation directory is missing, as before sshd's first start, it lends them
    for the time of the test: sshd would not look at the configuration without them.
    """

    def __init__(self, path, run):
        self.path = path
        self.run = run
        self.lent = contextlib.ExitStack()
        self.host_key = []

    def __enter__(self):
        if not os.path.isfile(self.path) or not os.access(self.path, os.X_OK):
            raise Error("%s is no program that can be run: name sshd's in 'sshd'" % self.path)
        return self

    def __exit__(self, *exc):
        return self.lent.__exit__(*exc)

    def test(self, config, lend=True):
        """Return the Validation of ``sshd -t`` on the main file ``config``; without ``lend``, as it would start now."""
        return self._ask(["-t", "-f", config], lend)[0]

    def effective(self, config, context):
        """Return what ``sshd -T -C`` says on ``config`` for ``context``: ``(Validation, {keyword: [value, …]})``.

        Keywords are in lower case: sshd writes them so up to 10.3, and as in the manual from 10.4.
        """
        validation, text = self._ask(["-T", "-f", config, "-C", _contexts.specification(context)])
        values = {}
        for line in text.splitlines():
            keyword, _blank, value = line.partition(" ")
            values.setdefault(keyword.lower(), []).append(value)
        if not validation.rc and "maxsessions" not in values:
            raise Error("%s is no sshd: it does not say what is in force. Name sshd's program in 'sshd'" % self.path)
        return validation, values

    def _ask(self, words, lend=True):
        for _attempt in range(3):
            command = [self.path] + words + self.host_key
            rc, stdout, stderr = self.run(command)
            if not lend:
                break
            missing = re.search("Missing privilege separation directory: (.+)", stderr)
            if rc and "no hostkeys available" in stderr and not self.host_key:
                self._lend_host_key()
            elif rc and missing:
                self._lend_directory(missing.group(1).strip())
            else:
                break
        return Validation(" ".join(command), rc, stderr.replace("\r", "").strip()), stdout

    def _lend_host_key(self):
        directory = tempfile.mkdtemp(prefix="multiplex-sshd-")
        self.lent.callback(shutil.rmtree, directory, ignore_errors=True)
        key = os.path.join(directory, "key")
        rc, _stdout, stderr = self.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
        if rc:
            raise Error("sshd has no host key to test with, and ssh-keygen can't lend one: %s" % stderr.strip())
        self.host_key = ["-h", key]

    def _lend_directory(self, path):
        try:
            os.mkdir(path, 0o755)
        except OSError as error:
            raise Error("sshd needs the directory %s to test anything: %s" % (path, error.strerror)) from error
        self.lent.callback(_remove, path)


def _remove(directory):
    # Somebody may have started sshd meanwhile: what is in use stays.
    with contextlib.suppress(OSError):
        os.rmdir(directory)


def max_sessions(values):
    """Return the MaxSessions among the values of ``effective``."""
    return int(values["maxsessions"][0])
