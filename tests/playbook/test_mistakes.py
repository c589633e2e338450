# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people get wrong is named as they wrote it, before anything is touched."""

import pytest
from host import Host
from keywords import ROLE
from runs import Playbooks


@pytest.fixture(scope="module")
def host():
    with Host() as running:
        yield running


@pytest.fixture(scope="module")
def playbooks(host):
    with Playbooks(host) as ready:
        yield ready


EMPTY = "is given and empty (null): give it a value, or leave it out altogether."
# name: (the role's variables less their prefix, what it says; {p} is the prefix)
MISTAKES = {
    "null": ({"clone_depth": None}, "{p}clone_depth " + EMPTY),
    "null beside a number": ({"clone_depth": None, "max_sessions": 5}, "{p}clone_depth " + EMPTY),
    "null rules": ({"clone_depth": 5, "rules": None}, "{p}rules " + EMPTY),
    "null verify": ({"clone_depth": 5, "verify": None}, "{p}verify " + EMPTY),
    "null in a rule": (
        {"rules": [{"match": "User bob", "clone_depth": None}]}, "{p}rules: rule 1: clone_depth " + EMPTY),
    "nothing": ({}, "None of {p}clone_depth, {p}max_sessions and {p}rules is given"),
    "both": ({"clone_depth": 5, "max_sessions": 6}, "{p}clone_depth and {p}max_sessions are both given"),
    "both in a rule": (
        {"rules": [{"match": "User bob", "clone_depth": 5, "max_sessions": 6}]},
        "{p}rules: rule 1: clone_depth and max_sessions are both given"),
    "a rule without number": (
        {"rules": [{"match": "User bob"}]}, "{p}rules: rule 1: clone_depth or max_sessions is missing"),
    "a rule for nobody": (
        {"rules": [{"match": "User bob", "clone_depth": 1}, {"clone_depth": 5}]}, "{p}rules: rule 2: match is missing"),
    "a rule that is none": ({"rules": ["User bob"]}, "{p}rules: rule 1: it must have keys"),
    "an unknown key in a rule": (
        {"rules": [{"match": "User bob", "clone_dept": 5}]},
        "{p}rules: rule 1: clone_dept is no key of a rule: is clone_depth meant?"),
    "verify never": ({"clone_depth": 5, "verify": "never"}, "{p}verify is 'never': it can be true, false or always."),
    "verify sometimes": ({"clone_depth": 5, "verify": "sometimes"}, "{p}verify is 'sometimes'"),
    "for good, but proven": ({"clone_depth": 5, "verify": True, "confirm_within": 0}, "{p}confirm_within is 0"),
    "for good by a text, but proven": (
        {"clone_depth": 5, "verify": True, "confirm_within": "00"}, "{p}confirm_within is 0"),
    "for good by a no, but proven": (
        {"clone_depth": 5, "verify": True, "confirm_within": False}, "{p}confirm_within is 0"),
    "more than can be proven": ({"clone_depth": 100000, "verify": True}, "100000 clones can't be proven"),
    "no session": ({"max_sessions": 0, "verify": True}, "say so with 'lock_out'"),
}  # fmt: skip


def refused(playbooks, play, *arguments):
    found = playbooks.played(play, *arguments)[1]
    (failure,) = [result["msg"] for _task, outcome, result in found if outcome == "failed"]
    return failure


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["run", "check"])
def test_of_the_role(host, check):
    standing = host.standing()
    with Playbooks(host) as playbooks:
        for number, (options, _words) in enumerate(MISTAKES.values()):
            variables = {f"max_sessions_{option}": value for option, value in options.items()}
            playbooks.add_host(f"host{number}", {"max_sessions_config": host.config, **variables})
        found = playbooks.failures({"hosts": "all:!throwaway", "roles": [ROLE]}, *check)
    assert len(found) == len(MISTAKES)
    said = {name: result["msg"] for name, result in found}
    for number, (_options, words) in enumerate(MISTAKES.values()):
        assert words.format(p="max_sessions_") in said[f"host{number}"]
    assert host.standing() == standing


def test_of_the_module(host, playbooks):
    standing = host.standing()
    tasks = [
        {"name": name, ROLE: {"config": host.config, **options}, "ignore_errors": True}
        for name, (options, _words) in MISTAKES.items()
    ]
    found = playbooks.run({"tasks": tasks})
    assert [(task, outcome) for task, outcome, _result in found] == [(name, "failed") for name in MISTAKES]
    for task, _outcome, result in found:
        assert MISTAKES[task][1].format(p="") in result["msg"]
    assert host.standing() == standing


