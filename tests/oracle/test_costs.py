# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs grows no faster than what it reads and what it is asked for. With -s, the rows of docs/proven.md."""

import json

import pytest
from trees import MAIN

D = "/etc/ssh/sshd_config.d"
GROWTH = 6  # four times as much may cost: linear is 4, quadratic 16, and a part of it is always the same
MOST_MB = 400


def lines(text):
    return lambda count: ({MAIN: text * count}, {"max_sessions": 7})


def included(count):
    files = {f"{D}/{number}.conf": f"# {number}\n" for number in range(count)}
    return {MAIN: f"Include {D}/*.conf\n", **files}, {"max_sessions": 7}


def include_lines(count):
    return {MAIN: f"Include {D}/a.conf\n" * count, f"{D}/a.conf": "# a\n"}, {"max_sessions": 7}


def rules(match):
    def asked(count):
        wanted = [{"match": match.format(number), "max_sessions": 20 + number} for number in range(count)]
        return {MAIN: "#\n"}, {"max_sessions": 7, "rules": wanted}

    return asked


# name: (files and options by size, a size)
COSTS = {
    "10 MB of comments": (lines("# " + "x" * 97 + "\n"), 100_000),
    "100,000 lines": (lines("PermitTTY no\n"), 100_000),
    "100,000 lines MaxSessions": (lines("MaxSessions 7\n"), 100_000),
    "20,000 Match blocks": (lines("Match User bob\nMaxSessions 7\n"), 20_000),
    "one line of 400 kB": (lambda count: ({MAIN: "Banner " + "x" * count + "\n"}, {"max_sessions": 7}), 400_000),
    "1,000 files included": (included, 1000),
    "1,000 lines Include": (include_lines, 1000),
    "1,000 rules about users": (rules("User u{}"), 1000),
    "1,000 rules about networks": (rules("Address 10.0.{}.0/24"), 250),
    "100 rules about groups": (rules("Group g{},dba"), 100),
}


@pytest.mark.parametrize("name", COSTS)
def test_cost_grows_no_faster_than_what_is_read(world, name, pytestconfig):
    make, size = COSTS[name]
    if pytestconfig.getoption("profile", "seconds") == "seconds":
        size //= 10
    small, _mb = cost(world, *make(size // 4))
    seconds, mb = cost(world, *make(size))
    print(f"| {name} | {size:,} | {seconds:.2f} s | {mb:.0f} MB | {seconds / small:.1f} |")
    assert seconds < GROWTH * max(small, 0.1)
    assert mb < MOST_MB


def cost(world, files, options):
    """Return seconds of CPU and MB of memory of a run that may succeed or refuse, but ends with words."""
    world.lay({path: ("file", text.encode(), 0o644) for path, text in files.items()})
    status, printed, words = world.module(seconds=300, **options)
    assert printed, words
    message = json.loads(printed)["msg"]
    assert status in (0, 1), message
    return world.used()
