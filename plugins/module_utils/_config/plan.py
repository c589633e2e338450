# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MaxSessions goes, and the edits that put it there."""

import os
from collections import OrderedDict
from typing import Dict, List, Mapping, Optional, Sequence

from .._errors import Error, LineError
from . import block, syntax
from . import tree as _tree
from .files import Files, os_path, require_replaceable
from .limits import Limit
from .tree import Tree

NAME = "0-multiplex.conf"  # sorts before 00-…, 01-… and every letter

Edits = Dict[str, Optional[str]]  # path -> its new text, None to remove it; in the order to make them


def edits(tree: Tree, limits: Sequence[Limit], location: str = "auto", drop_in: Optional[str] = None) -> Edits:
    """Return the Edits that bring ``limits`` into force; limits that set nothing take out all that was written before.

    New text comes before the removal of old, so that at no moment neither is there. Raises Error where the place that was
    asked for can't be had.
    """
    bare = {path: block.without(path, text) for path, text in tree.files.items()}
    cleared: Edits = OrderedDict((path, bare[path]) for path in bare if bare[path] != tree.files[path])
    for path in cleared:
        if not cleared[path] and path != tree.main:
            cleared[path] = None
    lines = block.lines(limits)
    if not lines:
        return cleared
    place = _place(tree, cleared, limits, location, drop_in)
    text = _in_main(bare[place], limits) if place == tree.main else "\n".join(lines + [""])
    desired: Edits = OrderedDict([(place, text)])
    desired.update((path, left) for path, left in cleared.items() if path != place)
    return OrderedDict((path, text) for path, text in desired.items() if tree.files.get(path) != text)


def _in_main(text: str, limits: Sequence[Limit]) -> str:
    """Return the main file's ``text`` with the limit for everyone at its top, and rules before its first Match."""
    lines = syntax.lines(text)
    matches = [at for at, line in enumerate(lines) if syntax.parse(line).keyword == "match"]
    # Behind the last line, which is empty where the text ends with a line feed: taken out, the text is as before.
    end = len(lines) if lines[-1] else len(lines) - 1
    at = matches[0] if matches else end
    lines[at:at] = block.lines([limit for limit in limits if limit.match is not None])
    return "\n".join(block.lines([limit for limit in limits if limit.match is None]) + lines)


def _place(
    tree: Tree, cleared: Mapping[str, Optional[str]], limits: Sequence[Limit], location: str, drop_in: Optional[str]
) -> str:
    """Return the path of the file to write to."""
    text = "\n".join(block.lines(limits))
    first = next(limit for limit in limits if limit.max_sessions is not None)
    depth = 0 if first.match is None else 1  # how many Match it stands in
    if location == "main":
        if drop_in:
            raise Error("drop_in is given, but location is 'main': drop one of them")
        return tree.main
    for path in [drop_in] if drop_in else _drop_ins(tree):
        trial = _tree.read(tree.main, Files(dict(cleared, **{path: text})))
        ours = [one for one in trial.limits if one.path == path]
        if not ours or len(ours[0].match) > depth:
            if not drop_in:
                continue
            raise Error(
                "%s would never be read: no Include outside a Match in %s names it. Choose a path that an Include "
                "names, or leave drop_in out" % (path, tree.main)
            )
        _only_ours(tree, path)
        if drop_in or location == "drop_in" or depth or trial.global_limits[0] == ours[0]:
            return path
    if location == "drop_in":
        raise Error("%s has no Include of a directory outside a Match: use location 'main' or 'auto'" % tree.main)
    return tree.main


def _only_ours(tree: Tree, path: str) -> None:
    """Raise Error if what is at ``path`` is somebody else's: a drop-in is written, and removed, as a whole."""
    require_replaceable(path)
    text = tree.files.get(path, "")
    ours = block.line_numbers(text)
    if path in tree.files and not ours and not text.strip(syntax.BLANKS):
        raise Error("%s is empty, and not written by multiplex.sshd: remove it, or choose another drop_in" % path)
    for number, line in enumerate(syntax.lines(text), 1):
        if line.strip(syntax.BLANKS) and number not in ours:
            raise LineError(path, number, "not written by multiplex.sshd: move it elsewhere, or choose another drop_in")


def _drop_ins(tree: Tree) -> List[str]:
    """Return the drop-in's path in each directory that the main file includes for every connection."""
    paths: List[str] = []
    for one in tree.directives:
        if one.keyword == "include" and one.path == tree.main and not one.match:
            for pattern in one.arguments:
                directory = os.path.dirname(os.path.join(_tree.DIRECTORY, os_path(pattern)))
                path = os.path.join(directory, NAME)
                if os.path.isdir(directory) and path not in paths:
                    paths.append(path)
    return paths
