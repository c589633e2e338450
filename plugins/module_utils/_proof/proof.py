# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's own word that a configuration is valid and says what is desired."""

from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Sequence

from .._config import block, precedence
from .._config import tree as _tree
from .._config.files import Files
from .._config.limits import Limit
from .._config.plan import Edits
from .._config.tree import Directive, Tree
from .._errors import Error
from .connection_spec import ConnectionSpec, anyone
from .contexts import Audience, Context, audience
from .sshd import Sshd, Validation

if TYPE_CHECKING:
    from .staging import Stage

BROKEN = "Nothing was changed: the configuration is broken as it stands."
REFUSED = "Nothing was changed: the new configuration would not do."
MEND = "Mend it first: 'sshd -t -f %s' shows it too."
MOST = 20  # connections to try of those whom the limit for everyone may be about


class Proof(NamedTuple):
    """What is in force by sshd's word, ``effective``, for the connection ``spec``, one that ``limit`` is about."""

    limit: Limit
    spec: Optional[ConnectionSpec]  # None where sshd was not asked, or no such connection is known
    effective: Optional[int]  # None where no such connection is known


class Answers:
    """What sshd says of the configuration at ``main``: each connection is asked about once.

    Where it rejects it, its words stand between ``what`` and ``todo``, those about the copy of a ``stage`` translated.
    """

    def __init__(self, sshd: Sshd, main: str, what: str, todo: str, stage: "Optional[Stage]" = None) -> None:
        self._sshd, self._main, self._what, self._todo, self._stage = sshd, main, what, todo, stage
        self._known: Dict[ConnectionSpec, int] = {}
        self.validation: Optional[Validation] = None  # of the last question

    def max_sessions(self, spec: ConnectionSpec) -> int:
        """Return MaxSessions for the connection ``spec``. Raises Error if sshd rejects the configuration."""
        if spec not in self._known:
            validation, effective = self._sshd.effective(self._main, spec)
            self.validation = self._stage.translate(validation) if self._stage else validation
            require_valid(self.validation, self._what, self._todo)
            self._known[spec] = effective.max_sessions
        return self._known[spec]


class State(NamedTuple):
    """A configuration and sshd's word about it, as it is or as it would be."""

    tree: Tree
    validation: Validation
    proofs: List[Proof]  # one a limit, the one for everyone first
    audience: Audience  # of the limits
    answers: Answers

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
        raise Error(("%s sshd said: %s. %s" % (what, said, todo)).rstrip(), validation=validation._asdict())


def current(sshd: Sshd, tree: Tree, limits: Sequence[Limit], policy: str = "exact") -> State:
    """Return the State of the live ``tree``. Raises Error if sshd rejects it, or reads another one."""
    answers = Answers(sshd, tree.main, BROKEN, MEND % tree.main)
    about = audience(tree, limits)
    effective = answers.max_sessions(about.limits[0][0].spec)
    validation, tree = answers.validation, tree.started_with(*sshd.command_line)
    precedence.winner(tree, effective)
    proofs = []
    for limit, contexts in zip(limits, about.limits):
        specs = [one.spec for one in contexts]
        # What nobody has less of is proven by who has least.
        spec = min(specs, key=answers.max_sessions) if policy == "at_least" and specs else next(iter(specs), None)
        proofs.append(Proof(limit, spec, spec and answers.max_sessions(spec)))
    return State(tree, validation, proofs, about, answers)


def not_lowering(limits: Sequence[Limit], before: State) -> Sequence[Limit]:
    """Return what to write for ``limits`` and policy at_least: what leaves everybody at least what is in force ``before``."""
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
            refused = refused or error
    raise refused


def _judged(sshd: Sshd, before: State, edits: Edits, policy: str) -> Proposal:
    at_least = policy == "at_least"
    kept = all(_does(proof.effective, proof.limit, at_least=at_least) for proof in before.proofs)
    if not edits and kept:
        return Proposal(before, edits, before._replace(proofs=[proof._replace(spec=None) for proof in before.proofs]))
    # Only here: a run that finds all in force need not load it.
    from .staging import staged  # noqa: PLC0415

    tree = _tree.read(before.tree.main, Files(edits)).started_with(*sshd.command_line)
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
    answers = Answers(sshd, promised.tree.main, "The old files are back: sshd rejects the new ones in place.", "It took their copy.")
    # One for each number: whether every line counts was seen on the copy.
    for spec, said in {proof.effective: (proof.spec, proof.effective) for proof in promised.proofs if proof.spec}.values():
        effective = answers.max_sessions(spec)
        if effective != said:
            raise Error(
                "The old files are back: in place, sshd says MaxSessions %d where the copy said %d. Does an "
                "Include name other files when it is read as %s?" % (effective, said, promised.tree.main)
            )


