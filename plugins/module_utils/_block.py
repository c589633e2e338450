# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marked block of lines that is all that this collection writes, in a drop-in or in the main file."""

from ansible_collections.multiplex.sshd.plugins.module_utils import _sessions, _syntax
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import LineError

BEGIN = "# BEGIN multiplex.sshd.max_sessions"
END = "# END multiplex.sshd.max_sessions"


def lines(limits):
    """Return the lines of the block that sets ``limits``, empty if they set nothing.

    Where rules are among them, nothing that is meant for everyone may follow the block in the same file.
    """
    found = [limit for limit in limits if limit.max_sessions is not None]
    if not found:
        return []
    text = [BEGIN, "# Managed by Ansible: what is changed here by hand is overwritten."]
    for limit in found:
        indent = ""
        if limit.match is not None:
            text.append("Match %s" % limit.match)
            indent = "    "
        text.append("%s# One connection may carry %s." % (indent, _sessions.meaning(limit.max_sessions)))
        text.append("%sMaxSessions %d" % (indent, limit.max_sessions))
    return text + [END]


def without(path, content):
    """Return ``content`` without its block; raises LineError where the marks of the file at ``path`` don't pair."""
    kept, opened = [], None
    for number, line in enumerate(_syntax.lines(content), 1):
        mark = line.rstrip(_syntax.BLANKS)
        if mark in (BEGIN, END) and (mark == BEGIN) != (opened is None):
            raise LineError(path, number, "'%s' out of place: put its other mark back, or remove the whole block" % mark)
        if mark == BEGIN:
            opened = number
        elif mark == END:
            opened = None
        elif opened is None:
            kept.append(line)
    if opened is not None:
        raise LineError(path, opened, "'%s' has no '%s': put it back, or remove the whole block" % (BEGIN, END))
    return "\n".join(kept)


def spans(content):
    """Return the set of line numbers that the block takes up in ``content``."""
    inside, numbers = False, set()
    for number, line in enumerate(_syntax.lines(content), 1):
        mark = line.rstrip(_syntax.BLANKS)
        inside = inside or mark == BEGIN
        if inside:
            numbers.add(number)
        inside = inside and mark != END
    return numbers
