# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's own word that a configuration is valid and says what is wanted."""

import itertools

from ansible_collections.multiplex.sshd.plugins.module_utils import _config, _contexts, _plan, _sessions, _sshd
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

MEND = "Mend it first: 'sshd -t -f %s' shows it too."


def accepted(validation, what, todo):
    """Return ``validation`` if sshd accepted; else raise Error with sshd's words between ``what`` and ``todo``."""
    if validation.rc:
        said = "; ".join(validation.stderr.splitlines()) or "nothing, with exit status %d" % validation.rc
        raise Error("%s sshd said: %s. %s" % (what, said, todo), validation=validation._asdict())
    return validation


def as_it_stands(sshd, tree):
    """Return ``(Validation, MaxSessions)`` of the live ``tree``; raises Error if sshd rejects it or reads another one."""
    validation, values = sshd.effective(tree.main, _contexts.anyone(tree.directives))
    accepted(validation, "Nothing was changed: the configuration is broken as it stands.", MEND % tree.main)
    effective = _sshd.max_sessions(values)
    _config.winner(tree, effective)
    return validation, effective


def still(sshd, config, context, promised):
    """Return once the live ``config`` says what its copy ``promised``; raise Error if not, so that it is put back."""
    validation, values = sshd.effective(config, context)
    accepted(validation, "The old files are back: sshd rejects the new ones in place.", "It took their copy.")
    if _sshd.max_sessions(values) != promised:
        raise Error(
            "The old files are back: in place, sshd says MaxSessions %d where the copy said %d. "
            "Does an Include name other files when it is read as %s?" % (_sshd.max_sessions(values), promised, config)
        )


def proven(sshd, stage, tree, wanted):
    """Return ``(Validation, MaxSessions, context)`` after ``sshd -t`` and ``sshd -T -C`` on the ``stage`` of ``tree``.

    ``wanted`` None takes any value. Raises Error where nobody would get the wanted one.
    """
    validation = _translated(sshd.test(stage.main), stage)
    accepted(validation, "Nothing was changed: the new configuration would not do.", "Please report this.")
    anyone = _contexts.anyone(tree.directives)
    overriding = [one for one in _plan.foreign(tree) if one.match]
    for context in itertools.chain([anyone], _contexts.exceptions(anyone, overriding)):
        verdict, values = sshd.effective(stage.main, context)
        accepted(_translated(verdict, stage), "Nothing was changed: the new configuration would not do.", "")
        effective = _sshd.max_sessions(values)
        if wanted is None or effective == wanted:
            return validation, effective, context
    for one in _config.limits(tree):
        if _config.value(one) == effective:
            raise Error(_lost(one, effective, wanted))
    raise Error("Nothing was changed: sshd would say MaxSessions %d, not %d" % (effective, wanted))


def _lost(winner, effective, wanted):
    under = " under 'Match %s', which takes precedence for everyone" % winner.match[-1] if winner.match else " first"
    return (
        "%s line %d: sets MaxSessions %d%s, so %d would be in force for nobody (%s). Nothing was changed. "
        "Remove that line%s."
        % (
            winner.path, winner.line, effective, under, wanted, _sessions.meaning(effective),
            "" if winner.match else ", or use location 'auto'",
        )
    )  # fmt: skip


def _translated(validation, stage):
    return validation._replace(stderr=stage.translate(validation.stderr))
