# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import sessions
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

LIMITS = [
    ({"clone_depth": 0}, 1),
    ({"clone_depth": 5}, 6),
    ({"clone_depth": 5, "extra_sessions": 2}, 8),
    ({"clone_depth": 2147483646}, 2147483647),
    ({"max_sessions": 0}, 0),
    ({"max_sessions": 2147483647}, 2147483647),
]


@pytest.mark.parametrize(("asked", "expected"), LIMITS)
def test_the_first_session_the_clones_and_the_others_add_up(asked, expected):
    assert sessions.max_sessions_for(**asked) == expected


LARGEST = "the largest that sshd takes is 2147483647"
ERRORS = [
    ({"clone_depth": -1}, "clone_depth is -1: it counts sessions, so give 0 or more"),
    ({"clone_depth": 1, "extra_sessions": -2}, "extra_sessions is -2: it counts sessions, so give 0 or more"),
    ({"max_sessions": -3}, "max_sessions is -3: it counts sessions, so give 0 or more"),
    ({"clone_depth": 2147483647}, f"MaxSessions would be 1 + 2147483647 + 0 = 2147483648: {LARGEST}"),
    ({"clone_depth": 2147483646, "extra_sessions": 1},
     f"MaxSessions would be 1 + 2147483646 + 1 = 2147483648: {LARGEST}"),
    ({"max_sessions": 2147483648}, f"MaxSessions would be 2147483648: {LARGEST}"),
    ({"max_sessions": 3, "extra_sessions": 1},
     "extra_sessions is added to clone_depth; max_sessions is the whole number already: drop one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), ERRORS)
def test_what_sshd_would_refuse_or_misread_is_an_error(asked, said):
    with pytest.raises(Error) as caught:
        sessions.max_sessions_for(**asked)
    assert str(caught.value) == said


@pytest.mark.parametrize(("max_sessions", "clones"), [(0, 0), (1, 0), (2, 1), (10, 9)])
def test_clones_are_what_is_left_beside_the_first_session(max_sessions, clones):
    assert sessions.clones(max_sessions) == clones


MEANINGS = [
    (0, "no session at all: no login, no command, no file copy, only port forwarding"),
    (1, "the first session and no clone of it"),
    (2, "the first session and 1 clone of it"),
    (3, "the first session and 2 clones of it"),
]


@pytest.mark.parametrize(("max_sessions", "words"), MEANINGS)
def test_a_limit_is_said_in_words(max_sessions, words):
    assert sessions.meaning(max_sessions) == words


@pytest.mark.parametrize("max_sessions", [0, 1, 2, 3, 11, 2147483647])
def test_what_the_words_mean_is_found_again(max_sessions):
    assert sessions.meant(sessions.meaning(max_sessions)) == max_sessions


NO_MEANING = ("", "the first session", "first session and no clone of it", "the first session and 2 clone of it",
              "the first session and 0 clones of it", "the first session and no clone of it.",
              "the first session and 02 clones of it")  # fmt: skip


@pytest.mark.parametrize("words", NO_MEANING)
def test_other_words_mean_nothing(words):
    assert sessions.meant(words) is None
