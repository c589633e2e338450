# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked block of lines that is all that this collection writes, in a drop-in or in the main file."""

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set

from .._errors import LineError
from . import sessions, syntax
from .limits import Limit
from .tree import Directive, Tree

BEGIN = "# BEGIN multiplex.sshd.max_sessions"
END = "# END multiplex.sshd.max_sessions"


class _Line(NamedTuple):
    number: int
    text: str
    opened: Optional[int]  # the number of the BEGIN whose block it belongs to
    misplaced: bool  # a mark whose other one is missing


def lines(limits: Sequence[Limit]) -> List[str]:
    """Return the lines of the block that sets ``limits``, empty if they set nothing.

    Where rules are among them, nothing that is meant for everyone may follow the block in the same file.
    """
    given = [(limit.match, limit.max_sessions) for limit in limits if limit.max_sessions is not None]
    if not given:
        return []
    text = [BEGIN, "# Managed by Ansible: what is changed here by hand is overwritten."]
    for match, max_sessions in given:
        indent = ""
        if match is not None:
            text.append("Match %s" % match)
            indent = "    "
        text.append("%s# One connection may carry %s." % (indent, sessions.meaning(max_sessions)))
        text.append("%sMaxSessions %d" % (indent, max_sessions))
    return text + [END]


def without(path: str, content: str) -> str:
    """Return ``content`` without its block; raises LineError where the marks of the file at ``path`` don't pair."""
    kept, line = [], None
    for line in _walk(content):
        if line.misplaced:
            mark = line.text.rstrip(syntax.BLANKS)
            raise LineError(
                path, line.number, "'%s' out of place: put its other mark back, or remove the whole block" % mark
            )
        if line.opened is None:
            kept.append(line.text)
    if line is not None and line.opened is not None and line.text.rstrip(syntax.BLANKS) != END:
        raise LineError(path, line.opened, "'%s' has no '%s': put it back, or remove the whole block" % (BEGIN, END))
    return "\n".join(kept)


def line_numbers(content: str) -> Set[int]:
    """Return the numbers of the lines that the block takes up in ``content``, up to its end if it is not closed."""
    return {line.number for line in _walk(content) if line.opened is not None}


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
    return [one for one in tree.limits if one.line not in ours[one.path]]


def written_before(tree: Tree) -> Dict[Optional[str], Optional[int]]:
    """Return ``{match, None for everyone: value}`` of what stands in a block of ours."""
    others = foreign(tree)
    return {
        (one.match[-1] if one.match else None): one.max_sessions for one in tree.limits if one not in others
    }
