# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration that is worked on, and what belongs to it alone."""

import contextlib
import hashlib
import os
from typing import NamedTuple

from .._errors import reading
from .files import os_path


class Configuration(NamedTuple):
    """One sshd's configuration: the absolute path of its ``main`` file, and the same with links resolved, ``real``.

    ``main`` is what messages and ``sshd -f`` name; what is kept beside the file lies beside ``real``, so that two names
    of one file mean one configuration. A leading dot keeps it out of every Include.
    """

    main: str
    real: str

    @classmethod
    def at(cls, path: str) -> "Configuration":
        """Return the Configuration whose main file is at ``path``, from now on wherever the process goes.

        Raises Error where no file can have that name, or its directory can't be searched.
        """
        path = os_path(path)
        configuration = cls(os.path.abspath(path), os.path.realpath(path))
        with reading(configuration.main), contextlib.suppress(FileNotFoundError):
            os.lstat(configuration.not_reloaded)  # the longest of the names beside it
        return configuration

    @property
    def directory(self) -> str:
        """The directory that the main file really lies in."""
        return os.path.dirname(self.real)

    @property
    def not_reloaded(self) -> str:
        """The path of the note that sshd has not read it since its last change."""
        return self._beside("not-reloaded")

    @property
    def pending(self) -> str:
        """The path of the directory with the change that waits for its confirmation."""
        return self._beside("pending")

    @property
    def signpost(self) -> str:
        """The path of a link to ``pending`` beside ``main``, for when that is another file; the same where it is no link."""
        return os.path.join(os.path.dirname(self.main), ".%s.pending" % os.path.basename(self.main))

    @property
    def lock(self) -> str:
        """The path of the file that is there, and locked, while a run changes the configuration."""
        return self._beside("lock")

    @property
    def unit(self) -> str:
        """How the names of its watchdogs begin, as `systemctl list-timers` shows them."""
        return "multiplex-sshd-revert-" + hashlib.sha256(os.fsencode(self.real)).hexdigest()[:8]

    def _beside(self, ending: str) -> str:
        return os.path.join(self.directory, ".%s.%s" % (os.path.basename(self.real), ending))
