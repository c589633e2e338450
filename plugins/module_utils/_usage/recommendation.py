# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many clones would be enough, by what was seen, and which baselines speak against it."""

from typing import Any, Dict, List, NamedTuple, Optional

from .wall import Wall

BASELINES = (("CIS", 10), ("Lynis SSH-7408", 2))


class Evidence(NamedTuple):
    """What was seen since a moment."""

    effective: int
    since: str
    refused: Optional[int]  # sessions that met the effective limit, None where no log tells
    logins: Optional[int]  # in the log
    connections: Optional[int]  # that had sessions by the log, None where it doesn't tell
    most: Optional[int]  # sessions that one of them had at once
    open_connections: int  # now, without the one that asks
    open_most: int
    older: int = 0  # sessions that were refused before the effective limit was set
    in_force: Optional[str] = None  # since when it is, None where that is not known
    unseen: int = 0  # of the logins, those of which the log doesn't tell the sessions
    refused_others: int = 0  # sessions of those to whom a Match gives another limit; what else is here is not about them
    others: bool = False  # whether there are any


class Recommendation(NamedTuple):
    """A clone depth, None without evidence, and from what evidence it comes."""

    clone_depth: Optional[int]
    sentence: str


def recommended(seen: Evidence, wall: Optional[Wall]) -> Recommendation:
    """Return what would be enough. ``wall`` is what ends sessions first beside MaxSessions."""
    sessions, sentence = _enough(seen)
    if seen.refused_others:
        sentence += ". %s refused to those who have another limit by a Match, and this number is not for them" % times(
            seen.refused_others, "session was", "sessions were"
        )
    elif seen.others:
        sentence += ". It is not about those who have another limit by a Match"
    if sessions is not None and wall and wall.sessions is not None and sessions > wall.sessions:
        sentence += ". The limit %s of %s ends sessions at about %d before that" % (wall.name, wall.of, wall.sessions)
    return Recommendation(None if sessions is None else max(0, sessions - 1), sentence)


def _enough(seen: Evidence):
    """Return ``(sessions, sentence)``."""
    most = max(seen.most or 0, seen.open_most)
    if seen.refused:
        return max(2 * seen.effective, most, 2), (
            "%s refused at MaxSessions %d since %s, and how many more would have been opened no log tells: double it, and "
            "look again" % (times(seen.refused, "session was", "sessions were"), seen.effective, seen.since)
        )
    if seen.older:
        return max(most, seen.effective), (
            "%s refused before MaxSessions %d was set at %s, and none since over a connection that has it: look again once "
            "people have worked with it" % (times(seen.older, "session was", "sessions were"), seen.effective, seen.in_force)
        )
    if seen.refused == 0 and seen.connections:
        return _enough_by_use(seen, max(most, 1))
    if seen.refused == 0 and seen.logins:
        return max(most, seen.effective), (
            "%s session of %s was refused since %s, so what is in force is enough. Whether less would be, sshd logs at "
            "LogLevel VERBOSE only" % (_no(seen), times(seen.logins, "login", "logins"), seen.since)
        )
    if seen.open_connections:
        return max(most, seen.effective), (
            "What is open now is the only witness: %s, with %s on one at most, which is within what is in force"
            % (times(seen.open_connections, "connection", "connections"), times(most, "session", "sessions"))
        )
    return None, "There is no evidence: neither a log nor a connection tells anything since %s" % seen.since


def _enough_by_use(seen: Evidence, most: int):
    sentence = "%s session was refused, and the most that one of %s had at once since %s is %d" % (
        _no(seen),
        times(seen.connections or 0, "connection", "connections"),
        seen.since,
        most,
    )
    # A tunnel has no session, so of some logins no log tells any.
    if seen.unseen * 10 <= (seen.logins or 0):
        return most, sentence
    sentence += ". Of %s the log tells no session of %d, as before LogLevel was VERBOSE: no less than now is advised"
    return max(most, seen.effective), sentence % (times(seen.logins or 0, "login", "logins"), seen.unseen)


def _no(seen: Evidence) -> str:
    return "No other" if seen.refused_others else "No"


def times(number: int, one: str, more: str) -> str:
    """Return ``number`` with the word for one, or that for more."""
    return "%d %s" % (number, one if number == 1 else more)


def conflicts(effective: int, recommendation: Recommendation) -> List[Dict[str, Any]]:
    """Return the baselines that allow less than what is in force or recommended."""
    depth = recommendation.clone_depth
    found = []
    for baseline, at_most in BASELINES:
        now, then = effective > at_most, depth is not None and depth + 1 > at_most
        if now or then:
            found.append({"baseline": baseline, "at_most": at_most, "effective": now, "recommended": then})
    return found
