# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _client

KEPT = [  # (arguments, what is kept of them)
    ([], []),
    (["-C", "-o", "ControlMaster=auto"], ["-C", "-o", "ControlMaster=auto"]),
    (["-oPort=3", "-p3", "-4v"], ["-o", "Port=3", "-p", "3", "-4"]),
    (["-M", "-S", "x", "-fN", "-tt", "-T"], []),
    (["-L", "1:h:2", "-R", "3", "-D", "4", "-W", "h:1", "-w", "0:0"], []),
    (["-E", "log", "-vvv", "-q", "-O", "exit", "-G", "-n", "-s"], []),
    (["-J", "jump", "-F", "file", "-i", "key", "-A"], ["-J", "jump", "-F", "file", "-i", "key", "-A"]),
]


@pytest.mark.parametrize(("args", "kept"), KEPT)
def test_what_is_kept(args, kept):
    assert _client.without_ours(args) == kept


@pytest.mark.parametrize(("args", "complaint"), [(["-Z"], "-Z"), (["-p"], "-p"), (["host"], "'host' is none")])
def test_what_ssh_would_not_take(args, complaint):
    with pytest.raises(Error, match=complaint):
        _client.without_ours(args)


@pytest.mark.parametrize("host", ["db1", "db1.example.com", "::1", "fe80::1%eth0", " db1 ", "user@db1", "192.0.2.1"])
def test_hosts(host):
    assert _client.host_name(host) == host.strip()


@pytest.mark.parametrize("host", ["", None, "-oProxyCommand=x", "a b", "a;b", "$(a)", "a\nb", "a`b`", "a\\b", "a'b"])
def test_no_hosts(host):
    with pytest.raises(Error, match=r"host"):
        _client.host_name(host)


@pytest.mark.parametrize("user", ["-l", "a'b", 'a"b', "a;b", "a|b", "a\n"])
def test_no_users(user):
    with pytest.raises(Error, match="user"):
        _client.settings(user=user)


@pytest.mark.parametrize("user", ["root", "DOMAIN\\user", "host$", "first last", "a@b"])
def test_users(user):
    assert _client.settings(user=user) == ["-o", f'User="{user}"']


def test_settings_that_are_not_given():
    assert _client.settings() == []


def test_unbalanced_quotes():
    with pytest.raises(Error, match="don't parse"):
        _client.split("-o 'x")


def test_master():
    words = _client.Target("h", ["-o", "BatchMode=x"], 0.5).master("/a%b/s")
    assert words[:4] == ["ssh", "-N", "-S", "/a%%b/s"]
    assert words[4:6] == ["-o", "IgnoreUnknown=*"]
    assert words.index("BatchMode=yes") < words.index("BatchMode=x")
    assert words[-3:] == ["-o", "ConnectTimeout=1", "h"]
    assert "BatchMode=no" in _client.Target("h", answers=[("?", "!")]).master("/s")
