# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others write means the same with our lines as without, and what they do to ours is told."""

import pytest
from answers import said
from host import Host

RULES = {"max_sessions": 9, "rules": [{"match": "User bob", "max_sessions": 5}]}


@pytest.fixture(params=["drop_in", "main"])
def host(request):
    laid = Host(request.param)
    yield laid
    laid.__exit__()


@pytest.mark.parametrize("ending", ["\n", ""])
@pytest.mark.parametrize(("line", "keyword", "expected"), [("PermitTTY no", "permittty", "no"), ("Port 1", "port", 1)])
def test_what_somebody_appends_is_for_all(host, ending, line, keyword, expected):
    bare = host.read().replace(f"Port {host.port}\n", "").replace("MaxSessions 2\n", "")
    host.write("sshd_config", bare + "UseDNS no" + ending)
    laid = host.read()
    assert not host.run(**RULES).get("failed")
    assert (said(host, "bob"), said(host, "root")) == (5, 9)
    host.write("sshd_config", host.read() + f"{'' if ending else chr(10)}{line}\n")
    assert [said(host, user, keyword=keyword) for user in ("bob", "root")] == [expected, expected]
    assert (said(host, "bob"), said(host, "root")) == (5, 9)
    assert host.run(**RULES)["changed"] is False
    host.run(state="absent")
    assert host.read() == laid + f"{'' if ending else chr(10)}{line}\n"


def test_a_number_that_somebody_writes_into_our_block_is_told(host):
    (path,) = (one for one in host.run(**RULES)["written"] if one != host.config)
    with open(path) as file:
        text = file.read()
    host.write(path, text.replace("MaxSessions 5", "MaxSessions 4") + "")
    line = 1 + text.split("\n").index("    MaxSessions 5")
    warnings = [one if isinstance(one, str) else one["event"]["msg"] for one in host.run(**RULES)["warnings"]]
    assert [one for one in warnings if one.startswith(f"{path} line {line}: 'MaxSessions 4' stands where ")]
    assert not host.run(**RULES).get("warnings")


def test_what_no_include_reads_any_more_is_told_and_taken_out(host):
    bare = host.read()
    (path,) = (one for one in host.run(**RULES)["written"] if one != host.config)
    rewritten = "".join(line for line in bare.splitlines(True) if not line.startswith("Include"))
    host.write("sshd_config", rewritten)
    result = host.run(state="absent")
    assert not result.get("failed"), result
    assert result["written"] == [path]
    assert path in str(result["warnings"])
    assert path not in host.files()
    assert host.read() == rewritten


def test_somebodys_match_for_all_is_beaten_as_the_message_says(host):
    host.write("sshd_config", host.read() + "Match all\nMaxSessions 3\n")
    message = host.run(max_sessions=9)["msg"]
    assert message.endswith("or write rules: [{match: all, max_sessions: 9}], which comes before it")
    result = host.run(rules=[{"match": "all", "max_sessions": 9}])
    assert (result["effective"], result["overridden_by"]) == ({"before": 3, "after": 9}, [])
    assert said(host, "root") == 9


def test_effective_is_one_connections(host):
    host.write("sshd_config", host.read().replace("MaxSessions 2\n", "") + "Match User *,!root\nMaxSessions 3\n")
    assert host.run(max_sessions=9)["effective"] == {"before": 10, "after": 9}
    result = host.run(max_sessions=9)
    assert (result["changed"], result["effective"]) == (False, {"before": 9, "after": 9})
    assert f"(under 'Match User *,!root' it is 3, by {host.config} line" in result["msg"]


SAYING = 'if [ "$1" = -V ]; then echo "%s, OpenSSL 1.1.1f  31 Mar 2020" >&2; exit 1; fi'


@pytest.mark.parametrize(("version", "expected"), [("OpenSSH_8.2p1 Ubuntu-4", 1), ("OpenSSH_8.3p1", 1), ("OpenSSH_8.4", 2)])
def test_a_match_that_sshd_ignores_overrides_nobody(version, expected):
    with Host("drop_in") as host:
        host.write(f"{host.drop_ins}/50-x.conf", "Match User nosuch\nMaxSessions 3\n")
        host.write("sshd_config", host.read() + "Match User neither\nMaxSessions 4\n")
        result = host.run(max_sessions=9, sshd=host.sshd(SAYING % version))
        assert not result.get("failed"), result
        assert [one["max_sessions"] for one in result["overridden_by"]] == [3, 4][-expected:]


