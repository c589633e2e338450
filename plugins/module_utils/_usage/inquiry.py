# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd says is in force for particular connections."""

import re
from typing import Any, Dict, List, Mapping, Optional

from .._config import precedence
from .._config.tree import Tree
from .._errors import Error
from .._proof.connection_spec import ConnectionSpec, anyone
from .._proof.sshd import Sshd, require_valid

MOST = 200  # connections to ask about: each costs a run of sshd


class Inquiry:
    """Asks ``sshd`` about the configuration ``tree``, in which ``everyone`` is under that MaxSessions."""

    def __init__(self, sshd: Sshd, tree: Tree, everyone: int) -> None:
        self.sshd = sshd
        self.tree = tree
        self.everyone = everyone
        self.known: Dict[ConnectionSpec, int] = {}

    def max_sessions(self, spec: ConnectionSpec) -> int:
        """Return what sshd says for ``spec``. Raises Error."""
        if spec not in self.known:
            validation, effective = self.sshd.effective(self.tree.main, spec)
            require_valid(validation, "sshd can't say what is in force for '%s'." % spec.argument, "")
            self.known[spec] = effective.max_sessions
        return self.known[spec]

    def contexts(self, asked: List[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """Return what the module returns as ``contexts``. Raises Error."""
        found = []
        for number, context in enumerate(asked, 1):
            spec = _spec(anyone(self.tree), context, number)
            value = self.max_sessions(spec)
            found.append(dict(spec._asdict(), lport=int(spec.lport), max_sessions=value, defined_at=self.where(value)))
        return found

    def where(self, value: int) -> Optional[str]:
        """Return the line that gives ``value`` to somebody in particular, None where it is the default."""
        if value == self.everyone:
            found = precedence.winner(self.tree, value)
            return found and found.where
        sources = precedence.possible_sources(self.tree, value, for_rule=True)
        return sources[0].where if sources else None

    def of(self, user: Optional[str], addr: Optional[str] = None, laddr: Optional[str] = None, lport: Optional[int] = None):
        """Return what is in force for a user who came in from ``addr``, None where that can't be asked.

        Without UseDNS a client's name is its address.
        """
        if not any(one.keyword == "match" for one in self.tree.directives):
            return self.everyone
        if user is None or _is_no_word(user):
            return None
        given = {"user": user, "addr": addr, "host": addr, "laddr": laddr, "lport": lport and str(lport)}
        spec = anyone(self.tree)._replace(**{key: value for key, value in given.items() if value})
        return self.max_sessions(spec) if len(self.known) < MOST or spec in self.known else None


def _spec(nobody: ConnectionSpec, context: Mapping[str, Any], number: int) -> ConnectionSpec:
    given = {key: str(context[key]) for key in nobody._fields if context.get(key) is not None}
    for key, value in given.items():
        if _is_no_word(value):
            said = "contexts: context %d: %s is %r: sshd can't be asked about a comma, a blank or nothing"
            raise Error(said % (number, key, value))
    if "addr" in given:
        given.setdefault("host", given["addr"])
    return nobody._replace(**given)


def _is_no_word(text: str) -> bool:
    return not re.match(r"[^,\x00-\x20\x7f]+\Z", text)
