# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MaxSessions goes, and the texts that put it there."""

import os
from collections import OrderedDict

from ansible_collections.multiplex.sshd.plugins.module_utils import _block, _config
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._files import Files

NAME = "0-multiplex.conf"  # sorts before 00-…, 01-… and every letter


def candidate(tree, max_sessions=None, location="auto", drop_in=None):
    """Return ``{path: new text, None to remove it}`` of the files to change, in the order to change them.

    ``max_sessions`` None takes out all that was written before. New text comes before the removal of old, so that at
    no moment neither is there. Raises Error where the place that was asked for can't be had.
    """
    bare = {path: _block.without(path, text) for path, text in tree.files.items()}
    cleared = OrderedDict((path, bare[path]) for path in bare if bare[path] != tree.files[path])
    for path in cleared:
        if not cleared[path] and path != tree.main:
            cleared[path] = None
    if max_sessions is None:
        return cleared
    path = _place(tree, cleared, _block.text(max_sessions), location, drop_in)
    wanted = OrderedDict([(path, _block.text(max_sessions) + bare.get(path, ""))])
    wanted.update((other, text) for other, text in cleared.items() if other != path)
    return OrderedDict((path, text) for path, text in wanted.items() if tree.files.get(path) != text)


def _place(tree, cleared, block, location, drop_in):
    """Return the path of the file to write to."""
    if location == "main":
        if drop_in:
            raise Error("drop_in is given, but location is 'main': drop one of them")
        return tree.main
    for path in [drop_in] if drop_in else _drop_ins(tree):
        overlay = dict(cleared)
        overlay[path] = block
        trial = _config.read(tree.main, Files(overlay))
        ours = [one for one in _config.globals_of(trial) if one.path == path]
        if not ours and not drop_in:
            continue
        if not ours:
            raise Error(
                "%s would never be read: no Include outside a Match in %s names it. Choose a path that an Include "
                "names, or leave drop_in out" % (path, tree.main)
            )
        if path in tree.files and not _block.spans(tree.files[path]):
            raise Error("%s is not ours: it has no '%s'. Choose another drop_in" % (path, _block.BEGIN))
        if location == "drop_in" or _config.globals_of(trial)[0] == ours[0]:
            return path
    if location == "drop_in":
        raise Error("%s has no Include of a directory outside a Match: use location 'main' or 'auto'" % tree.main)
    return tree.main


def _drop_ins(tree):
    """Return the drop-in's path in each directory that the main file includes for every connection."""
    found = []
    for one in tree.directives:
        if one.keyword == "include" and one.path == tree.main and not one.match:
            for word in one.arguments:
                directory = os.path.dirname(os.path.join(_config.DIRECTORY, word))
                path = os.path.join(directory, NAME)
                if os.path.isdir(directory) and path not in found:
                    found.append(path)
    return found


def foreign(tree):
    """Return the MaxSessions directives that are not in a block of ours, in reading order."""
    ours = {path: _block.spans(text) for path, text in tree.files.items()}
    return [one for one in _config.limits(tree) if one.line not in ours[one.path]]
