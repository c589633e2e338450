# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found and done, in the shapes and words of the module's result."""

from ansible_collections.multiplex.sshd.plugins.module_utils import _config, _plan, _sessions
from ansible_collections.multiplex.sshd.plugins.module_utils._files import readable


def diff(tree, candidate, before, after):
    """Return Ansible's diff: for each changed file its texts, and under its name what sshd made and makes of it."""
    return [
        {
            "before_header": "%s (MaxSessions %d: %s)" % (path, before, _sessions.meaning(before)),
            "after_header": "%s (MaxSessions %d: %s)" % (path, after, _sessions.meaning(after)),
            "before": readable(tree.files.get(path, "")),
            "after": readable(text or ""),
        }
        for path, text in candidate.items()
    ]


def sentence(before, after, candidate, check_mode):
    """Say in one sentence what became of MaxSessions."""
    means = "one connection carries %s" % _sessions.meaning(after)
    if not candidate:
        return "MaxSessions is %d already: %s" % (after, means)
    change = "stays %d" % after if before == after else "goes from %d to %d" % (before, after)
    return "MaxSessions %s%s: %s, once sshd is reloaded" % ("would be set: it " if check_mode else "", change, means)


def lines(tree, effective):
    """Return where the ``effective`` value stands, and the lines of others that it shadows or that override it."""
    winner = _config.winner(tree, effective)
    return {
        "defined_at": _config.where(winner),
        "shadowed": [_line(one) for one in _config.globals_of(tree) if one != winner],
        "overridden_by": [_line(one) for one in _plan.foreign(tree) if one.match],
    }


def _line(directive):
    return {
        "path": directive.path,
        "line": directive.line,
        "max_sessions": _config.value(directive),
        "match": " / ".join(directive.match) or None,
    }