# One that the action plugin says to the module is none of a task's either.
@pytest.mark.parametrize(("wrong", "right"), [("clone_dept", "clone_depth"), ("verfiy", "verify"), ("unprovable", "")])
def test_an_unknown_option_is_named_with_the_nearest(host, playbooks, wrong, right):
    standing = host.standing()
    task = {"name": "Ask for it", ROLE: {"config": host.config, "max_sessions": 5, wrong: "5"}}
    said = refused(playbooks, {"tasks": [task]})
    assert said.startswith(f"{wrong} is no option of max_sessions: is {right}")
    assert host.standing() == standing


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["run", "check"])
@pytest.mark.parametrize(("wrong", "right"), [
    ("clone_dept", "clone_depth"), ("max_session", "max_sessions"), ("verfiy", "verify"), ("depth", "clone_depth"),
])  # fmt: skip
def test_an_unknown_variable_is_named_with_the_nearest(host, playbooks, wrong, right, check):
    variables = {"max_sessions_config": host.config, "max_sessions_clone_depth": 5, f"max_sessions_{wrong}": 5}
    said = refused(playbooks, {"roles": [ROLE], "vars": variables}, *check)
    assert said == f"max_sessions_{wrong} is no variable of the role: is max_sessions_{right} meant?"


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["run", "check"])
@pytest.mark.parametrize("value", [True, False])
def test_whether_to_reload_is_nobodys_choice(host, playbooks, value, check):
    standing = host.standing()
    variables = {"config": host.config, "clone_depth": 5, "verify": False, "reload": value}
    play = {"roles": [ROLE], "vars": {f"max_sessions_{name}": given for name, given in variables.items()}}
    assert refused(playbooks, play, *check).startswith("max_sessions_reload is no variable of the role, which reloads sshd")
    assert host.standing() == standing


def test_a_host_that_is_not_reached_over_ssh_is_refused_before_anything_is_touched(host, playbooks):
    standing = host.standing()
    variables = {"max_sessions_config": host.config, "max_sessions_clone_depth": 5, "ansible_connection": "local"}
    for arguments in (), ("--check",):
        said = refused(playbooks, {"roles": [ROLE], "vars": variables}, *arguments)
        assert "not reached over SSH, but by the connection plugin local" in said
        assert "Set max_sessions_verify: false" in said
        assert host.standing() == standing
    said = refused(playbooks, {"roles": [ROLE], "vars": {**variables, "max_sessions_verify": "always"}})
    assert "Set max_sessions_verify: false" in said and host.standing() == standing


def test_without_proof_such_a_host_is_changed():
    with Host() as host, Playbooks(host) as playbooks:
        variables = {"config": host.config, "clone_depth": 5, "verify": False}
        ran = playbooks.role("-e", "ansible_connection=local", **variables)["Set MaxSessions"]
        assert ran[0] == "ok" and ran[1]["reload"]["method"] == "signal" and ran[1]["settled"] == "confirmed"
        assert host.leftovers() == []
        # Unchanged, there is nothing to prove.
        again = playbooks.role("-e", "ansible_connection=local", config=host.config, clone_depth=5)["Set MaxSessions"]
        assert again[0] == "ok" and not again[1]["changed"]


def test_where_no_sshd_runs_there_is_nothing_to_prove():
    with Host() as host, Playbooks(host) as playbooks:
        host.stop()
        variables = {"config": host.config, "clone_depth": 5}
        outcome, result = playbooks.role("-e", "ansible_connection=local", **variables)["Set MaxSessions"]
        assert outcome == "ok" and result["changed"] and result["reload"]["method"] == "none"
        assert result["settled"] == "confirmed" and result["probe"] is None and host.leftovers() == []
        outcome, result = playbooks.role("-e", "ansible_connection=local", **variables)["Set MaxSessions"]
        assert outcome == "ok" and not result["changed"]


def test_nobody_gets_a_session_where_that_was_asked_for():
    with Host() as host, Playbooks(host) as playbooks:
        variables = {"config": host.config, "max_sessions": 0, "lock_out": True}
        outcome, result = playbooks.role(**variables)["Set MaxSessions"]
        assert outcome == "ok" and result["effective"] == {"before": 2, "after": 0}
        assert result["probe"] is None and result["settled"] == "confirmed" and host.leftovers() == []
