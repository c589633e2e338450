# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found and done, in the shapes and words of the module's result."""

from ansible_collections.multiplex.sshd.plugins.module_utils import _config, _plan, _sessions


def diff(tree, candidate, before, after):
    """Return Ansible's diff: for each changed file its texts, and under its name what sshd made and makes of it."""
    return [
        {
            "before_header": "%s (MaxSessions %d: %s)" % (path, before, _sessions.meaning(before)),
            "after_header": "%s (MaxSessions %d: %s)" % (path, after, _sessions.meaning(after)),
            "before": tree.files.get(path, ""),
            "after": text or "",
        }
        for path, text in candidate.items()
    ]


def sentence(before, after, limits, candidate, check_mode):
    """Say in one sentence what became of MaxSessions."""
    means = "one connection carries %s" % _sessions.meaning(after)
    means += "".join("; under 'Match %s', %s" % (one.match, _sessions.meaning(one.max_sessions)) for one in limits[1:])
    if not candidate:
        return "MaxSessions is %d already: %s" % (after, means)
    change = "stays %d" % after if before == after else "goes from %d to %d" % (before, after)
    return "MaxSessions %s%s: %s, once sshd is reloaded" % ("would be set: it " if check_mode else "", change, means)


def rules(limits, befores, proofs):
    """Return what became of each rule among the ``limits``; one that needed no writing keeps what was before."""
    after = {proof.limit.match: proof.effective for proof in proofs}
    return [
        {
            "match": limit.match,
            "max_sessions": limit.max_sessions,
            "clones": _sessions.clones(limit.max_sessions),
            "effective": {"before": before, "after": after.get(limit.match, before)},
        }
        for limit, before in list(zip(limits, befores))[1:]
    ]


def warnings(limits, after, rules, changed):
    """Return what a person should know beyond the outcome."""
    found = []
    if limits[0].max_sessions == 0:
        found.append("MaxSessions 0 lets in %s. Ansible can't open a new connection either." % _sessions.meaning(0))
    if changed and after > _sessions.DEFAULT and limits[0].max_sessions:
        found.append(
            "MaxSessions %d for everyone departs from the 10 that sshd has by default and that the CIS Benchmarks allow "
            "at most. 'rules' raise it for those only who need it." % after
        )
    for rule in rules:
        if rule["effective"]["after"] is None:
            found.append(
                "The rule 'Match %s' is written but not proven: no connection is known that meets it. "
                "Is there a user in the group?" % rule["match"]
            )
    return found


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
