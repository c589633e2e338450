# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A State of which sshd says what our own reading of the lines says: enough to see what follows from that."""

from ansible_collections.multiplex.sshd.plugins.module_utils._config import precedence, tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.contexts import audience
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Validation
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.state import Proof, State


class Answers:
    def __init__(self, read, about):
        self.known = {}
        for one in about.everybody:
            source = precedence.decisive(read, one.met)
            self.known[one.spec] = source.max_sessions if source else 10

    def max_sessions(self, spec):
        return self.known[spec]


def limits(*asked):
    """Return Limits of a number for everyone and of pairs ``(criteria, number)``."""
    return [Limit(*one) if isinstance(one, tuple) else Limit(None, one) for one in asked]


def state(main, asked, files=(), options=()):
    """Return the State of the text ``main``, its other ``files`` and an sshd with ``options``, for the Limits ``asked``."""
    texts = {"/t/main": main, **dict(files)}
    read = tree.read("/t/main", Files(texts)).started_with(options, "sshd")
    about = audience(read, asked)
    answers, proofs = Answers(read, about), []
    for number, limit in enumerate(asked):
        contexts = about.limits[number] if number else about.for_everyone[:1]
        spec = min((one.spec for one in contexts), key=answers.max_sessions, default=None)
        proofs.append(Proof(limit, spec, spec and answers.max_sessions(spec)))
    return State(read, Validation("", 0, ""), proofs, about, answers)
