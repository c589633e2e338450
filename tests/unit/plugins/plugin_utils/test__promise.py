# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever comes of the proof, only what was proven is confirmed, and what is taken back is said in one sentence."""

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils._promise import kept
from ansible_collections.multiplex.sshd.plugins.plugin_utils._request import Request

PENDING = {"id": "1f", "until": "12:01", "before": 2, "confirm": ["python3", "confirm"]}
UNDONE = {"changed": True, "pending": None}
RELOADED = {"method": "systemd", "changed": True}
BACK = {"changed": True, "msg": "the change that Alice made was undone", "max_sessions": 2, "reload_needed": False}


class Story:
    """A task whose steps go as ``proof``, ``confirm``, ``foreseen`` and ``back`` say, an Error raised.

    ``calls`` tells the steps taken.
    """

    def __init__(self, proof=None, confirm=None, foreseen=None, back=None):
        self.calls = []
        self.outcomes = {"prove": proof or {"failed": False, "msg": "5 clones"}, "confirm": confirm}
        self.outcomes.update(foreseen=foreseen or UNDONE, back=back or BACK)

    def step(self, name, *args):
        self.calls.append((name, *args))
        outcome = self.outcomes[name]
        if isinstance(outcome, Error):
            raise outcome
        return dict(outcome) if outcome else None

    def run(self, answer=None, args=None):
        whole = {"changed": True, "max_sessions": 6, "clones": 5, "effective": {"before": 2, "after": 6}, "msg": "It is 6"}
        whole.update({"pending": PENDING, "reload": RELOADED, "probe": None, "settled": None})
        whole.update({"written": [], "rules": [], **(answer or {})})
        steps = [lambda *args, name=name: self.step(name, *args) for name in self.outcomes]
        return kept(whole, Request({"clone_depth": 5, "verify": True, **(args or {})}), *steps)


def test_proven_it_is_confirmed():
    story = Story()
    result = story.run()
    assert story.calls == [("prove", 5, "exec", 0), ("confirm", ["python3", "confirm", "1f"])]
    assert (result["settled"], result["pending"], result.get("failed")) == ("confirmed", None, None)
    assert result["msg"] == "It is 6. Proven: 5 clones"


@pytest.mark.parametrize("answer", [
    {"pending": None, "reload": None}, {"pending": None, "reload": {"method": "none"}}, {"max_sessions": 0, "clones": 0},
], ids=str)  # fmt: skip
def test_nothing_is_proven_where_there_is_nothing_to_prove(answer):
    story = Story()
    assert story.run(answer)["settled"] is None and story.calls == []


def test_always_is_each_time():
    story = Story()
    assert story.run({"pending": None, "reload": None, "changed": False}, {"verify": "always"})["changed"] is False
    assert story.calls == [("prove", 5, "exec", 0)]


def test_what_was_not_promised_is_not_asked_for():
    story = Story()
    story.run(args={"state": "absent"})
    assert story.calls[0] == ("prove", 0, "open", 0)


FAILED = {"failed": True, "msg": "2 of 6 sessions opened."}


@pytest.mark.parametrize("proof", [FAILED, Error("2 of 6 sessions opened.")], ids=["refused", "no connection"])
def test_not_proven_it_is_taken_back_and_never_confirmed(proof):
    story = Story(proof)
    result = story.run()
    assert [call[0] for call in story.calls] == ["prove", "back", "prove"] and story.calls[2][1:] == (None, "open", 2)
    assert (result["failed"], result["settled"], result["changed"]) == (True, "reverted", False)
    assert result["effective"] == {"before": 2, "after": 2} and result["pending"] is None
    assert result["msg"] == (
        "2 of 6 sessions opened. The change that Alice made was undone, MaxSessions is 2 again. Now: 2 of 6 sessions opened."
    )


@pytest.mark.parametrize("back", [Error("unreachable."), {"failed": True, "msg": "unreachable"}], ids=["error", "failure"])
def test_where_it_can_not_be_taken_back_the_host_does_so(back):
    result = Story(FAILED, back=back).run()
    assert "It could not be taken back from here: unreachable. The host itself takes it back at 12:01." in result["msg"]
    assert result["failed"] and result["settled"] is None and result["pending"] == PENDING and result["changed"]


def test_too_late_to_confirm():
    story = Story(confirm=Error("it isn't pending any more"), back={**BACK, "changed": False})
    result = story.run()
    assert [call[0] for call in story.calls] == ["prove", "confirm", "foreseen", "back"]
    assert result["failed"] and result["msg"].endswith("There is nothing to take back any more: MaxSessions is 2.")


def test_what_another_run_has_confirmed_is_confirmed():
    story = Story(confirm=Error("it isn't pending any more"), foreseen={"changed": False, "pending": None})
    result = story.run()
    assert [call[0] for call in story.calls] == ["prove", "confirm", "foreseen"]
    assert (result["settled"], result["pending"], result.get("failed")) == ("confirmed", None, None)
    assert result["msg"] == "It is 6. Proven: 5 clones Another run has confirmed it."


@pytest.mark.parametrize("foreseen", [
    Error("unreachable"), {"failed": True, "msg": "no"}, {"changed": True, "pending": None},
    {"changed": False, "pending": PENDING},
], ids=str)  # fmt: skip
def test_what_can_not_be_confirmed_and_is_not_settled_is_taken_back(foreseen):
    result = Story(confirm=Error("no"), foreseen=foreseen).run()
    assert result["failed"] and result["settled"] == "reverted" and "could not be confirmed: no" in result["msg"]


def test_an_earlier_runs_change_that_is_not_proven_is_a_failure():
    result = Story(FAILED).run({"pending": None})
    assert result["failed"] and "There is nothing to take back" in result["msg"]


def test_what_was_written_without_a_way_back_is_not_denied():
    result = Story(FAILED).run({"pending": None, "written": ["/etc/ssh/sshd_config"]})
    assert result["failed"] and result["changed"] and "What was written stays (/etc/ssh/sshd_config)" in result["msg"]


RULE = {"match": "User alice", "max_sessions": 2}


def test_whom_a_rule_of_the_task_is_about_is_promised_its_number():
    story = Story({"failed": False, "msg": "1 clone"})
    result = story.run({"own_rule": {"match": "User alice", "clones": 1}, "rules": [RULE]})
    assert story.calls[0] == ("prove", 1, "exec", 0) and "own_rule" not in result
    assert result["msg"] == "It is 6. Proven for 'Match User alice': 1 clone"


@pytest.mark.parametrize(("opened", "named"), [(2, True), (3, False)])
def test_a_rule_of_the_task_that_may_be_why_is_named(opened, named):
    result = Story({**FAILED, "opened": opened}).run({"rules": [RULE]})
    assert ("Or it is this task's own rule 'Match User alice'" in result["msg"]) is named
