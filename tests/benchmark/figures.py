# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians, spreads, and ratios to a ping of the same round."""

import statistics

PING = "ping"


def spread(values):
    """Return the median of ``values`` and their ends, rounded."""
    return {"median": round(statistics.median(values), 3), "least": round(min(values), 3), "most": round(max(values), 3)}


def row(name, runs, pings, memory):
    """Return what is told of a play: ``runs`` and ``pings`` are Runs, one a round; ``memory`` octets or None."""
    return {
        "play": name,
        "seconds": spread([run.seconds for run in runs]),
        "ratio": spread([run.seconds / ping.seconds for run, ping in zip(runs, pings)]),
        "cpu": spread([run.cpu for run in runs]),
        "memory": memory,
    }


def lines(hosts, forks, rows):
    """Yield the table of ``rows``, as text."""
    title = f"{hosts} host{'' if hosts == 1 else 's'}, forks {forks}"
    yield f"{title:28}{'seconds':>9}{'x ping':>8}{'(least-most)':>15}{'cpu s':>8}{'MB':>7}"
    for each in rows:
        ratio = each["ratio"]
        ends = f"({ratio['least']:.2f}-{ratio['most']:.2f})"
        octets = "" if each["memory"] is None else f"{each['memory'] / 1e6:.0f}"
        yield (
            f"{each['play']:28}{each['seconds']['median']:>9.2f}{ratio['median']:>8.2f}{ends:>15}"
            f"{each['cpu']['median']:>8.2f}{octets:>7}"
        )
