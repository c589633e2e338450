# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's own word that a configuration is valid and says what is wanted."""

import itertools
from collections import namedtuple

from ansible_collections.multiplex.sshd.plugins.module_utils import (
    _config,
    _contexts,
    _criteria,
    _people,
    _plan,
    _sshd,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

# context: of a connection that the limit is about, None if none is known; effective: what sshd says for it.
Proof = namedtuple("Proof", "limit context effective")
MEND = "Mend it first: 'sshd -t -f %s' shows it too."


def accepted(validation, what, todo):
    """Return ``validation`` if sshd accepted; else raise Error with sshd's words between ``what`` and ``todo``."""
    if validation.rc:
        said = "; ".join(validation.stderr.splitlines()).rstrip(".") or "nothing, with exit status %d" % validation.rc
        raise Error("%s sshd said: %s. %s" % (what, said, todo), validation=validation._asdict())
    return validation


def as_it_stands(sshd, tree):
    """Return ``(Validation, MaxSessions)`` of the live ``tree``; raises Error if sshd rejects it or reads another one."""
    validation, effective = _effective(sshd, tree.main, _contexts.anyone(tree.directives))
    accepted(validation, "Nothing was changed: the configuration is broken as it stands.", MEND % tree.main)
    _config.winner(tree, effective)
    return validation, effective


def standing(sshd, tree, limits):
    """Return the live MaxSessions for one whom each of ``limits`` is about, None where no such connection is known."""
    found = []
    for limit in limits:
        context = next(_meeting(tree, limit), None)
        found.append(context and _effective(sshd, tree.main, context)[1])
    return found


def proven(sshd, stage, tree, limits, live):
    """Return ``(Validation, [Proof, …])`` after `sshd -t`, and a `sshd -T -C` a limit, on the ``stage`` of ``tree``.

    Raises Error where a limit would be in force for nobody whom it is about; it names lines as they are in ``live``,
    the Tree before the change.
    """
    validation = _translated(sshd.test(stage.main), stage)
    accepted(validation, "Nothing was changed: the new configuration would not do.", "")
    return validation, [_proven(sshd, stage, tree, limit, live) for limit in limits]


def agreed(limits, befores):
    """Return the Proofs if what is in force is what is wanted already, else none."""
    if all(limit.max_sessions in (None, before) for limit, before in zip(limits, befores)):
        return [Proof(limit, None, before) for limit, before in zip(limits, befores)]
    return []


def _proven(sshd, stage, tree, limit, live):
    effective = None
    for context in _meeting(tree, limit):
        verdict, effective = _effective(sshd, stage.main, context)
        accepted(_translated(verdict, stage), "Nothing was changed: the new configuration would not do.", "")
        if limit.max_sessions in (None, effective):
            return Proof(limit, context, effective)
    if effective is None:
        return Proof(limit, None, None)
    raise Error(_lost(tree, limit, effective, live))


def _meeting(tree, limit):
    """Yield contexts of connections that ``limit`` is about, the most telling first."""
    anyone = _contexts.anyone(tree.directives)
    if limit.match is not None:
        return _criteria.contexts(limit.match, anyone, _people.of_groups)
    conditional = [one for one in _config.limits(tree) if one.match]
    ports = _contexts.ports(tree.directives)
    if any("localport" in match.lower() for match in _plan.ours(tree) if match):
        ports.append("1")  # a rule may be about every port that there is: who comes in at none of them is everyone else
    return itertools.chain((dict(anyone, lport=port) for port in ports), _contexts.exceptions(anyone, conditional))


def still(sshd, config, proofs):
    """Return once the live ``config`` says what its copy promised; raise Error if not, so that it is put back."""
    for proof in proofs:
        if proof.context:
            validation, effective = _effective(sshd, config, proof.context)
            accepted(validation, "The old files are back: sshd rejects the new ones in place.", "It took their copy.")
            if effective != proof.effective:
                raise Error(
                    "The old files are back: in place, sshd says MaxSessions %d where the copy said %d. Does an "
                    "Include name other files when it is read as %s?" % (effective, proof.effective, config)
                )


def _effective(sshd, config, context):
    """Return ``(Validation, MaxSessions)``, the number None where sshd rejects the configuration."""
    validation, values = sshd.effective(config, context)
    return validation, None if validation.rc else _sshd.max_sessions(values)


def _lost(tree, limit, effective, live):
    """Say which line wins over ``limit``, and what to do."""
    whom = "everyone" if limit.match is None else "'Match %s'" % limit.match
    able = [one for one in _config.limits(tree) if one.match or one in _config.globals_of(tree)[:1]]
    candidates = [one for one in able if _config.value(one) == effective]
    candidates.sort(key=lambda one: not one.match or not _config.always(one))
    if not candidates:
        return "Nothing was changed: MaxSessions for %s would be %d, not %d" % (whom, effective, limit.max_sessions)
    winner = candidates[0]
    todo = "Remove that line, or put it behind this collection's"
    if not winner.match:
        todo = "Remove that line, or use location 'auto'"
    foreign = _plan.foreign(tree)
    if winner in foreign:
        # Nobody sees the copy: the block in front of that line is not there, or is another one.
        winner = _plan.foreign(live)[foreign.index(winner)]
    else:
        todo = "It is one of the rules: narrow it, or put the narrower one first"
    return "%s line %d: MaxSessions %d%s wins, so that %d for %s would be in force for nobody. Nothing was changed. %s" % (
        winner.path,
        winner.line,
        effective,
        " under 'Match %s'" % winner.match[-1] if winner.match else "",
        limit.max_sessions,
        whom,
        todo,
    )


def _translated(validation, stage):
    return validation._replace(stderr=stage.translate(validation.stderr))
