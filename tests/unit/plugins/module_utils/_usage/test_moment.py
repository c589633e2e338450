# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import calendar
import time

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import moment

NOW = calendar.timegm((2026, 1, 31, 12, 0, 0))
SINCE = [
    ("30m", NOW - 1800),
    ("12h", NOW - 43200),
    ("7d", NOW - 7 * 86400),
    ("4 w", NOW - 28 * 86400),
    ("999999w", 0),
    ("1900-01-01", 0),
    ("2026-01-30", NOW - 36 * 3600),
    ("2026-01-31T11:00:00", NOW - 3600),
    ("2026-01-31 11:00:00", NOW - 3600),
    ("2026-01-31T11:00:00Z", NOW - 3600),
]


@pytest.mark.parametrize(("text", "expected"), SINCE)
def test_a_span_and_a_moment_are_understood(text, expected):
    assert moment.since(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7d; reboot", "yesterday", "2026-02-30", "1000000d", "7d\n"])
def test_anything_else_is_refused(text):
    with pytest.raises(Error, match="give a span"):
        moment.since(text, NOW)


def test_a_moment_is_written_in_utc():
    assert moment.written(NOW + 0.9) == "2026-01-31T12:00:00Z"
    assert moment.written(None) is None


ISO = [
    ("2026-01-31T12:00:00Z", NOW),
    ("2026-01-31T12:00:00.25+00:00", NOW + 0.25),
    ("2026-01-31T13:30:00+01:30", NOW),
    ("2026-01-31T07:00:00-0500", NOW),
    ("2026-01-31T12:00:00", None),
    ("2026-01-31", None),
]


@pytest.mark.parametrize(("text", "expected"), ISO)
def test_times_with_a_date_are_read(text, expected):
    assert moment.iso(text) == expected


@pytest.fixture
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jan 31 13:00:00", NOW),
        ("Jan  1 01:00:00", NOW - 30 * 86400 - 12 * 3600),
        ("Dec 31 13:00:00", NOW - 31 * 86400),
        ("Feb  1 12:59:59", NOW + 86399),
        ("Feb  1 13:00:01", NOW + 86401 - 365 * 86400),
        ("Jan 32 13:00:00", None),
        ("Foo 31 13:00:00", None),
        ("Jan 31 13:00", None),
    ],
)
def test_times_without_a_year_are_of_the_last_year_that_fits(text, expected):
    found = moment.bsd(text, NOW)
    assert found == expected or (expected is None and found != NOW)
