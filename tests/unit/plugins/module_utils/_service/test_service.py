# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._service import service
from ansible_collections.multiplex.sshd.plugins.module_utils._service.service import Service

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
    ("", OWN, False),
]


@pytest.mark.parametrize(("arguments", "config", "expected"), TITLES)
def test_a_title_tells_which_configuration_is_read(arguments, config, expected):
    assert service._reads(arguments, config) is expected


METHODS = [
    ((None, None, False), "none"),
    ((None, None, True), "socket"),
    ((7, None, False), "signal"),
    ((7, "ssh.service", False), "systemd"),
    ((7, "ssh.service", True), "systemd"),
]


@pytest.mark.parametrize(("who", "expected"), METHODS)
def test_the_method_follows_from_who_runs_it(who, expected):
    assert Service(set(), "/p", [], *who).method == expected
