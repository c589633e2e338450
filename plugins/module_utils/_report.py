# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found and done, in the shapes and words of the module's result."""

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ._config import block, precedence, sessions
from ._config.files import Edits
from ._config.limits import Limit
from ._config.tree import Directive, Tree
from ._proof.state import Proof, Proposal, State

UNTIL = ", once sshd is reloaded"


def change(
    proposal: Proposal, desired: Sequence[Limit], limits: Sequence[Limit], undone: List[str], *, check_mode: bool
) -> Dict[str, Any]:
    """Return what becomes of MaxSessions by what is proposed to write, ``limits`` for those that are ``desired``.

    ``undone`` tells of an earlier change that was undone before.
    It is told before it is made: once it is kept, nothing may fail.
    """
    before, edits, after = proposal
    promised = after.effective if desired[0].max_sessions is None else desired[0].max_sessions
    rules = rule_outcomes(desired, before.proofs, after.proofs)
    roles = line_roles(after)
    lasting = _lasting(desired, limits, rules)
    return {
        "changed": bool(edits or undone),
        "max_sessions": promised,
        "clones": sessions.clones(promised),
        "effective": {"before": before.effective, "after": after.effective},
        "rules": rules,
        "written": list(edits),
        "backup_files": {},
        "reload": None,
        "probe": None,
        "settled": None,
        "validation": after.validation._asdict(),
        "reload_needed": bool(edits),
        "diff": diff(before.tree, edits, before.effective, after.effective),
        "msg": sentence(before.effective, after.effective, lasting, edits, roles["overridden_by"], check_mode=check_mode),
        "warnings": [
            *undone,
            *by_others(before.tree, edits),
            *warnings(desired, after.effective, rules, changed=bool(edits)),
            *([] if before.answers.looks_up_names or not rules else by_names(desired)),
        ],
        **roles,
    }


def settlement(state: State, settled: Optional[str], *, sentence: str) -> Dict[str, Any]:
    """Return what is in force once a pending change was ``settled``, "confirmed" or "reverted", None if none was there."""
    return {
        "changed": settled is not None,
        "max_sessions": state.effective,
        "clones": sessions.clones(state.effective),
        "effective": {"before": state.effective, "after": state.effective},
        "rules": [],
        "written": [],
        "backup_files": {},
        "reload": None,
        "probe": None,
        "settled": settled,
        "validation": state.validation._asdict(),
        "reload_needed": False,
        "msg": sentence,
        "warnings": [],
        **line_roles(state),
    }


def diff(tree: Tree, edits: Edits, before: int, after: int) -> List[Dict[str, str]]:
    """Return Ansible's diff: for each changed file its texts, and under its name what sshd made and makes of it."""
    return [
        {
            "before_header": "%s (MaxSessions %d: %s)" % (path, before, sessions.meaning(before)),
            "after_header": "%s (MaxSessions %d: %s)" % (path, after, sessions.meaning(after)),
            "before": tree.files.get(path, ""),
            "after": text or "",
        }
        for path, text in edits.items()
    ]


def completion(result: Dict[str, Any], reloaded: Optional[Dict[str, Any]], *, confirmed: bool) -> Dict[str, Any]:
    """Return what follows the change that ``result`` tells of: the reload, if there was one, and the confirmation."""
    told = {"reload": reloaded, "reload_needed": False, "settled": "confirmed" if confirmed else None}
    if reloaded:
        told["changed"] = result["changed"] or reloaded["changed"]
        told["msg"] = "%s; %s" % (result["msg"].replace(UNTIL, ""), reloaded["msg"])
    return told


def sentence(
    before: int,
    after: int,
    limits: Sequence[Limit],
    edits: Edits,
    overridden_by: Sequence[Mapping[str, Any]],
    *,
    check_mode: bool,
) -> str:
    """Say in one sentence what became of MaxSessions."""
    means = "one connection carries %s" % sessions.meaning(after)
    means += "".join("; under %s, %s" % (one.whom, sessions.meaning(one.max_sessions)) for one in limits[1:])
    others = [one for one in overridden_by if one["max_sessions"] != after]
    for one in others[:1]:
        means += " (under 'Match %s' it is %d, by %s line %d" % (one["match"], one["max_sessions"], one["path"], one["line"])
        means += "; overridden_by has %d more)" % (len(others) - 1) if others[1:] else ")"
    if not edits:
        return "MaxSessions is %d already: %s" % (after, means)
    change = "stays %d" % after if before == after else "goes from %d to %d" % (before, after)
    return "MaxSessions %s%s: %s%s" % ("would be set: it " if check_mode else "", change, means, UNTIL)


