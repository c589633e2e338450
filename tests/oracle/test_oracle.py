# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd is the oracle: over random trees, what is read and what is set here is what sshd says."""

import os
import random
import subprocess

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._change.replacement import replaced
from ansible_collections.multiplex.sshd.plugins.module_utils._config import plan
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree as _tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._config.limits import NOTHING, Limit
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._proof import proof, staging
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.connection_spec import anyone
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Sshd
from throwaway_sshd import SSHD
from trees import CRITERIA, Tree

SEEDS = 300
WANTED = 77
PEOPLE = (
    {},
    {"user": "alice"},
    {"user": "alice", "addr": "10.1.2.3"},
    {"user": "bob", "lport": "2222", "host": "w.example.com"},
    {"user": "root"},
)


def run(words):
    done = subprocess.run(words, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def sshd():
    with Sshd(SSHD, run) as program:
        yield program


@pytest.fixture(scope="module")
def host_key(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("key") / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def predicted(tree, context):
    """Return MaxSessions for ``context`` by sshd_config(5), from the directives that were read."""
    found = tree.limits
    met = [one for one in found if one.match and all(CRITERIA[criteria](context._asdict()) for criteria in one.match)]
    plain = [one for one in found if not one.match]
    return (met + plain)[0].max_sessions if met + plain else 10


def said(sshd, main, context):
    validation, effective = sshd.effective(main, context)
    assert validation.rc == 0, validation
    return effective.max_sessions


def snapshot(directory):
    found = {}
    for folder, _folders, names in os.walk(directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                found[os.path.join(folder, name)] = file.read()
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_tree(seed, tmp_path, sshd, host_key):
    main = Tree(seed, str(tmp_path), f"HostKey {host_key}\n").main
    before = snapshot(tmp_path)
    tree = _tree.read(main, Files())
    contexts = [anyone(tree)._replace(**person) for person in PEOPLE]

    if sshd.test(main).rc:
        with pytest.raises(Error, match="Nothing was changed"):
            proof.current(sshd, tree, NOTHING)
        return

    # What is read, and what the staged copy says, is what sshd says.
    with staging.staged(tree) as stage:
        for context in contexts:
            live = said(sshd, main, context)
            assert predicted(tree, context) == live
            assert said(sshd, stage.main, context) == live

    # What is set is in force for those whom it is about, or it is refused and the winner is named.
    limits = [Limit(None, WANTED), *rules(seed)]
    edits = plan.edits(tree, limits)
    state = proof.current(sshd, tree, limits)
    would_be = _tree.read(main, Files(edits))
    try:
        after = proof.proposed(sshd, state, edits, limits).after
    except Error as error:
        assert " line " in str(error) and " wins, so that " in str(error)
        with staging.staged(would_be) as stage:
            assert len(limits) > 1 or all(said(sshd, stage.main, context) != WANTED for context in contexts)
        return
    with replaced(edits, tree.files, main):
        proof.verify_in_place(sshd, after)
    now = _tree.read(main, Files())
    assert now == would_be
    for context in contexts:
        assert said(sshd, main, context) == predicted(now, context)
    for one in after.proofs:
        assert one.limit.match is None or CRITERIA[one.limit.match](one.spec._asdict())
    assert not plan.edits(now, limits), "a second run would change something"

    # What is taken out is all that was put in.
    with replaced(plan.edits(now, NOTHING), now.files, main):
        pass
    assert snapshot(tmp_path) == before


def rules(seed):
    """Return none, one or two rules, the same for the same seed."""
    chance = random.Random(-1 - seed)
    return [Limit(match, 50 + n) for n, match in enumerate(chance.sample(list(CRITERIA), chance.choice((0, 0, 1, 2))))]
