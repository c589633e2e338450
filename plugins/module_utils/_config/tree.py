# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration as sshd reads it: which directives stand where, across the main file and its Includes.

It locates and explains. What is valid and what wins is sshd's to say.
"""

import os
import re
from collections import OrderedDict
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from .._errors import ChangedMeanwhile, LineError
from . import syntax
from .files import Files, os_path

DEEPEST = 16  # SERVCONF_MAX_DEPTH in servconf.c
DIRECTORY = "/etc/ssh"  # SSHDIR: what a relative Include means, wherever the main file is


class Directive(NamedTuple):
    """A line that counts: Match, Include, MaxSessions or Port, with the criteria of the Match blocks around it."""

    path: str
    line: int
    keyword: str
    arguments: List[str]
    match: Tuple[str, ...]  # outermost first, () where it is global
    included: bool = False  # whether the outermost of them stands in an included file

    @property
    def where(self) -> str:
        """Where it stands, as ``PATH:LINE``; ``path`` alone, which is no file's then, on sshd's command line."""
        return "%s:%d" % (self.path, self.line) if self.line else self.path

    @property
    def max_sessions(self) -> Optional[int]:
        """The number of a MaxSessions directive, None where sshd takes it for none."""
        # Up to 8.6 a comment may touch the number; later sshd refuses the line, and so the whole file.
        text = self.arguments[0].partition("#")[0] if self.arguments else ""
        digits = re.match(r"[ \t-\r]*(?:[+]?0*([0-9]{1,10})|-(0)+)\Z", text)  # as strtonum()
        return int(digits.group(1) or 0) if digits else None

    @property
    def patterns(self) -> List[str]:
        """What an Include names, each as an absolute pattern; another directive names nothing. Raises Error."""
        return [os.path.join(DIRECTORY, os_path(one)) for one in self.arguments if self.keyword == "include"]

    @property
    def matches_all(self) -> bool:
        """Whether every connection is under its Match blocks; a global one stands in none."""
        return all(criteria.lower() == "all" for criteria in self.match)


class Tree(NamedTuple):
    """All that sshd reads from the ``main`` file on."""

    main: str
    files: Dict[str, str]  # path -> text, each once by the first name that it is read by, in reading order
    directives: List[Directive]
    includes: Dict[Tuple[str, int], List[str]]  # (path, line) -> the paths that the Include there reads, in order

    @property
    def limits(self) -> List[Directive]:
        """The MaxSessions directives in reading order."""
        return [one for one in self.directives if one.keyword == "maxsessions"]

    @property
    def global_limits(self) -> List[Directive]:
        """The MaxSessions directives outside every Match, of which sshd takes the first."""
        return [one for one in self.limits if not one.match]

    def require_same(self, now: "Tree") -> None:
        """Raise ChangedMeanwhile unless the files are those of the Tree that is read ``now``."""
        for path in [*self.files, *now.files]:
            if self.files.get(path) != now.files.get(path):
                raise ChangedMeanwhile(path)

    def started_with(self, options: Sequence[str], whose: str) -> "Tree":
        """Return the Tree of an sshd on ``whose`` command line these ``-o`` stand: they come before every line."""
        parsed = [syntax.parse(option) for option in options]
        given = [Directive("command line of %s" % whose, 0, one.keyword, one.arguments, ()) for one in parsed]
        return self._replace(directives=[one for one in given if one.keyword == "maxsessions"] + self.directives)

    def as_before_8_4(self) -> "Tree":
        """Return the Tree as OpenSSH 8.2 and 8.3 read it: an included Match counts only below one of the main file."""
        counting = [one for one in self.directives if one.keyword != "maxsessions" or not one.included]
        return self._replace(directives=counting)


def read(main: str, files: Files) -> Tree:
    """Return the Tree that starts at path ``main``. Raises LineError."""
    tree = Tree(main, OrderedDict(), [], {})
    _read(tree, files, main, {os.path.realpath(main): main}, Directive(main, 0, "", [], ()), 0)
    return tree


def _read(tree: Tree, files: Files, path: str, names: Dict[str, str], include: Directive, depth: int) -> None:
    """Read the file at ``path`` for ``include``; ``names`` are those of the files that were read, by their real paths."""
    if path not in tree.files:
        tree.files[path] = files.text(path)
    match, included = include.match, include.included
    for number, text in enumerate(syntax.lines(tree.files[path]), 1):
        if "\0" in text:
            raise LineError(path, number, "a NUL byte, behind which sshd misses the next line: remove it")
        line = syntax.parse(text)
        if line.keyword == "match":
            match = include.match + (syntax.joined(line.arguments),)
            included = include.included or (depth > 0 and not include.match)
        if line.keyword in ("match", "maxsessions", "port", "include"):
            tree.directives.append(Directive(path, number, line.keyword, line.arguments, match, included))
        if line.keyword == "include":
            directive = tree.directives[-1]
            found = [one for pattern in directive.patterns for one in files.expand(pattern)]
            paths = [names.setdefault(os.path.realpath(one), one) for one in found]
            tree.includes[path, number] = paths
            if paths and depth == DEEPEST:
                raise LineError(path, number, "Include nested more than %d deep: does it include itself?" % DEEPEST)
            for one in paths:
                _read(tree, files, one, names, directive, depth + 1)
