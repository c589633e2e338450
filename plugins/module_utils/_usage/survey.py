# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of it: what is in force, who is connected, what was refused, what ends first, what would be enough."""

import os
import pwd
import time
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .. import _report
from .._config import sessions, tree
from .._config.configuration import Configuration
from .._config.files import Files, os_path
from .._config.limits import NOTHING
from .._errors import Error
from .._proof import proof
from .._proof.connection_spec import anyone
from .._proof.sshd import EffectiveConfiguration, Run, Sshd
from .._service import command_line, not_reloaded, service
from .._service.service import Service
from . import established, freshness, log, moment, outcome, process, recommendation, wall, walls
from .connection import Connection, connections
from .freshness import Freshness
from .inquiry import Inquiry
from .log import Log
from .moment import written
from .process import Process
from .tally import Tally
from .wall import Wall

TACITURN = ("QUIET", "FATAL")  # LogLevels below the one that refusals are logged at


def survey(sshd: Sshd, configuration: Configuration, params: Mapping[str, Any], run: Run) -> Dict[str, Any]:
    """Return the result of the module max_sessions_info. Raises Error."""
    since = moment.since(params["since"], time.time())
    state = proof.current(sshd, lambda: tree.read(configuration.main, Files()), NOTHING)
    says = sshd.effective(configuration.main, anyone(state.tree))[1]
    inquiry = Inquiry(sshd, state.tree, state.effective)
    contexts = inquiry.contexts(params["contexts"])
    processes = process.all_processes()
    running, said = _running(sshd, configuration)
    line = command_line.of_process(running.pid) if running and running.pid else ""
    in_force = freshness.in_force(state.tree, state.winner)
    paths = [os_path(path) for path in params["logs"] or ()]
    read = log.read(run, line, paths, since, Tally(_name, state.effective, in_force))
    live = _live(running, processes, read)
    fresh = _fresh(running, configuration, state.tree, processes, read)
    level = (says.first("loglevel") or "").upper()
    result = {
        "changed": False,
        "effective": state.effective,
        "clones": sessions.clones(state.effective),
        "contexts": contexts,
        "sshd": {"path": sshd.path, "version": sshd.version, "log_level": level},
        "listener": outcome.listening(running, fresh),
        "connections": None if live is None else [outcome.connection(one, inquiry, fresh) for one in live],
        "log": read.told,
        "refusals": _refusals(read, level, inquiry),
        "usage": _usage(read, level, inquiry),
        **_report.line_roles(state),
    }
    around = _walls(live or [], running, processes)
    limits = walls.lowest([wall.max_sessions(state.effective, result["defined_at"]), *around, *_of_connections(says)])
    first = walls.first(limits)
    found = recommendation.recommended(_evidence(result, read.tally, processes), walls.first(around))
    result.update(
        limits=[outcome.limit(one) for one in limits],
        bottleneck={"name": first.name, "sessions": first.sessions} if first else None,
        recommended_clone_depth=found.clone_depth,
        recommendation=found.sentence,
        conflicts=recommendation.conflicts(state.effective, found),
        notes=outcome.notes(result, said + read.notes),
        msg=outcome.sentence(state.effective, result["refusals"]),
    )
    return result


def _running(sshd: Sshd, configuration: Configuration) -> Tuple[Optional[Service], List[str]]:
    """Return the service, and why there is none."""
    try:
        return service.running(sshd, configuration), []
    except Error as error:
        return None, [str(error)]


def _name(uid: int) -> Optional[str]:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _live(running: Optional[Service], processes: Dict[int, Process], read: Log) -> Optional[List[Connection]]:
    if process.are_hidden():
        return None
    login_of = read.tally.logins.of if read.tally else lambda pid: None
    ports = {one.address[1] for one in running.sockets} if running else set()
    return connections(running.pid if running else None, ports, processes, established.ends(), login_of)


def _fresh(
    running: Optional[Service], configuration: Configuration, its: tree.Tree, processes: Dict[int, Process], read: Log
) -> Freshness:
    marked, touched = not_reloaded.is_marked(configuration), freshness.touched(its)
    one = processes.get(running.pid) if running and running.pid else None
    if one is None or running is None:
        return Freshness(touched, None, None, marked)
    logged = read.tally.listened.get(one.pid) if read.tally else None
    return Freshness(touched, one.started, freshness.read(one.pid, one.started, running.pid_file, logged), marked)


def _refusals(read: Log, level: str, inquiry: Inquiry) -> Optional[Dict[str, Any]]:
    if read.tally is None or level in TACITURN:
        return None
    found = read.tally.refused()
    for one in found["by"]:
        one["max_sessions"] = inquiry.of(one["user"], one["peer"])
    return found


def _usage(read: Log, level: str, inquiry: Inquiry) -> Optional[Dict[str, Any]]:
    if read.tally is None or (level not in outcome.TALKATIVE and not read.tally.has_sessions):
        return None
    peaks = read.tally.peaks
    found = peaks.result()
    for one in found["by_user"]:
        one["max_sessions"] = inquiry.of(one["user"], peaks.highest[one["user"]][1])
    return found


def _walls(live: List[Connection], running: Optional[Service], processes: Dict[int, Process]) -> List[Wall]:
    found = [one for each in live for one in walls.around(each.process, each.sessions, each.process.terminals, processes)]
    listener = processes.get(running.pid) if running and running.pid else None
    if not found and listener:
        found = walls.around(listener, 0, 0, processes)
    return found


def _of_connections(says: EffectiveConfiguration) -> List[Wall]:
    return walls.of_connections(says.first("maxstartups"), says.first("persourcemaxstartups"))


def _evidence(result: Dict[str, Any], tally: Optional[Tally], processes: Dict[int, Process]) -> recommendation.Evidence:
    """Return what was seen of those whom the limit for everyone is about; others have one of their own by a Match."""
    own = set(_ancestors(os.getpid(), processes))
    seen = [one for one in result["connections"] or [] if one["pid"] not in own]
    usage, read = result["usage"] or {"connections": None, "by_user": []}, result["log"]
    refusals = None if result["refusals"] is None else result["refusals"]["by"]

    def everyones(found: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        return [one for one in found if one["max_sessions"] in (None, result["effective"])]

    live, users, refused = everyones(seen), everyones(usage["by_user"]), everyones(refusals or [])
    count = sum(one["count"] for one in refused)
    older = sum(tally.older.get((one["user"], one["peer"]), 0) for one in refused) if tally else 0
    return recommendation.Evidence(
        effective=result["effective"],
        since=read["first"] or read["since"],
        refused=None if refusals is None else count - older,
        logins=read["logins"],
        connections=None if result["usage"] is None else sum(one["connections"] for one in users),
        most=max((one["most"] for one in users), default=None),
        open_connections=len(live),
        open_most=max((one["sessions"] for one in live), default=0),
        older=older,
        in_force=written(tally.in_force) if tally else None,
        unseen=max(0, (read["logins"] or 0) - (usage["connections"] or 0)),
        refused_others=sum(one["count"] for one in refusals or []) - count,
        others=len(live) < len(seen) or len(users) < len(usage["by_user"]),
    )


def _ancestors(pid: int, processes: Dict[int, Process]) -> List[int]:
    found: List[int] = []
    while pid in processes and pid not in found:
        found.append(pid)
        pid = processes[pid].parent
    return found