def rule_outcomes(limits: Sequence[Limit], before: Sequence[Proof], after: Sequence[Proof]) -> List[Dict[str, Any]]:
    """Return what became of each rule among the ``limits``."""
    return [
        {
            "match": limit.match,
            "max_sessions": limit.max_sessions,
            "clones": sessions.clones(limit.max_sessions),
            "effective": {"before": old.effective, "after": new.effective},
        }
        for limit, old, new in list(zip(limits, before, after))[1:]
    ]


def _lasting(desired: Sequence[Limit], limits: Sequence[Limit], rules: Sequence[Mapping[str, Any]]) -> List[Limit]:
    """Return ``desired`` with what its rules come to: more is kept with policy at_least."""
    written = {limit.match: limit.max_sessions for limit in limits}
    found = [desired[0]]
    for limit, rule in zip(desired[1:], rules):
        number = rule["effective"]["after"]
        number = written.get(limit.match, limit.max_sessions) if number is None else number
        found.append(limit._replace(max_sessions=number))
    return found


def warnings(limits: Sequence[Limit], after: int, rules: Sequence[Mapping[str, Any]], *, changed: bool) -> List[str]:
    """Return what a person should know beyond the outcome."""
    told = []
    if limits[0].max_sessions == 0:
        told.append("MaxSessions 0 lets in %s. Ansible can't open a new connection either." % sessions.meaning(0))
    if changed and after > sessions.DEFAULT and limits[0].max_sessions:
        told.append(
            "MaxSessions %d for everyone departs from the 10 that sshd has by default and that the CIS Benchmarks allow "
            "at most. 'rules' raise it for those only who need it." % after
        )
    for rule in rules:
        if rule["effective"]["after"] is None:
            told.append(
                "The rule 'Match %s' is written but not proven: no connection is known that meets it and no rule before it. "
                "Is there a user in the group?" % rule["match"]
            )
    return told


def by_names(limits: Sequence[Limit]) -> List[str]:
    """Return which rules are about nobody where sshd looks up no names of clients."""
    # Only here: who has no rules need not load it.
    from ._config.criteria import only_names  # noqa: PLC0415

    return [
        "The rule 'Match %s' is about nobody: UseDNS is no, sshd's default, and so sshd knows clients by address, not by "
        "name. Give addresses (Match Address), or have UseDNS set to yes" % limit.match
        for limit in limits
        if limit.match is not None and only_names(limit.match)
    ]


def by_others(tree: Tree, edits: Edits) -> List[str]:
    """Return what the ``edits`` undo that others made of our blocks in the ``tree``."""
    told = []
    read = {tree.main, *(path for paths in tree.includes.values() for path in paths)}
    # It may be as it should be, and only its Include be written: then it is none of the edits.
    for path in tree.files:
        if path not in read:
            told.append("%s is this collection's, and no Include reads it any more: something took that out" % path)
    for path in edits:
        for number, text, left in block.edited(tree.files.get(path, "")):
            told.append(
                "%s line %d: '%s' stands where this collection left %s. Something else writes there, lineinfile or a "
                "hardening role perhaps, and either undoes the other at every run: leave MaxSessions to one of them"
                % (path, number, text, "'%s'" % left if left else "nothing")
            )
    return told


def line_roles(state: State) -> Dict[str, Any]:
    """Return where the ``state``'s effective value stands, and the lines of others that it shadows or that override it."""
    tree, foreign = state.tree, block.foreign(state.tree)
    winner = state.winner
    contexts = state.audience.everybody
    decisive = [precedence.decisive(tree, one.met) for one in contexts]
    met = {match for one in contexts for match in one.met}
    unknown = [one for one in precedence.conditional(tree) if one.match not in met]
    overriding = set(map(id, decisive + unknown))
    # By its place: an Include may read a line twice.
    counting = {one.where for one in [winner, *decisive] if one}
    return {
        "defined_at": winner and winner.where,
        "shadowed": [_line(one) for one in foreign if not one.match and one.where not in counting],
        "overridden_by": [_line(one) for one in foreign if one.match and id(one) in overriding and one is not winner],
    }


def _line(directive: Directive) -> Dict[str, Any]:
    return {
        "path": directive.path,
        "line": directive.line,
        "max_sessions": directive.max_sessions,
        "match": " / ".join(directive.match) or None,
    }
