# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's own word that a configuration is valid and says what is desired."""

import contextlib
from types import ModuleType
from typing import Callable, Sequence

from .._config import block, precedence, syntax
from .._config import tree as _tree
from .._config.files import Edits, Files
from .._config.limits import Limit
from .._config.tree import Tree
from .._errors import ChangedMeanwhile, Error, LineError
from .connection_spec import ConnectionSpec
from .contexts import audience
from .sshd import MEND, Sshd, require_valid
from .state import Answers, Proof, Proposal, State

BROKEN = "Nothing was changed: the configuration is broken as it stands."
REJECTED = "The old files are back: sshd rejects the new ones in place."
REFUSED = "Nothing was changed: the new configuration would not do."
QUOTING = tuple("OpenSSH_8.%d" % minor for minor in range(2, 7))  # by double quotes only
IGNORING = QUOTING[:2]  # a Match in a file that is included before the first of the main file's
CHANCES = 3  # to read files while nobody writes to them
MOST = 20  # connections to try of those whom the limit for everyone may be about


def current(sshd: Sshd, read: Callable[[], Tree], limits: Sequence[Limit], policy: str = "exact") -> State:
    """Return the State of the live tree, which is what ``read()`` returns; where somebody writes to it, read it anew.

    Raises Error if sshd rejects it, or reads another one, and ChangedMeanwhile if somebody never stops writing.
    """
    for _chance in range(CHANCES - 1):
        with contextlib.suppress(ChangedMeanwhile):
            return _current(sshd, read, limits, policy)
    return _current(sshd, read, limits, policy)


def _current(sshd: Sshd, read: Callable[[], Tree], limits: Sequence[Limit], policy: str) -> State:
    as_read = read()
    tree = _as_read_by(sshd, as_read)
    answers = Answers(sshd, tree.main, BROKEN, MEND % tree.main)
    about = audience(tree, limits)
    effective = answers.max_sessions(about.for_everyone[0].spec)
    validation, tree = answers.validation, tree.started_with(*sshd.command_line)
    at_least, proofs = policy == "at_least", []
    for limit, contexts in zip(limits, about.limits):

        def does(spec: ConnectionSpec, limit: Limit = limit) -> bool:
            return limit.max_sessions is None or limit.is_met_by(answers.max_sessions(spec), at_least=at_least)

        specs = [one.spec for one in contexts]
        if limit is limits[0]:
            # One is enough: all the same lines are theirs. Rules leave nobody to it: then somebody who has as much.
            specs = specs[:1] or sorted((one.spec for one in about.for_everyone[:MOST]), key=does, reverse=True)
        else:
            specs.sort(key=answers.max_sessions if at_least else does)
        spec = next(iter(specs), None)
        proofs.append(Proof(limit, spec, spec and answers.max_sessions(spec)))
    # What sshd said is about these files.
    as_read.require_same(read())
    precedence.winner(tree, effective)
    return State(tree, validation, proofs, about, answers)


def not_lowering(limits: Sequence[Limit], before: State) -> Sequence[Limit]:
    """Return what to write for ``limits`` with policy at_least: nobody is to have less than ``before``."""
    # Only here: policy exact need not load it.
    from . import at_least  # noqa: PLC0415

    return at_least.raised(limits, before)


def proposed(sshd: Sshd, before: State, candidates: Sequence[Edits], policy: str) -> Proposal:
    """Return the Proposal of the first of the ``candidates`` that does, judged on a copy of the whole configuration.

    Raises Error where sshd would reject them all, or a limit would not be in force for those whom it is about; with policy
    at_least, where somebody would have less than is promised, or than before. Where nothing is to be edited and every
    limit is in force already, sshd is not asked again.
    """
    refused = None
    for edits in candidates:
        try:
            return _judged(sshd, before, edits, policy)
        except Error as error:
            # An sshd that was ended by a signal has said nothing of that place: another one is no better.
            if error.details.get("validation", {}).get("rc", 0) < 0:
                raise
            refused = refused or error
    raise refused


