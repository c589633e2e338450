# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, in the shapes and words of the module max_sessions_info."""

from typing import Any, Dict, List, Optional, Sequence

from .._config import sessions
from .._service import address, command_line
from .._service.service import Service
from .connection import Connection
from .freshness import Freshness
from .inquiry import Inquiry
from .log import ALL
from .moment import written
from .recommendation import times
from .wall import Wall

TALKATIVE = ("VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3")  # LogLevels at which sshd logs sessions
RELOAD = "sshd may not know what the files say now, since they were touched after it read them: see multiplex.sshd.reload"
VERBOSE = "How many sessions connections had is unknown: sshd logs it at LogLevel VERBOSE, and LogLevel is %s"
PARTLY = "How many sessions connections had is known only for when LogLevel was VERBOSE, and it is %s"
SILENT = "At LogLevel %s sshd logs no refusals: they are unknown, not none"
HIDDEN = "Other users' processes are hidden, and with them the connections. " + ALL
UNSEEN = "No sshd is seen to listen for this configuration"
UNCERTAIN = "Of some connections only the terminals and processes are seen, and they may have more sessions than told"
OLDER = "The connection of %s since %s may be under an older limit: it began before sshd read what the files say now"


def listening(service: Optional[Service], fresh: Freshness) -> Optional[Dict[str, Any]]:
    """Return what the module returns as ``listener``."""
    if service is None or (service.pid is None and not service.activated):
        return None
    return {
        "pid": service.pid,
        "unit": service.unit,
        "activated": service.activated,
        "listening": sorted(address.text(one.address) for one in service.sockets),
        "command": command_line.of_process(service.pid) if service.pid else None,
        "started": written(fresh.started),
        "reloaded": written(fresh.read),
        "outdated": fresh.listener_is_outdated if service.pid else False,
    }


def connection(one: Connection, inquiry: Inquiry, fresh: Freshness) -> Dict[str, Any]:
    """Return an element of what the module returns as ``connections``. Raises Error."""
    peer, local = one.peer or (None, None), one.local or (None, None)
    return {
        "pid": one.process.pid,
        "user": one.user,
        "peer": address.text(one.peer) if one.peer else None,
        "local": address.text(one.local) if one.local else None,
        "since": written(one.began),
        "sessions": one.sessions,
        "ptys": one.process.terminals,
        "certainty": one.certainty,
        "max_sessions": inquiry.of(one.user, peer[0], local[0], local[1]),
        "outdated": fresh.is_outdated(one.began),
    }


def limit(one: Wall) -> Dict[str, Any]:
    """Return an element of what the module returns as ``limits``."""
    return dict(one._asdict(), lift=one.lift)


def notes(result: Dict[str, Any], said: Sequence[str]) -> List[str]:
    """Return what could not be seen, beside what was ``said`` of it already."""
    found = list(said)
    level = result["sshd"]["log_level"]
    if result["refusals"] is None and result["log"]["source"]:
        found.append(SILENT % level)
    if result["usage"] is None and result["log"]["source"]:
        found.append(VERBOSE % level)
    elif result["usage"] and level not in TALKATIVE:
        found.append(PARTLY % level)
    if result["listener"] is None:
        found.append(UNSEEN)
    elif result["listener"]["outdated"]:
        found.append(RELOAD)
    if result["connections"] is None:
        found.append(HIDDEN)
    else:
        found += [OLDER % (one["user"], one["since"]) for one in result["connections"] if one["outdated"]]
        if any(one["certainty"] != "counted" for one in result["connections"]):
            found.append(UNCERTAIN)
    return found


def sentence(effective: int, refusals: Optional[Dict[str, Any]]) -> str:
    """Say the outcome in one sentence."""
    if refusals is None:
        refused = "whether sessions were refused is unknown"
    elif refusals["count"]:
        refused = times(refusals["count"], "session was refused", "sessions were refused")
    else:
        refused = "no session was refused"
    return "MaxSessions is %d: one connection carries %s; %s" % (effective, sessions.meaning(effective), refused)
