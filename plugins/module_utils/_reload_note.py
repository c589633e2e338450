# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A note beside the main file: sshd has not been reloaded since its configuration was changed.

It outlives a run that ends between the change and the reload, so that the next run knows.
"""

import contextlib
import os

from ansible_collections.multiplex.sshd.plugins.module_utils import _replace


def path(config):
    """Return the note's path for the main file ``config``; a leading dot keeps it out of every Include."""
    directory, name = os.path.split(os.path.realpath(config))
    return os.path.join(directory, ".%s.not-reloaded" % name)


@contextlib.contextmanager
def left(config):
    """Leave the note, and take it back if the block fails and it wasn't there before. Raises Error."""
    before = found(config)
    try:
        if not before:
            with _replace.explained(config), open(path(config), "w") as file:
                file.write("multiplex.sshd.max_sessions changed this configuration; sshd has not been reloaded since.\n")
        yield
    except BaseException:
        if not before:
            take(config)
        raise


def take(config):
    """Take the note away. Raises Error."""
    # A read-only file system refuses to remove what is not there, too.
    if found(config):
        with _replace.explained(path(config)):
            os.unlink(path(config))


def found(config):
    """Say whether the note is there."""
    return os.path.exists(path(config))
