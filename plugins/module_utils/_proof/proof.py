# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's own word that a configuration is valid and says what is desired."""

from typing import TYPE_CHECKING, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .._config import block, precedence
from .._config import tree as _tree
from .._config.files import Files
from .._config.limits import Limit, as_read
from .._config.plan import Edits
from .._config.tree import Tree
from .._errors import Error
from .connection_spec import ConnectionSpec, anyone
from .sshd import Sshd, Validation

if TYPE_CHECKING:
    from .staging import Stage

BROKEN = "Nothing was changed: the configuration is broken as it stands."
REFUSED = "Nothing was changed: the new configuration would not do."
MEND = "Mend it first: 'sshd -t -f %s' shows it too."


class Proof(NamedTuple):
    """What is in force by sshd's word, ``effective``, for the connection ``spec``, one that ``limit`` is about."""

    limit: Limit
    spec: Optional[ConnectionSpec]  # None where sshd was not asked, or no such connection is known
    effective: Optional[int]  # None where no such connection is known


class State(NamedTuple):
    """A configuration and sshd's word about it, as it is or as it would be."""

    tree: Tree
    validation: Validation
    proofs: List[Proof]  # one a limit, the one for everyone first

    @property
    def effective(self) -> int:
        """MaxSessions for a connection that no particular Match is about."""
        return self.proofs[0].effective


class Proposal(NamedTuple):
    """What ``edits`` lead to: the State ``before`` them, and the one that was proven ``after`` them on a copy."""

    before: State
    edits: Edits
    after: State


def require_valid(validation: Validation, what: str, todo: str) -> None:
    """Return if sshd accepted; else raise Error with sshd's words between ``what`` and ``todo``."""
    if validation.rc:
        said = "; ".join(validation.stderr.splitlines()).rstrip(".") or "nothing, with exit status %d" % validation.rc
        raise Error("%s sshd said: %s. %s" % (what, said, todo), validation=validation._asdict())


def current(sshd: Sshd, tree: Tree, limits: Sequence[Limit]) -> State:
    """Return the State of the live ``tree``. Raises Error if sshd rejects it, or reads another one."""
    everyone = anyone(tree)
    validation, effective = _effective(sshd, tree.main, everyone)
    require_valid(validation, BROKEN, MEND % tree.main)
    precedence.winner(tree, effective)
    proofs = [Proof(limits[0], everyone, effective)]
    for limit in limits[1:]:
        spec = next(_examples(tree, limit), None)
        proofs.append(Proof(limit, spec, spec and _effective(sshd, tree.main, spec)[1]))
    return State(tree, validation, proofs)


def not_lowering(limits: Sequence[Limit], before: State) -> List[Limit]:
    """Return ``limits`` for policy at_least: a number that is in force ``before`` already, or more, is left alone.

    It stays where it is, in a block of ours or in somebody else's line.
    """
    ours = block.written_before(before.tree)
    raising = []
    for limit, proof in zip(limits, before.proofs):
        if None not in (proof.effective, limit.max_sessions) and proof.effective >= limit.max_sessions:
            limit = limit._replace(max_sessions=ours.get(as_read(limit.match)))
        raising.append(limit)
    return raising


def require_in_force(limits: Sequence[Limit], current: State, *, policy: str) -> None:
    """Raise Error unless each of ``limits`` is in force, or with policy at_least more than it."""
    for limit, proof in zip(limits, current.proofs):
        wanted, effective = limit.max_sessions, proof.effective
        if None not in (wanted, effective) and not (effective >= wanted if policy == "at_least" else effective == wanted):
            raise Error(
                "MaxSessions %d for %s is not there to be confirmed, %d is in force: it was reverted, by somebody or "
                "because it was not confirmed in time" % (wanted, limit.whom, effective)
            )


def proposed(sshd: Sshd, before: State, edits: Edits, limits: Sequence[Limit]) -> Proposal:
    """Return the Proposal of ``edits``, judged on a copy of the whole configuration.

    Raises Error where sshd would reject it, or a limit would be in force for nobody whom it is about. Where nothing is to
    be edited and every limit is in force already, sshd is not asked again.
    """
    pairs = list(zip(limits, before.proofs))
    if not edits and all(limit.max_sessions in (None, proof.effective) for limit, proof in pairs):
        after = before._replace(proofs=[Proof(limit, None, proof.effective) for limit, proof in pairs])
        return Proposal(before, edits, after)
    # Only here: a run that finds all in force need not load it.
    from .staging import staged  # noqa: PLC0415

    tree = _tree.read(before.tree.main, Files(edits))
    with staged(tree) as stage:
        validation = stage.translate(sshd.test(stage.main))
        require_valid(validation, REFUSED, "")
        proofs = [_proof(sshd, stage, tree, limit, before.tree) for limit in limits]
    return Proposal(before, edits, State(tree, validation, proofs))


def verify_in_place(sshd: Sshd, promised: State) -> None:
    """Return once the live files say what their copy ``promised``; raise Error if not, so that they are put back."""
    for proof in promised.proofs:
        if proof.spec:
            validation, effective = _effective(sshd, promised.tree.main, proof.spec)
            require_valid(validation, "The old files are back: sshd rejects the new ones in place.", "It took their copy.")
            if effective != proof.effective:
                raise Error(
                    "The old files are back: in place, sshd says MaxSessions %d where the copy said %d. Does an "
                    "Include name other files when it is read as %s?" % (effective, proof.effective, promised.tree.main)
                )


def _examples(tree: Tree, limit: Limit) -> Iterator[ConnectionSpec]:
    # Only here: a run without rules that finds all in force need not load it.
    from . import examples  # noqa: PLC0415

    return examples.under(tree, limit)


def _effective(sshd: Sshd, main: str, spec: ConnectionSpec) -> Tuple[Validation, Optional[int]]:
    """Return the Validation, and MaxSessions for ``spec``, None where sshd rejects the configuration."""
    validation, effective = sshd.effective(main, spec)
    return validation, None if validation.rc else effective.max_sessions


def _proof(sshd: Sshd, stage: "Stage", tree: Tree, limit: Limit, live: Tree) -> Proof:
    effective = None
    for spec in _examples(tree, limit):
        validation, effective = _effective(sshd, stage.main, spec)
        require_valid(stage.translate(validation), REFUSED, "")
        if limit.max_sessions in (None, effective):
            return Proof(limit, spec, effective)
    if effective is None:
        return Proof(limit, None, None)
    raise Error(_explain_winner(tree, limit, effective, live))


def _explain_winner(tree: Tree, limit: Limit, effective: int, live: Tree) -> str:
    """Say which line of the ``live`` tree wins over ``limit``, and what to do."""
    sources = precedence.possible_sources(tree, effective, for_rule=limit.match is not None)
    if not sources:
        return "Nothing was changed: MaxSessions for %s would be %d, not %d" % (limit.whom, effective, limit.max_sessions)
    source = sources[0]
    todo = "Remove that line, or put it behind this collection's"
    if not source.match:
        todo = "Remove that line, or use location 'auto'"
    foreign = block.foreign(tree)
    if source in foreign:
        # Nobody sees the copy: the block in front of that line is not there, or is another one.
        source = block.foreign(live)[foreign.index(source)]
    else:
        todo = "It is one of the rules: narrow it, or put the narrower one first"
    return "%s line %d: MaxSessions %d%s wins, so that %d for %s would be in force for nobody. Nothing was changed. %s" % (
        source.path,
        source.line,
        effective,
        " under 'Match %s'" % source.match[-1] if source.match else "",
        limit.max_sessions,
        limit.whom,
        todo,
    )
