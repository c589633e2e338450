# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal that ends the module in the middle of a change has it undone first."""

import signal
import subprocess

import pytest
from host import Host

ENDINGS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def ended(host, number, when, **options):
    """Run the module, and send it the signal ``number`` as it asks sshd, where the shell's ``when`` holds."""
    options["sshd"] = host.sshd(f"if {when}; then kill -{number.name[3:]} $PPID; fi")
    # Whoever started the tests may ignore some: what nohup or a shell's & starts does.
    words = ["env", "--default-signal", *host.words(clone_depth=5, **options)]
    done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "changed" not in done.stdout, done
    return done


@pytest.mark.parametrize("confirm_within", [0, 600])
@pytest.mark.parametrize("number", ENDINGS, ids=lambda one: one.name)
def test_between_the_replacement_and_its_proof(host, number, confirm_within):
    before, identities = host.standing(), host.identities()
    ended(host, number, f"grep -rq 'BEGIN multi' {host.config}*", confirm_within=confirm_within)
    assert host.standing() == before and host.identities() == identities
    assert host.eventually(lambda: not host.watchdogs())


@pytest.mark.parametrize("number", ENDINGS, ids=lambda one: one.name)
def test_before_the_replacement_the_copy_goes_too(host, number):
    before, identities = host.standing(), host.identities()
    ended(host, number, "[ $1 = -t ]")
    assert host.standing() == before and host.identities() == identities
    assert not [name for name in host.temporary() if name.startswith("multiplex-sshd-")]


def test_who_ignores_a_signal_is_left_to_ignore_it(host):
    options = {"sshd": host.sshd("kill -HUP $PPID"), "clone_depth": 5}
    words = ["nohup", *host.words(**options)]
    done = subprocess.run(words, env=host.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and '"changed": true' in done.stdout, done
