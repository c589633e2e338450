# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MaxSessions goes, and the texts that put it there."""

import os
from collections import OrderedDict

from ansible_collections.multiplex.sshd.plugins.module_utils import _block, _config, _syntax
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error, LineError
from ansible_collections.multiplex.sshd.plugins.module_utils._files import Files

NAME = "0-multiplex.conf"  # sorts before 00-…, 01-… and every letter


def candidate(tree, limits, location="auto", drop_in=None):
    """Return ``{path: new text, None to remove it}`` of the files to change, in the order to change them.

    ``limits`` that set nothing take out all that was written before. New text comes before the removal of old, so that
    at no moment neither is there. Raises Error where the place that was asked for can't be had.
    """
    bare = {path: _block.without(path, text) for path, text in tree.files.items()}
    cleared = OrderedDict((path, bare[path]) for path in bare if bare[path] != tree.files[path])
    for path in cleared:
        if not cleared[path] and path != tree.main:
            cleared[path] = None
    block = _block.lines(limits)
    if not block:
        return cleared
    path = _place(tree, cleared, limits, location, drop_in)
    text = _in_main(bare[path], limits) if path == tree.main else "\n".join(block + [""])
    wanted = OrderedDict([(path, text)])
    wanted.update((other, left) for other, left in cleared.items() if other != path)
    return OrderedDict((path, text) for path, text in wanted.items() if tree.files.get(path) != text)


def _in_main(text, limits):
    """Return the main file's ``text`` with the limit for everyone at its top, and rules before its first Match."""
    lines = _syntax.lines(text)
    matches = [at for at, line in enumerate(lines) if (_syntax.parse(line) or ("",))[0] == "match"]
    # Behind the last line, which is empty where the text ends with a line feed: taken out, the text is as before.
    end = len(lines) if lines[-1] else len(lines) - 1
    at = matches[0] if matches else end
    lines[at:at] = _block.lines([limit for limit in limits if limit.match is not None])
    return "\n".join(_block.lines([limit for limit in limits if limit.match is None]) + lines)


def _place(tree, cleared, limits, location, drop_in):
    """Return the path of the file to write to."""
    text = "\n".join(_block.lines(limits))
    first = next(limit for limit in limits if limit.max_sessions is not None)
    depth = 0 if first.match is None else 1  # how many Match it stands in
    if location == "main":
        if drop_in:
            raise Error("drop_in is given, but location is 'main': drop one of them")
        return tree.main
    for path in [drop_in] if drop_in else _drop_ins(tree):
        trial = _config.read(tree.main, Files(dict(cleared, **{path: text})))
        ours = [one for one in _config.limits(trial) if one.path == path]
        if not ours or len(ours[0].match) > depth:
            if not drop_in:
                continue
            raise Error(
                "%s would never be read: no Include outside a Match in %s names it. Choose a path that an Include "
                "names, or leave drop_in out" % (path, tree.main)
            )
        _owned(tree, path)
        if drop_in or location == "drop_in" or depth or _config.globals_of(trial)[0] == ours[0]:
            return path
    if location == "drop_in":
        raise Error("%s has no Include of a directory outside a Match: use location 'main' or 'auto'" % tree.main)
    return tree.main


def _owned(tree, path):
    """Raise Error if the file at ``path`` holds a line of somebody else's: a drop-in is written as a whole."""
    for number, line in enumerate(_syntax.lines(tree.files.get(path, "")), 1):
        if line.strip(_syntax.BLANKS) and number not in _block.spans(tree.files[path]):
            raise LineError(path, number, "not written by multiplex.sshd: move it elsewhere, or choose another drop_in")


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


def ours(tree):
    """Return ``{match, None for everyone: value}`` of what was written here before."""
    others = foreign(tree)
    return {
        (one.match[-1] if one.match else None): _config.value(one) for one in _config.limits(tree) if one not in others
    }
