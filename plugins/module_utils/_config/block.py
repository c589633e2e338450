# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked block of lines that is all that this collection writes, in a file of its own or in the main file."""

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .._errors import LineError
from . import sessions, syntax
from .limits import Limit
from .tree import Directive, Tree

BEGIN = "# BEGIN multiplex.sshd.max_sessions"
END = "# END multiplex.sshd.max_sessions"
COMMENT = "# One connection may carry "
MANAGED = "# Managed by Ansible: what is changed here by hand is overwritten."
APART = "# It stands in a file of its own: a Match ends with its file."
NO_LINE_FEED = "# No line feed ended this file before."


class _Line(NamedTuple):
    number: int
    text: str
    opened: Optional[int]  # the number of the BEGIN whose block it belongs to
    misplaced: bool  # a mark whose other one is missing


def lines(limits: Sequence[Limit], *more: str) -> List[str]:
    """Return the lines of the block that sets ``limits``, empty if they set nothing; ``more`` lines stand at its end.

    Where rules are among them, nothing that is meant for everyone may follow the block in the same file.
    """
    given = [(limit.match, limit.max_sessions) for limit in limits if limit.max_sessions is not None]
    if not given:
        return []
    text = [BEGIN, MANAGED]
    for match, max_sessions in given:
        indent = ""
        if match is not None:
            text.append("Match %s" % match)
            indent = "    "
        text.append("%s%s" % (indent, _comment(max_sessions)))
        text.append("%sMaxSessions %d" % (indent, max_sessions))
    return text + [*more, END]


def including(path: str) -> List[str]:
    """Return the lines of the block that includes the file at ``path``, where the other block stands."""
    return [BEGIN, MANAGED, APART, "Include %s" % path, END]


def _comment(max_sessions: int) -> str:
    return "%s%s." % (COMMENT, sessions.meaning(max_sessions))


def without(path: str, content: str) -> str:
    """Return ``content`` without its block; raises LineError where the marks of the file at ``path`` don't pair."""
    kept, line, fed, last = [], None, True, 0
    for line in _walk(content):
        if line.misplaced:
            mark = line.text.rstrip(syntax.BLANKS)
            raise LineError(
                path, line.number, "'%s' out of place: put its other mark back, or remove the whole block" % mark
            )
        if line.opened is None:
            kept.append(line.text)
        elif line.text == NO_LINE_FEED:
            fed, last = False, len(kept)
    if line is not None and line.opened is not None and line.text.rstrip(syntax.BLANKS) != END:
        raise LineError(path, line.opened, "'%s' has no '%s': put it back, or remove the whole block" % (BEGIN, END))
    if not fed and kept[last:] == [""]:
        kept.pop()
    return "\n".join(kept)


def edited(content: str) -> List[Tuple[int, str, str]]:
    """Return ``(number, text, what was left there)`` of the lines of the block that somebody else has changed.

    The comment above a number tells which was left; where a line was added, nothing was.
    """
    found: List[Tuple[int, str, str]] = []
    left = ""
    for line in _walk(content) if BEGIN in content else ():
        text = line.text.strip(syntax.BLANKS)
        keyword = syntax.parse(text).keyword
        if line.opened is None or text in (BEGIN, MANAGED, APART, NO_LINE_FEED, ""):
            continue
        if keyword == "maxsessions":
            if text != left:
                found.append((line.number, text, left))
            left = ""
            continue
        number = sessions.meant(text[len(COMMENT):-1]) if text.startswith(COMMENT) else None
        if left or (number is None and keyword not in ("match", "include") and text != END):
            found.append((line.number, text, left))
        left = "" if number is None else "MaxSessions %d" % number
    return found


def line_numbers(content: str) -> Set[int]:
    """Return the numbers of the lines that the block takes up in ``content``, up to its end if it is not closed."""
    return {line.number for line in _walk(content) if line.opened is not None} if BEGIN in content else set()


def is_all(content: str) -> bool:
    """Say whether ``content`` is a block and nothing else."""
    return BEGIN in content and not any(line.opened is None and line.text.strip(syntax.BLANKS) for line in _walk(content))


def _walk(content: str) -> Iterator[_Line]:
    opened = None
    for number, text in enumerate(syntax.lines(content), 1):
        mark = text.rstrip(syntax.BLANKS)
        misplaced = mark in (BEGIN, END) and (mark == BEGIN) != (opened is None)
        if mark == BEGIN and opened is None:
            opened = number
        yield _Line(number, text, opened, misplaced)
        if mark == END:
            opened = None


def foreign(tree: Tree) -> List[Directive]:
    """Return the MaxSessions directives that are not in a block of ours, in reading order."""
    ours = {path: line_numbers(text) for path, text in tree.files.items()}
    return [one for one in tree.limits if one.line not in ours.get(one.path, ())]


def written(tree: Tree) -> List[Limit]:
    """Return the Limits that stand in a block of ours, the one for everyone first, whose number is None if there is none.

    What an Include in somebody's Match reads a second time is no rule of ours.
    """
    others = set(map(id, foreign(tree)))
    readings: Dict[Tuple[str, int], Directive] = {}
    for one in sorted(tree.limits, key=lambda one: len(one.match)):
        readings.setdefault((one.path, one.line), one)
    found: Dict[Optional[str], Limit] = {None: Limit(None, None)}
    for one in tree.limits:
        match = one.match[-1] if one.match else None
        ours = id(one) not in others and readings[one.path, one.line] is one
        if ours and (match not in found or (match is None and found[None].max_sessions is None)):
            found[match] = Limit(match, one.max_sessions)
    return list(found.values())
