# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import login, peaks
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.peaks import Peaks

FIGURES = [
    ({}, (0, None, None, None)),
    ({1: 1}, (1, 1, 1, 1)),
    ({1: 1, 9: 1}, (2, 1, 9, 9)),
    ({1: 94, 4: 1, 6: 5}, (100, 1, 4, 6)),
    ({1: 95, 6: 5}, (100, 1, 1, 6)),
    ({2: 49, 3: 51}, (100, 3, 3, 3)),
]


@pytest.mark.parametrize(("counts", "expected"), FIGURES)
def test_the_figures_of_connections(counts, expected):
    found = peaks.figures(counts)
    assert (found["connections"], found["median"], found["p95"], found["most"]) == expected


def test_the_highest_slot_of_a_connection_is_its_peak():
    seen = Peaks()
    for slot in (0, 1, 2, 1, 0):
        seen.see("alice", "::1", 1, slot)
    seen.see("bob", "::1", 2, 0)
    found = seen.result()
    assert (found["connections"], found["most"]) == (2, 3)
    assert [(one["user"], one["most"]) for one in found["by_user"]] == [("alice", 3), ("bob", 1)]


def test_a_port_that_is_used_again_is_another_connection():
    seen = Peaks()
    for _login in range(2):
        seen.begin("::1", 1)
        seen.see("alice", "::1", 1, 0)
    assert seen.result()["connections"] == 2


def test_no_connection_has_more_sessions_than_sshd_has_channels():
    seen = Peaks()
    seen.see("alice", "::1", 1, peaks.CHANNELS)
    assert seen.result()["connections"] == 0


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(peaks, "MOST", 10)
    monkeypatch.setattr(peaks, "USERS", 3)
    seen = Peaks()
    for number in range(100):
        seen.see("user%d" % (number % 20), "::1", number, number % 2)
        assert len(seen.open) <= 10
    found = seen.result()
    assert found["connections"] == 100
    assert len(found["by_user"]) == 4
    assert sum(one["connections"] for one in found["by_user"]) == 100
    assert login.MOST > 10
