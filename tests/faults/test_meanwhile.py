# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else edits the files while a run is at work: no edit is ever lost."""

import os

import pytest
from host import DROP_IN, Host

ONCE = "[ -e {flag} ] || {{ touch {flag}; {act}; }}"
ASKED = 'case "$*" in "-T -f {config} "*) {act};; esac'
JUDGED = 'case "$1" in -t) {act};; esac'
IN_PLACE = 'case "$*" in *{config}*) ! grep -rq "BEGIN multi" {config}* || {{ {act}; }};; esac'


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    with Host(request.param) as running:
        yield running


def run(host, when, act, once=True):
    """Set a limit, and have an sshd that does ``act`` at the time ``when``, in the shell's words."""
    act = act.format(config=host.config, d=host.folder)
    if once:
        act = ONCE.format(flag=host.path("tmp/done"), act=act)
    return host.run(clone_depth=5, sshd=host.sshd(when.format(config=host.config, act=act)))


def test_a_number_that_somebody_sets_before_sshd_is_asked_is_none_that_no_line_sets(host):
    result = run(host, ASKED, "sed -i 's/MaxSessions 2/MaxSessions 6/' {config}")
    assert not result.get("failed") and result["effective"] == {"before": 6, "after": 6}, result
    assert result["shadowed"][0]["max_sessions"] == 6


def test_a_number_of_ours_that_somebody_edits_before_sshd_is_asked_is_not_there_already(host):
    written = host.run(clone_depth=5)["written"][0]
    result = run(host, ASKED, f"sed -i 's/MaxSessions 6/MaxSessions 2/' {written}")
    assert result["changed"] and result["effective"] == {"before": 2, "after": 6}, result
    assert host.read(written).count("MaxSessions 6") == 1


def test_a_line_that_is_appended_while_sshd_judges_the_copy(host):
    result = run(host, JUDGED, 'echo "ClientAliveInterval 7" >>{config}')
    assert result["changed"] and result["effective"]["after"] == 6, result
    assert host.read().endswith("ClientAliveInterval 7\n") and host.valid()
    assert host.run(state="absent")["changed"]
    assert host.read().endswith("ClientAliveInterval 7\n")


def test_a_file_that_is_replaced_while_sshd_judges_the_copy(host):
    result = run(host, JUDGED, 'cp {config} {d}/tmp/x; echo "ClientAliveInterval 7" >>{d}/tmp/x; mv {d}/tmp/x {config}')
    assert result["changed"] and host.read().endswith("ClientAliveInterval 7\n"), result


def test_a_drop_in_that_appears_while_sshd_judges_the_copy():
    with Host() as host:
        result = run(host, JUDGED, 'echo "MaxSessions 4" >{d}/sshd_config.d/0-a.conf')
        assert result["changed"] and result["effective"] == {"before": 4, "after": 6}, result
        assert result["written"] == [host.config] and host.read("sshd_config.d/0-a.conf") == "MaxSessions 4\n"


def test_who_never_stops_writing_is_left_to_it(host):
    result = run(host, JUDGED, 'echo "# theirs" >>{config}', once=False)
    assert result["failed"] and "was changed by somebody else meanwhile, so nothing was changed: run again" in result["msg"]
    assert "BEGIN multiplex" not in host.read() and not os.path.exists(host.path(DROP_IN))
    assert host.read().count("# theirs") == 3 and host.leftovers() == []


@pytest.mark.parametrize("name", ["sshd_config", DROP_IN])
def test_who_has_the_old_file_open_and_writes_to_it_once_it_is_replaced(name):
    with Host("main" if name == "sshd_config" else "drop_in") as host:
        host.run(clone_depth=1, extra_sessions=1)
        with open(host.path(name), "a") as old:
            # What the shell opens by that name is the very file, wherever its name is by now.
            late = f'echo "# late" >>/proc/{os.getpid()}/fd/{old.fileno()}'
            result = run(host, IN_PLACE.replace("BEGIN multi", "MaxSessions 6"), late)
        assert result["changed"] and result["effective"]["after"] == 6, result
        assert host.read(name).endswith("# late\n") and host.valid()
        assert [one for one in host.leftovers() if one != ".sshd_config.not-reloaded"] == []


def test_an_edit_of_the_new_file_is_not_undone_with_it(host):
    written = host.path(DROP_IN) if host.read().startswith("Include") else host.config
    result = run(host, IN_PLACE, f'echo "# theirs" >>{written}; exit 255')
    assert result["failed"] and "somebody else changed it meanwhile" in result["msg"], result
    with open(written) as file:
        assert file.read().endswith("# theirs\n")
    assert host.valid() and host.answers()


def test_a_drop_in_that_appears_where_ours_is_to_be_is_not_replaced():
    with Host() as host:
        path = host.path(DROP_IN)
        result = run(host, JUDGED, f"echo 'MaxSessions 3' >{path}")
        assert result["changed"] and result["effective"] == {"before": 3, "after": 6}, result
        assert host.read(DROP_IN) == "MaxSessions 3\n" and path not in result["written"]
