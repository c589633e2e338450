# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs have left on the host."""

import glob
import os
from typing import List, Set

from .._config.configuration import Configuration
from .._config.tree import Tree
from .._proof.private_directory import abandoned, kept, remove_abandoned, temporary_directories


def are_there(configuration: Configuration, tree: Tree) -> bool:
    """Say whether runs that were killed have left something of which nothing is needed."""
    return os.path.lexists(configuration.lock) or any(abandoned(one) for one in _directories(configuration, tree))


def remove(configuration: Configuration, tree: Tree) -> None:
    """Remove what runs that were killed have left, and nothing that might be needed."""
    for directory in _directories(configuration, tree):
        remove_abandoned(directory)


def warnings(configuration: Configuration, tree: Tree) -> List[str]:
    """Return what a person should know of old files that could not be put back."""
    return [
        "%s holds a file that an earlier run replaced and could not put back: see whether it is needed, then remove the "
        "directory" % path
        for directory in _directories(configuration, tree)
        for path in kept(directory)
    ]


def _directories(configuration: Configuration, tree: Tree) -> List[str]:
    """Return the directories in which a change of ``configuration`` may have been at work."""
    found: Set[str] = {configuration.directory, *temporary_directories()}
    for path in tree.files:
        found.update((os.path.dirname(path), os.path.dirname(os.path.realpath(path))))
    for one in tree.directives:
        for pattern in one.patterns:
            found.update(glob.glob(os.path.dirname(pattern)))
    return sorted(found)
