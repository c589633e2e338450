# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MaxSessions goes, and the edits that put it there."""

import os
import re
from collections import OrderedDict
from typing import List, Optional, Sequence

from .._errors import Error, LineError
from . import block, syntax
from . import tree as _tree
from .files import Edits, Files, require_replaceable
from .limits import Limit
from .tree import Directive, Tree

NAME = "0-multiplex.conf"  # sorts before 00-…, 01-… and every letter
BESIDE = ".multiplex"  # ends the name of the file beside the main one: no Include of *.conf takes it


def read(main: str, drop_in: Optional[str] = None) -> Tree:
    """Return the Tree that starts at path ``main``; among its files are those of ours that nothing reads any more.

    They would be in force again once somebody brings back their Include. Raises Error.
    """
    tree = _tree.read(main, Files())
    known = {os.path.realpath(path) for path in tree.files}
    for path in [*filter(None, [drop_in]), main + BESIDE, os.path.join(main + ".d", NAME), *_drop_ins(tree, anywhere=True)]:
        if os.path.realpath(path) not in known and os.path.isfile(path):
            text = Files().text(path)
            if block.line_numbers(text):
                tree.files[path] = text
    return tree


def candidates(tree: Tree, limits: Sequence[Limit], location: str = "auto", drop_in: Optional[str] = None) -> List[Edits]:
    """Return Edits that may bring ``limits`` into force, the best first; limits that set nothing take out all of ours.

    sshd has to say which do. New text comes before the removal of old, so that at no moment neither is there. Raises
    Error where the place that was asked for can't be had.
    """
    if location == "main" and drop_in:
        raise Error("drop_in is given, but location is 'main': drop one of them")
    bare = {path: block.without(path, text) for path, text in tree.files.items()}
    cleared: Edits = OrderedDict((path, bare[path]) for path in bare if bare[path] != tree.files[path])
    for path in cleared:
        # A link is somebody's: it would lead nowhere.
        if not cleared[path] and path != tree.main and not os.path.islink(path):
            cleared[path] = None
    lines = block.lines(limits)
    if not lines:
        return [cleared]
    found: List[Edits] = []
    if location != "main":
        found += [{path: "\n".join(lines + [""])} for path in _in_drop_ins(tree, cleared, limits, location, drop_in)]
    if location != "drop_in" and not drop_in:
        found += _in_main(tree, bare[tree.main], limits)
    return [_changing(tree, OrderedDict([*new.items(), *cleared.items()]), new) for new in found]


def _changing(tree: Tree, edits: Edits, new: Edits) -> Edits:
    """Return those of ``edits``, as far as they are not the ``new`` ones', that change something."""
    edits.update(new)
    return OrderedDict((path, text) for path, text in edits.items() if tree.files.get(path) != text)


def _in_main(tree: Tree, text: str, limits: Sequence[Limit]) -> List[Edits]:
    """Return the Edits of the main file whose ``text`` without a block is this.

    Rules go into a file of its own that the first line includes: they come before every Match there is, and what
    somebody appends is not theirs. Where there is no such Include (before 8.2), or it ignores Match (before 8.4), they
    stand before the first Match, and the limit for everyone at the top.
    """
    rules = [limit for limit in limits if limit.match is not None]
    everyone = block.lines([limit for limit in limits if limit.match is None])
    lines = syntax.lines(text)
    if not block.lines(rules):
        return [{tree.main: "\n".join(everyone + lines)}]
    beside = tree.main + BESIDE
    found: List[Edits] = []
    foreign = os.path.lexists(beside) and not block.is_all(tree.files.get(beside, ""))
    # Other names would have to be quoted, and that means something else to each release.
    if re.match(r"[\w/.+@-]+\Z", beside) and not foreign:
        own = "\n".join(block.lines(limits) + [""])
        found.append(OrderedDict([(beside, own), (tree.main, "\n".join(block.including(beside) + lines))]))
    matches = [at for at, line in enumerate(lines) if syntax.parse(line).keyword == "match"]
    if matches:
        lines[matches[0]:matches[0]] = block.lines(rules)
    else:
        # What somebody appends is then for all, as it would be without us.
        unfed = [block.NO_LINE_FEED] if lines[-1] else []
        lines[len(lines) - (0 if unfed else 1):] = block.lines(rules, "Match all", *unfed) + [""]
    found.append({tree.main: "\n".join(everyone + lines)})
    return found


