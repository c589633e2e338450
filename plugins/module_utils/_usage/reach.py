# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether as many sessions can be had on one connection as are asked for."""

import os
from typing import Dict, List, Optional

from . import process, walls
from .process import Process
from .wall import Wall


def warnings(asked: int) -> List[str]:
    """Return what a person should know where something ends sessions before ``asked`` are open on one connection."""
    processes = process.all_processes()
    witness = _witness(processes)
    if witness is None:
        return []
    before = [one for one in walls.lowest(walls.around(witness, 0, 0, processes)) if _ends_before(one, asked)]
    return [
        "MaxSessions %d can't be reached on one connection: %s of %s (%s) ends sessions at about %d. %s"
        % (asked, one.name, one.of, one.limit, one.sessions, one.lift)
        for one in before
    ]


def _ends_before(one: Wall, asked: int) -> bool:
    return one.sessions is not None and one.sessions < asked


def _witness(processes: Dict[int, Process]) -> Optional[Process]:
    """Return the sshd of the connection that this runs over, else one that listens; None where neither is seen."""
    pid = os.getpid()
    seen = set()
    while pid in processes and pid not in seen:
        if processes[pid].is_sshd and processes[pid].user:
            return processes[pid]
        seen.add(pid)
        pid = processes[pid].parent
    ours = (0, os.geteuid())  # anybody may call a program sshd
    return next((one for one in processes.values() if one.is_sshd and "[listener]" in one.title and one.uid in ours), None)
