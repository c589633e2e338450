# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An sshd that crashes while it is asked: whenever it does, the very files that were there are there."""

import itertools

import pytest
from host import Host

MOST = 20
CRASH = "kill -SEGV $$"


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


@pytest.mark.parametrize("confirm_within", [0, 600])
def test_a_crash_at_any_call_changes_nothing(host, confirm_within):
    before, identities = host.standing(), host.identities()
    for number in itertools.islice(itertools.count(1), MOST):
        host.write("tmp/calls", "")
        sshd = host.sshd(f"echo >>{host.path('tmp/calls')}; [ $(wc -l <{host.path('tmp/calls')}) -ne {number} ] || {CRASH}")
        result = host.run(clone_depth=5, confirm_within=confirm_within, sshd=sshd)
        if not result.get("failed"):
            break
        assert "exit status -11" in result["msg"], result
        assert host.standing() == before and host.identities() == identities, f"call {number}"
    # The live file, its copy twice, and the live file once more at the end.
    assert 4 < number < MOST
    host.sshd("")
    host.run("reload")
    host.run(state="reverted" if confirm_within else "absent")
    host.run("reload")
    assert host.files() == before[0] and host.leftovers() == []


def test_a_crash_at_the_test_of_the_copy(host):
    before, identities = host.standing(), host.identities()
    result = host.run(clone_depth=5, sshd=host.sshd(f'case "$*" in "-t -f {host.config}") ;; -t*) {CRASH};; esac'))
    assert result["failed"] and result["msg"].startswith("Nothing was changed: the new configuration would not do.")
    assert host.standing() == before and host.identities() == identities


@pytest.mark.parametrize("confirm_within", [0, 600])
def test_a_crash_at_the_live_files_once_they_are_replaced(host, confirm_within):
    before, identities = host.standing(), host.identities()
    sshd = host.sshd(f'case "$*" in *{host.config}*) ! grep -rq "BEGIN multi" {host.config}* || {CRASH};; esac')
    result = host.run(clone_depth=5, confirm_within=confirm_within, sshd=sshd)
    assert result["failed"] and result["msg"].startswith("The old files are back: sshd rejects the new ones in place.")
    assert host.standing() == before and host.identities() == identities
    assert host.eventually(lambda: not host.watchdogs())


def test_a_crash_at_the_reload_signals_nothing_and_the_host_reverts(host):
    old, listener = host.files(), host.listener()
    flag = host.path("tmp/crash")
    sshd = host.sshd(f"[ ! -e {flag} ] || {CRASH}")
    assert host.run(clone_depth=5, confirm_within=2, sshd=sshd)["pending"]
    host.write(flag, "")
    result = host.run("reload", sshd=sshd)
    assert result["failed"] and result["msg"].startswith("Nothing was signalled"), result
    assert host.listener() == listener and host.answers()
    # The files come back all the same; sshd never read the others.
    assert host.eventually(lambda: host.files() == old)
    assert host.listener() == listener and host.answers()
    # The host goes on until sshd has read them, too.
    host.sshd("")
    assert host.eventually(lambda: not host.watchdogs() and not host.leftovers())
    assert host.files() == old and host.answers()
