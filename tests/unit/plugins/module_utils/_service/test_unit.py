# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows ``systemctl show`` said, in Debian 11, 12 and 13, of units that were laid there."""

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._proof.sshd import Completed
from ansible_collections.multiplex.sshd.plugins.module_utils._service import unit

EXECUTED = "ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }"


def shown(name="ssh.service", state="inactive", command="/usr/sbin/sshd -D $SSHD_OPTS", environment="", files=()):
    """Return what systemctl shows of one unit, without a ``command`` as of a socket or of one that isn't there."""
    lines = [f"ExecStart={{ path=/usr/sbin/sshd ; argv[]={command} ; {EXECUTED}"] if command else []
    lines += [f"Environment={environment}", *(f"EnvironmentFiles={path} (ignore_errors=yes)" for path in files)]
    return "\n".join([*lines, f"Id={name}", f"ActiveState={state}"]) + "\n"


def command_lines(*units, of=None):
    return unit.command_lines(lambda _command: Completed(0, "\n".join(units), ""), of)


SOCKET = shown("ssh.socket", "active", None)
WORDS = [
    ("/usr/sbin/sshd -D", "", "/usr/sbin/sshd -D"),
    ("/usr/sbin/sshd -D $SSHD_OPTS", "", "/usr/sbin/sshd -D"),
    ("/usr/sbin/sshd -D $SSHD_OPTS", '"SSHD_OPTS=-o MaxSessions=3"', "/usr/sbin/sshd -D -o MaxSessions=3"),
    ("/usr/sbin/sshd -D ${SSHD_OPTS}", 'PLAIN=yes "SSHD_OPTS=-o MaxSessions=3"', "/usr/sbin/sshd -D -o MaxSessions=3"),
    ("/usr/sbin/sshd -oMaxSessions=${MOST} -D", "MOST=4", "/usr/sbin/sshd -oMaxSessions=4 -D"),
    ("/usr/sbin/sshd -o Banner /x y -D", "", "/usr/sbin/sshd -o Banner /x y -D"),
    ("/usr/sbin/sshd $QUOTED", r'"QUOTED=a \"b c\" d"', "/usr/sbin/sshd a b c d"),
    ("/usr/sbin/sshd $UNEVEN", r'''"UNEVEN=it's"''', "/usr/sbin/sshd it's"),
]


@pytest.mark.parametrize(("command", "environment", "expected"), WORDS)
def test_the_environment_stands_for_its_names(command, environment, expected):
    assert command_lines(SOCKET, shown(command=command, environment=environment)) == {"ssh.service": expected}


def test_every_environment_file_counts_and_the_later_before_the_earlier(tmp_path):
    policy = tmp_path / "policy"
    policy.write_text("CRYPTO_POLICY='-oCiphers=aes256-ctr -oMACs=hmac-sha2-256'\nOPTIONS=-4\n")
    own = tmp_path / "own"
    own.write_text('# OPTIONS=-o MaxSessions=9\n\nno equals sign\nOPTIONS="-o MaxSessions=2"\n')
    command = "/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY"
    found = command_lines(SOCKET, shown("sshd.service", command=command, files=(policy, own, tmp_path / "missing")))
    line = "/usr/sbin/sshd -D -o MaxSessions=2 -oCiphers=aes256-ctr -oMACs=hmac-sha2-256"
    assert found == {"sshd.service": line}


def test_it_is_asked_of_what_is_behind_a_socket_that_listens_and_of_no_other():
    service = shown(environment='"SSHD_OPTS=-o MaxSessions=3"')
    assert command_lines(shown("ssh.socket", "inactive", None), service) == {}
    assert command_lines(SOCKET, shown(command=None)) == {}
    each = shown("ssh@x.service", command="/usr/sbin/sshd -i $SSHD_OPTS", environment='"SSHD_OPTS=-o MaxSessions=3"')
    assert command_lines(SOCKET, each) == {"ssh@x.service": "/usr/sbin/sshd -i -o MaxSessions=3"}


def test_a_unit_that_is_named_needs_no_socket():
    service = shown(environment='"SSHD_OPTS=-o MaxSessions=3"')
    assert command_lines(service, of="ssh.service") == {"ssh.service": "/usr/sbin/sshd -D -o MaxSessions=3"}


def test_where_no_systemctl_answers_there_is_none():
    assert command_lines() == {}
