# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration and sshd's word about it."""

from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional

from .._config import precedence
from .._config.files import Edits
from .._config.limits import Limit
from .._config.tree import Directive, Tree
from .connection_spec import ConnectionSpec
from .contexts import Audience
from .sshd import Sshd, Validation, require_valid

if TYPE_CHECKING:
    from .staging import Stage


class Proof(NamedTuple):
    """What is in force by sshd's word, ``effective``, for the connection ``spec``, one that ``limit`` is about."""

    limit: Limit
    spec: Optional[ConnectionSpec]  # None where no such connection is known
    effective: Optional[int]  # None where no such connection is known


class Answers:
    """What sshd says of the configuration at ``main``: each connection is asked about once.

    Where it rejects it, its words stand between ``what`` and ``todo``, those about the copy of a ``stage`` translated.
    """

    def __init__(self, sshd: Sshd, main: str, what: str, todo: str, stage: "Optional[Stage]" = None) -> None:
        self._sshd, self._main, self._what, self._todo, self._stage = sshd, main, what, todo, stage
        self._known: Dict[ConnectionSpec, int] = {}
        self.validation: Optional[Validation] = None  # of the last question
        self.looks_up_names = True  # of clients, as far as sshd has said

    def max_sessions(self, spec: ConnectionSpec) -> int:
        """Return MaxSessions for the connection ``spec``. Raises Error if sshd rejects the configuration."""
        if spec not in self._known:
            validation, effective = self._sshd.effective(self._main, spec)
            self.validation = self._stage.translate(validation) if self._stage else validation
            require_valid(self.validation, self._what, self._todo)
            self._known[spec] = effective.max_sessions
            self.looks_up_names = effective.first("usedns") != "no"
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

    @property
    def winner(self) -> Optional[Directive]:
        """The line that gives it, None where it is sshd's default. Raises Error where none does."""
        met = next((one.met for one in self.audience.everybody if one.spec == self.proofs[0].spec), ())
        found = precedence.decisive(self.tree, met)
        return found if found and found.max_sessions == self.effective else precedence.winner(self.tree, self.effective)


class Proposal(NamedTuple):
    """What ``edits`` lead to: the State ``before`` them, and the one that was proven ``after`` them on a copy."""

    before: State
    edits: Edits
    after: State
