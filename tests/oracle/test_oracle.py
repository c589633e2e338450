# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd is the oracle: over random trees, what is read and what is set here is what sshd says."""

import os
import random
import subprocess

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils import (
    _config,
    _contexts,
    _plan,
    _proof,
    _replace,
    _sshd,
    _staging,
)
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._limits import Limit
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
    with _sshd.Sshd(SSHD, run) as program:
        yield program


@pytest.fixture(scope="module")
def host_key(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("key") / "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def predicted(tree, context):
    """Return MaxSessions for ``context`` by sshd_config(5), from the directives that were read."""
    found = _config.limits(tree)
    met = [one for one in found if one.match and all(CRITERIA[criteria](context) for criteria in one.match)]
    plain = [one for one in found if not one.match]
    return _config.value((met + plain)[0]) if met + plain else 10


def said(sshd, main, context):
    validation, values = sshd.effective(main, context)
    assert validation.rc == 0, validation
    return _sshd.max_sessions(values)


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
    tree = _config.read(main, Files())
    contexts = [dict(_contexts.anyone(tree.directives), **person) for person in PEOPLE]

    if sshd.test(main).rc:
        with pytest.raises(Error, match="Nothing was changed"):
            _proof.as_it_stands(sshd, tree)
        return

    # What is read, and what the staged copy says, is what sshd says.
    with _staging.staged(tree) as stage:
        for context in contexts:
            live = said(sshd, main, context)
            assert predicted(tree, context) == live
            assert said(sshd, stage.main, context) == live

    # What is set is in force for those whom it is about, or it is refused and the winner is named.
    limits = [Limit(None, WANTED), *rules(seed)]
    candidate = _plan.candidate(tree, limits)
    would_be = _config.read(main, Files(candidate))
    with _staging.staged(would_be) as stage:
        try:
            _validation, proofs = _proof.proven(sshd, stage, would_be, limits, tree)
        except Error as error:
            assert " line " in str(error) and " wins, so that " in str(error)
            assert len(limits) > 1 or all(said(sshd, stage.main, context) != WANTED for context in contexts)
            return
    with _replace.replaced(candidate, main):
        _proof.still(sshd, main, proofs)
    now = _config.read(main, Files())
    assert now == would_be
    for context in contexts:
        assert said(sshd, main, context) == predicted(now, context)
    for proof in proofs:
        assert proof.limit.match is None or CRITERIA[proof.limit.match](proof.context)
    assert not _plan.candidate(now, limits), "a second run would change something"

    # What is taken out is all that was put in.
    with _replace.replaced(_plan.candidate(now, [Limit(None, None)]), main):
        pass
    assert snapshot(tmp_path) == before


def rules(seed):
    """Return none, one or two rules, the same for the same seed."""
    chance = random.Random(-1 - seed)
    return [Limit(match, 50 + n) for n, match in enumerate(chance.sample(list(CRITERIA), chance.choice((0, 0, 1, 2))))]