def require_in_force(limits: Sequence[Limit], current: State, why: str, *, policy: str) -> None:
    """Raise Error with ``why`` it may be unless each of ``limits`` is in force, or with policy at_least more than it."""
    for limit, proof in zip(limits, current.proofs):
        if not limit.is_met_by(proof.effective, at_least=policy == "at_least"):
            raise Error(
                "MaxSessions %d for %s is not there to be confirmed, %d is in force: %s"
                % (limit.max_sessions, limit.whom, proof.effective, why)
            )


def _judged(sshd: Sshd, before: State, edits: Edits, policy: str) -> Proposal:
    at_least = policy == "at_least"
    kept = all(proof.limit.is_met_by(proof.effective, at_least=at_least) for proof in before.proofs)
    if not edits and kept:
        return Proposal(before, edits, before)
    # Only here: a run that finds all in force need not load it.
    from .staging import staged  # noqa: PLC0415

    tree = _as_read_by(sshd, _tree.read(before.tree.main, Files(edits))).started_with(*sshd.command_line)
    with staged(tree) as stage:
        validation = stage.translate(sshd.test(stage.main))
        require_valid(validation, REFUSED, "")
        answers = Answers(sshd, stage.main, REFUSED, "", stage)
        after = State(tree, validation, [], audience(tree, [proof.limit for proof in before.proofs]), answers)
        if at_least:
            _require_no_less(before, after)
        proofs = [_proof(before, after, number, at_least=at_least) for number in range(len(before.proofs))]
    olds = [
        old._replace(spec=new.spec, effective=new.spec and before.answers.max_sessions(new.spec))
        for old, new in zip(before.proofs, proofs)
    ]
    return Proposal(before._replace(proofs=olds), edits, after._replace(proofs=proofs))


def verify_in_place(sshd: Sshd, promised: State) -> None:
    """Return once the live files say what their copy ``promised``; raise Error if not, so that they are put back."""
    answers = Answers(sshd, promised.tree.main, REJECTED, "It took their copy.")
    # One for each number: whether every line counts was seen on the copy.
    for spec, said in {proof.effective: (proof.spec, proof.effective) for proof in promised.proofs if proof.spec}.values():
        effective = answers.max_sessions(spec)
        if effective != said:
            raise Error(
                "The old files are back: in place, sshd says MaxSessions %d where the copy said %d. Does an "
                "Include name other files when it is read as %s?" % (effective, said, promised.tree.main)
            )


def _as_read_by(sshd: Sshd, tree: Tree) -> Tree:
    """Return the ``tree`` without what this release of sshd ignores; it is asked for its version only where that matters.

    Raises LineError for an Include that it takes for another one.
    """
    for path, number in tree.includes:
        line = syntax.lines(tree.files[path])[number - 1]
        old = syntax.arguments_before_8_7(line)
        if old != syntax.parse(line).arguments and (sshd.version or "").startswith(QUOTING):
            what = "to OpenSSH up to 8.6 this names %s: use double quotes around a whole name, and no backslash"
            raise LineError(path, number, what % syntax.joined(old))
    included = any(one.included for one in block.foreign(tree))
    return tree.as_before_8_4() if included and (sshd.version or "").startswith(IGNORING) else tree


def _proof(before: State, after: State, number: int, *, at_least: bool) -> Proof:
    """Return the Proof of the limit with that ``number``: a rule's by all whom it is about, that for everyone by one."""
    old = before.proofs[number]
    tried = before.audience.limits[number] if number else before.audience.for_everyone[:MOST]
    met, failed = [], None
    for one in tried:
        if old.limit.is_met_by(after.answers.max_sessions(one.spec), at_least=at_least):
            met.append(one.spec)
            if number == 0:
                break
        else:
            failed = failed or one
    if failed and (number or not met):
        raise Error(_refusal().wins(before, after, old.limit, failed))
    spec = old.spec if old.spec in met else next(iter(met), None)
    return Proof(old.limit, spec, spec and after.answers.max_sessions(spec))


def _require_no_less(before: State, after: State) -> None:
    """Raise Error if somebody would have less than before."""
    for one in before.audience.everybody:
        if after.answers.max_sessions(one.spec) < before.answers.max_sessions(one.spec):
            raise Error(_refusal().less(before, after, one))


def _refusal() -> ModuleType:
    # Only here: what does need not be explained.
    from . import refusal  # noqa: PLC0415

    return refusal