def _in_drop_ins(tree: Tree, cleared: Edits, limits: Sequence[Limit], location: str, drop_in: Optional[str]) -> List[str]:
    """Return the paths of drop-ins to write to. Raises Error where none can be had that was asked for."""
    text = "\n".join(block.lines(limits))
    first = next(limit for limit in limits if limit.max_sessions is not None)
    depth = 0 if first.match is None else 1  # how many Match it stands in
    asked = bool(drop_in) or location == "drop_in"
    found = []
    names = {os.path.realpath(path): path for path in tree.files}
    for path in [drop_in] if drop_in else _drop_ins(tree):
        path = names.get(os.path.realpath(path), path)
        trial = _tree.read(tree.main, Files(dict(cleared, **{path: text})))
        ours = [one for one in trial.limits if os.path.realpath(one.path) == os.path.realpath(path)]
        trouble = _trouble(tree, path, ours, depth)
        if trouble and drop_in:
            raise Error("%s, or leave drop_in out" % trouble)
        if trouble:
            continue
        if _is_free(tree, path, asked=asked) and (asked or depth or trial.global_limits[0] == ours[0]):
            found.append(path)
    if location == "drop_in" and not found:
        raise Error("%s includes no directory outside a Match and in none: use location 'main' or 'auto'" % tree.main)
    return found


def _trouble(tree: Tree, path: str, ours: Sequence[Directive], depth: int) -> Optional[str]:
    """Return why none can be at ``path``, where its limits would be read as ``ours``, the first below ``depth`` Match."""
    if not ours or len(ours[0].match) > depth:
        return "%s would never be read: no Include outside a Match in %s names it. Choose a path that an Include names" % (
            path, tree.main,
        )  # fmt: skip
    inside = [one for one in ours if one.line == ours[0].line and one.match and not depth]
    if inside:
        return (
            "%s would be read under 'Match %s' too, and change what is said there. Choose a path that no Include in a Match "
            "names" % (path, inside[0].match[0])
        )
    return None


def _is_free(tree: Tree, path: str, *, asked: bool) -> bool:
    """Say whether a drop-in, which is written whole, can be at ``path``. Raises Error if not, where it was ``asked``."""
    require_replaceable(path)
    directory = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(directory):
        raise Error("%s can't be written: there is no directory %s. Make it, or choose another drop_in" % (path, directory))
    text = tree.files.get(path)
    if text is None or block.is_all(text):
        return True
    if asked:
        todo = "not written by multiplex.sshd: move it elsewhere, or choose another drop_in"
        ours = block.line_numbers(text)
        for number, line in enumerate(syntax.lines(text), 1):
            if line.strip(syntax.BLANKS) and number not in ours:
                raise LineError(path, number, todo)
        raise Error("%s: empty, and %s" % (path, todo))
    return False


def _drop_ins(tree: Tree, *, anywhere: bool = False) -> List[str]:
    """Return the drop-in's path in each directory that the main file includes for everyone, or ``anywhere`` includes."""
    paths: List[str] = []
    for one in tree.directives:
        if anywhere or (one.path == tree.main and not one.match):
            for pattern in one.patterns:
                directory = os.path.dirname(pattern)
                path = os.path.join(directory, NAME)
                if os.path.isdir(directory) and os.path.realpath(path) not in map(os.path.realpath, paths):
                    paths.append(path)
    return paths
