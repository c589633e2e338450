# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import command_line

OWN = "/tmp/x/sshd_config"
TITLES = [
    ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "/etc/ssh/sshd_config", True),
    ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", OWN, False),
    ("/usr/sbin/sshd", "/etc/ssh/sshd_config", True),
    ("sshd: /usr/sbin/sshd -D -f /tmp/x/sshd_config -E /tmp/x/log [listener] 0 of 200-200 startups", OWN, True),
    ("sshd: /usr/sbin/sshd -D -f /tmp/x/sshd_config -E /tmp/x/log", "/etc/ssh/sshd_config", False),
    ("sshd: /usr/sbin/sshd -Df/tmp/x/sshd_config", OWN, True),
    ("sshd: /usr/sbin/sshd -eDf /tmp/x/sshd_config [listener]", OWN, True),
    ("sshd: /usr/sbin/sshd -f /tmp/x/sshd_config2 [listener]", OWN, False),
    ("sshd: /usr/sbin/sshd -f /tmp/x/sshd_conf [listener]", OWN, False),
    ("sshd: /usr/sbin/sshd -f /tmp/x/sshd_conf", OWN, True),
    ("sshd: /usr/sbin/sshd -f /tmp/x/../x/sshd_config [listener]", OWN, True),
    ("sshd: /usr/sbin/sshd -oExposeAuthInfo=yes [listener]", "/etc/ssh/sshd_config", True),
    ("sshd: /usr/sbin/sshd -E /tmp/a-f/log [listener]", "/etc/ssh/sshd_config", True),
    ("sshd: /usr/sbin/sshd -D -o Subsystem s /x -f AUTH -l INFO [listener]", "/etc/ssh/sshd_config", True),
    ("sshd: /usr/sbin/sshd -D -o Subsystem s /x -f AUTH -f /tmp/x/sshd_config [listener]", OWN, True),
    ("", OWN, False),
]


@pytest.mark.parametrize(("arguments", "config", "expected"), TITLES)
def test_a_title_tells_which_configuration_is_read(arguments, config, expected):
    assert command_line.reads(arguments, config) is expected


OPTIONS = [
    ("/usr/sbin/sshd -D", []),
    ("sshd: /usr/sbin/sshd -D -o MaxSessions=2 [listener] 0 of 10-100 startups", ["MaxSessions=2"]),
    ("sshd: /usr/sbin/sshd -oMaxSessions=2 -oPort=22 -D", ["MaxSessions=2", "Port=22"]),
    ("/usr/sbin/sshd -Do MaxSessions 2 -f /x/o", ["MaxSessions 2"]),
    ("/usr/sbin/sshd -o Banner none -E /tmp/log -o", ["Banner none"]),
    ("sshd: /usr/sbin/sshd -D -o Banner -x -o MaxSessions=2 [listener]", ["Banner -x", "MaxSessions=2"]),
    ("sshd: /usr/sbin/sshd -o Banner -d -D [listener]", ["Banner -d"]),  # sshd's own, but that a keyword needs an argument
    ("sshd: /usr/sbin/sshd -oBanner -d [listener]", ["Banner -d"]),
    ("sshd: /usr/sbin/sshd -o Banner = -d -p 22 [listener]", ["Banner = -d"]),
    ("sshd: /usr/sbin/sshd -o ForceCommand /x -z - --y -d [listener]", ["ForceCommand /x -z - --y"]),
]


@pytest.mark.parametrize(("line", "expected"), OPTIONS)
def test_options_are_what_stands_behind_each_o(line, expected):
    assert command_line.options(line) == expected


LOGS = [
    ("sshd: /usr/sbin/sshd -D -E /tmp/log [listener] 0 of 10-100 startups", "/tmp/log"),
    ("/usr/sbin/sshd -DE /tmp/log", "/tmp/log"),
    ("/usr/sbin/sshd -E/tmp/log -f x", "/tmp/log"),
    ("/usr/sbin/sshd -E /tmp/one -E /tmp/log", "/tmp/log"),  # the last is sshd's
    ("/usr/sbin/sshd -D -o ForceCommand /x -E", ""),
    ("/usr/sbin/sshd -D", ""),
    ("", ""),
]


@pytest.mark.parametrize(("line", "expected"), LOGS)
def test_the_log_is_the_file_behind_the_last_E(line, expected):
    assert command_line.log_file(line) == expected


def test_a_process_that_is_gone_has_no_command_line():
    assert command_line.of_process(2**22 + 1) == ""
    assert "python" in command_line.of_process(os.getpid()) or "pytest" in command_line.of_process(os.getpid())