def _does(effective: Optional[int], limit: Limit, *, at_least: bool) -> bool:
    if None in (effective, limit.max_sessions):
        return True
    return effective >= limit.max_sessions if at_least else effective == limit.max_sessions


def _proof(before: State, after: State, number: int, *, at_least: bool) -> Proof:
    """Return the Proof of the limit with that ``number``: by all whom a rule is about, or one whom the one for everyone is."""
    old, contexts = before.proofs[number], before.audience.limits[number]
    tried = contexts[:1] if old.limit.max_sessions is None else contexts
    if number == 0:
        tried = [*tried, *before.audience.others][:MOST]
    met = []
    for one in tried:
        if _does(after.answers.max_sessions(one.spec), old.limit, at_least=at_least):
            met.append(one.spec)
            if number == 0:
                break
    if len(met) < len(tried) and (number or not met):
        failed = next(one for one in tried if one.spec not in met)
        raise Error(_explain_winner(before, after, old.limit, failed))
    spec = old.spec if old.spec in met else next(iter(met), None)
    return Proof(old.limit, spec, spec and after.answers.max_sessions(spec))


def _require_no_less(before: State, after: State) -> None:
    """Raise Error if somebody would have less than before."""
    for one in before.audience.everybody:
        old, new = before.answers.max_sessions(one.spec), after.answers.max_sessions(one.spec)
        if new < old:
            source = precedence.decisive(after.tree, one.met)
            raise Error(
                "Nothing was changed: MaxSessions for %s would fall from %d to %d%s, and policy is 'at_least'. Give them a "
                "rule of their own in 'rules', or take policy 'exact'"
                % (one.spec.whose(anyone(before.tree)), old, new, " by %s" % source.where if source else "")
            )


def _explain_winner(before: State, after: State, limit: Limit, context: Context) -> str:
    """Say which line wins over ``limit`` for the ``context``, and what to do."""
    effective = after.answers.max_sessions(context.spec)
    source = _source(after.tree, effective, context, limit)
    if not source:
        return "Nothing was changed: MaxSessions for %s would be %d, not %d" % (limit.whom, effective, limit.max_sessions)
    foreign, rule = block.foreign(after.tree), "rules: [{match: all, max_sessions: %d}]" % limit.max_sessions
    wins, todo = "%s line %d: MaxSessions %d" % (source.path, source.line, effective), "Remove that line, or use location 'auto'"
    if not source.line:
        wins = "sshd was started with MaxSessions %d (%s), which" % (effective, source.path)
        todo = (
            "Take it out of the unit, or of the file that sets its options (SSHD_OPTS, OPTIONS), and restart sshd; or write "
            "%s: a Match comes before it" % rule
        )
    elif source not in foreign:
        todo = "It is one of the rules: narrow it, or put the narrower one first"
    else:
        # Nobody sees the copy: the block in front of that line is not there, or is another one.
        source = block.foreign(before.tree)[foreign.index(source)]
        wins = "%s line %d: MaxSessions %d" % (source.path, source.line, effective)
        if source.match:
            wins += " under 'Match %s'" % source.match[-1]
            if limit.match is None:
                todo = "Remove that line, or write %s, which comes before it" % rule
    if limit.match is None:
        return "%s wins, so that %d for everyone would be in force for nobody. Nothing was changed. %s" % (
            wins, limit.max_sessions, todo,
        )  # fmt: skip
    return "%s wins for %s, so that %d for %s would not be in force. Nothing was changed. %s" % (
        wins, context.spec.whose(anyone(before.tree)), limit.max_sessions, limit.whom, todo,
    )  # fmt: skip


def _source(tree: Tree, effective: int, context: Context, limit: Limit) -> Optional[Directive]:
    """Return the line that gives the ``effective`` value in ``context``, as far as it can be told."""
    decisive = precedence.decisive(tree, context.met)
    if decisive and decisive.max_sessions == effective:
        return decisive
    return next(iter(precedence.possible_sources(tree, effective, for_rule=limit.match is not None)), None)
