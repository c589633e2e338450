# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that was never followed by a reload: a boot of the system makes up for it."""

import re

import pytest
from host import Host

NOTE = ".sshd_config.not-reloaded"
BOOT = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def reboot(host):
    """Make the note what it is after a boot."""
    host.write(NOTE, re.sub(BOOT, "0" * 8 + "-0000" * 3 + "-" + "0" * 12, host.read(NOTE)))


def test_after_a_boot_no_reload_is_needed(host):
    assert host.run(clone_depth=5)["reload_needed"]
    assert host.run(clone_depth=5)["reload_needed"]
    reboot(host)
    assert not host.run(clone_depth=5)["reload_needed"]
    result = host.run(clone_depth=5, reload=True, confirm_within=0)
    assert result["reload"] is None and not result["changed"], result
    # The next change begins anew, and what undoes it leaves what it found.
    before = host.standing()
    assert host.run(clone_depth=7, sshd=host.sshd(f'! grep -rq "MaxSessions 8" {host.config}* || exit 255'))["failed"]
    assert host.files() == before[0] and not host.run(clone_depth=5)["reload_needed"]
    assert host.run(clone_depth=7)["reload_needed"] and host.run(clone_depth=7)["reload_needed"]
    assert host.run("reload")["changed"] and NOTE not in host.leftovers()
    assert not host.run(clone_depth=7)["reload_needed"]


@pytest.mark.parametrize("text", ["", "multiplex.sshd.max_sessions changed this; sshd has not been reloaded since.\n"])
def test_a_note_that_names_no_boot_counts(host, text):
    host.run(clone_depth=5)
    host.write(NOTE, text)
    assert host.run(clone_depth=5)["reload_needed"]
    assert host.run("reload")["changed"] and not host.run(clone_depth=5)["reload_needed"]


def test_after_a_boot_a_reload_takes_the_note_away(host):
    host.run(clone_depth=5)
    reboot(host)
    assert host.run("reload")["changed"] and host.leftovers() == []