@pytest.mark.parametrize(("version", "before_8_7"), [("OpenSSH_8.6p1", True), ("OpenSSH_8.7p1", False)])
@pytest.mark.parametrize(("argument", "differs"), [
    ("'{}/*.conf'", True), ('"{}/\\"*.conf"', True), ("{}/a=b*.conf", True),
    ("{}/*.conf # don't", False), ('"{}/don\'t*.conf" "{}/*.conf"', False),
])  # fmt: skip
def test_an_include_that_names_something_else_before_8_7_is_refused(version, before_8_7, argument, differs):
    with Host("drop_in") as host:
        host.write("sshd_config", host.read() + f"Include {argument.replace('{}', host.drop_ins)}\n")
        line, before = host.read().count("\n"), host.standing()
        result = host.run(max_sessions=9, sshd=host.sshd(SAYING % version))
        assert bool(result.get("failed")) is (before_8_7 and differs)
        if before_8_7 and differs:
            assert result["msg"].startswith(f"{host.config} line {line}: to OpenSSH up to 8.6 this names ")
            assert host.standing() == before


UNUSUAL = {
    "an equals sign before it": "=MaxSessions 7\n",
    "empty quotes before it": '"" MaxSessions 7\n',
    "minus zero": "MaxSessions -0\n",
    "5,000 zeros": f"MaxSessions {5000 * '0'}7\n",
    "a tab in quotes": 'MaxSessions "\t7"\n',
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_sshd_reads_is_read(host, name):
    host.write("sshd_config", host.read().replace("MaxSessions 2\n", UNUSUAL[name]))
    before = said(host, "root")
    laid = host.files()
    assert host.run(max_sessions=9)["effective"] == {"before": before, "after": 9}
    assert host.run(state="absent", lock_out=True)["effective"] == {"before": 9, "after": before}
    assert host.files() == laid


CRITERIA = [
    "Address 10.0.0.0/33", "Address 10.0.0.0/255.0.0.0", "Address 10.0.0.0/abc", "Address 2001:db8::/129",
    f"User {12 * 'a*'}b,{28 * 'a'}", f"User *{1100 * 'a'}", f"LocalPort {5000 * '9'}", "User", "Fnord x", "all User x",
    "User 'a b'", "Group 'no such group'", "User a,,b", "User \u00e9", f"User {','.join(20000 * 'x')}",
]  # fmt: skip


@pytest.mark.parametrize("match", CRITERIA, ids=lambda match: match[:30])
def test_criteria_are_written_or_refused_in_words(host, match):
    laid = host.files()
    result = host.run(max_sessions=9, rules=[{"match": match, "max_sessions": 5}])
    if result.get("failed"):
        assert "exception" not in result and "sshd said: " in result["msg"]
        assert host.files() == laid
    else:
        assert not host.run(max_sessions=9, rules=[{"match": match, "max_sessions": 5}])["changed"]


@pytest.mark.parametrize(("match", "use_dns", "warned"), [
    ("Host build.example.com", "", True), ("Host *.example.com User root", "UseDNS no\n", True),
    ("Host build.example.com", "UseDNS yes\n", False), ("Host 192.0.2.7", "", False), ("Host 192.*", "", False),
    ("Host !build.example.com,*", "", False), ("Host build.example.com,2001:db8::7", "", False), ("User host", "", False),
])  # fmt: skip
def test_a_name_that_sshd_does_not_look_up_is_told(host, match, use_dns, warned):
    host.write("sshd_config", host.read() + use_dns)
    for _again in range(2):
        result = host.run(max_sessions=9, rules=[{"match": match, "max_sessions": 5}])
        assert not result.get("failed"), result
        warnings = [one if isinstance(one, str) else one["event"]["msg"] for one in result.get("warnings", ())]
        told = [one for one in warnings if f"'Match {match}'" in one and "UseDNS is no" in one]
        assert bool(told) is warned, warnings
