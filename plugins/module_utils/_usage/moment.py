# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments: how far back to look, and the times that logs write, as seconds since the epoch."""

import calendar
import datetime
import re
import time
from typing import List, Optional

from .._errors import Error

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
STAMP = r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+)"  # what a line of the system's log begins with
MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}  # of C's locale: Python sets no other


def since(text: str, now: float) -> float:
    """Return the moment that ``text`` means, a span before ``now`` as ``7d`` or a moment of UTC. Raises Error."""
    span = re.match(r"(\d{1,6}) ?([mhdw])\Z", text)
    if span:
        return max(0, now - int(span.group(1)) * UNITS[span.group(2)])
    for form in FORMS:
        try:
            # journalctl takes nothing before the epoch.
            return max(0, calendar.timegm(datetime.datetime.strptime(text.rstrip("Z"), form).timetuple()))
        except ValueError:
            continue
    raise Error("since is %r: give a span as '12h', '7d' or '4w', or a moment of UTC as '2026-01-31T12:00:00'" % text)


def written(moment: Optional[float]) -> Optional[str]:
    """Return ``moment`` as ISO 8601 writes it in UTC, to the second; None of None."""
    return None if moment is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def stamped(text: str, latest: float) -> Optional[float]:
    """Return the moment that ``text``, a STAMP, means, as ``iso`` or ``bsd``; None of what is none."""
    return iso(text) if text[0].isdigit() else bsd(text, latest)


def iso(text: str) -> Optional[float]:
    """Return the moment of rsyslog's ``2026-01-31T12:00:00.123456+01:00``, None of what is none."""
    found = re.match(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))\Z", text)
    if not found:
        return None
    offset = int(found.group(9) or 0) * 3600 + int(found.group(10) or 0) * 60
    offset = -offset if found.group(8) == "-" else offset
    return calendar.timegm(tuple(map(int, found.groups()[:6]))) + float(found.group(7) or 0) - offset


def bsd(text: str, latest: float) -> Optional[float]:
    """Return the moment of the traditional ``Jan 31 12:00:00``, in local time, of the last year in which it isn't later
    than ``latest``. None of what is none."""
    found = re.match(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)\Z", text)
    if not found or found.group(1) not in MONTHS:
        return None
    year = time.localtime(latest).tm_year
    rest = [MONTHS[found.group(1)]] + [int(number) for number in found.groups()[1:]]
    moment = _local(year, rest)
    # A day is how far the clocks of the machines that log here may be off.
    return moment if moment is None or moment <= latest + 86400 else _local(year - 1, rest)


def _local(year: int, rest: List[int]) -> Optional[float]:
    try:
        return time.mktime((year, *rest, 0, 0, -1))  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return None
