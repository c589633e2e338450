# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import recommendation, wall
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.recommendation import Evidence, Recommendation

SINCE = "2026-01-24T12:00:00Z"
CASES = [
    # effective, refused, logins, connections, most, open connections, open sessions: the depth, and what the sentence has
    ((4, 12, 50, 210, 4, 2, 4), 7, "12 sessions were refused at MaxSessions 4"),
    ((4, 1, 50, None, None, 0, 0), 7, "1 session was refused"),
    ((0, 1, 50, None, None, 0, 0), 1, "refused"),
    ((10, 0, 50, 210, 6, 2, 4), 5, "the most that one of 210 connections had at once since 2026-01-24T12:00:00Z is 6"),
    ((10, 0, 50, 210, 3, 2, 8), 7, "is 8"),
    ((10, 0, 50, 1, 1, 0, 0), 0, "one of 1 connection had"),
    ((10, 0, 55, None, None, 0, 0), 9, "No session of 55 logins was refused"),
    ((10, None, None, None, None, 2, 4), 9, "the only witness: 2 connections, with 4 sessions on one at most"),
    ((10, None, None, None, None, 0, 0), None, "There is no evidence"),
    ((10, 0, 0, None, None, 0, 0), None, "There is no evidence"),
    ((10, 0, 0, 0, None, 1, 1), 9, "the only witness"),
]


@pytest.mark.parametrize(("given", "depth", "words"), CASES)
def test_what_was_seen_says_what_is_enough(given, depth, words):
    found = recommendation.recommended(Evidence(given[0], SINCE, *given[1:]), None)
    assert found.clone_depth == depth
    assert words in found.sentence


NOW = "2026-01-30T12:00:00Z"
FURTHER = [
    (dict(older=12, in_force=NOW), 3, "12 sessions were refused before MaxSessions 4 was set at " + NOW),
    (dict(older=12, in_force=NOW, most=6), 5, "12 sessions were refused before"),
    (dict(older=12, in_force=NOW, refused=1), 7, "1 session was refused at MaxSessions 4"),
    (dict(unseen=5), 1, "is 2"),
    (dict(unseen=6), 3, "is 2. Of 50 logins the log tells no session of 6, as before LogLevel was VERBOSE"),
    (dict(refused_others=5, others=True), 1, "No other session was refused, and"),
    (dict(refused_others=1, connections=0), 3, "No other session of 50 logins"),
    (dict(refused_others=1), 1, "1 session was refused to those who have another limit by a Match"),
    (dict(others=True), 1, "It is not about those who have another limit by a Match"),
]


@pytest.mark.parametrize(("given", "depth", "words"), FURTHER)
def test_whom_it_is_about_and_since_when_counts(given, depth, words):
    seen = Evidence(4, SINCE, refused=0, logins=50, connections=44, most=2, open_connections=0, open_most=0)
    found = recommendation.recommended(seen._replace(**given), None)
    assert found.clone_depth == depth
    assert words in found.sentence


def test_what_ends_before_is_said():
    files = wall.open_files(1024, 9, 0, "process 7 of alice")
    found = recommendation.recommended(Evidence(400, SINCE, 1, 1, None, None, 0, 0), files)
    assert found.clone_depth == 799
    assert "The limit open_files of process 7 of alice ends sessions at about 336" in found.sentence
    assert "ends" not in recommendation.recommended(Evidence(4, SINCE, 1, 1, None, None, 0, 0), files).sentence


@pytest.mark.parametrize(
    ("effective", "depth", "expected"),
    [
        (2, 1, []),
        (2, None, []),
        (10, 1, [("Lynis SSH-7408", True, False)]),
        (2, 19, [("CIS", False, True), ("Lynis SSH-7408", False, True)]),
        (11, None, [("CIS", True, False), ("Lynis SSH-7408", True, False)]),
    ],
)
def test_baselines_that_ask_for_less_are_told(effective, depth, expected):
    found = recommendation.conflicts(effective, Recommendation(depth, ""))
    assert [(one["baseline"], one["effective"], one["recommended"]) for one in found] == expected
