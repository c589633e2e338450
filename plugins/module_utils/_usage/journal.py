# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of systemd: sshd's entries, and from when on it has any."""

import glob
import json
import os
import stat
from typing import Any, Callable, Dict, Optional

from . import entry, message
from .entry import Entry
from .process import NAMES

FILES = ("/var/log/journal/*/system.journal", "/run/log/journal/*/system.journal")
JOURNALCTL = ["journalctl", "--quiet", "--no-pager", "--output=json"]
FIELDS = "--output-fields=MESSAGE,_PID,_UID,_EXE,_COMM"


def is_readable() -> bool:
    """Say whether there is a journal of the whole system that may be read; of others, users are shown their own."""
    return any(os.access(path, os.R_OK) for pattern in FILES for path in glob.glob(pattern))


def beginning(run: Callable[..., Any]) -> Optional[float]:
    """Return the moment of the journal's first entry, None where it has none."""
    found = []

    def take_one(process) -> None:
        found.extend(process.stdout.readline().splitlines())
        process.kill()

    run([*JOURNALCTL, "--output-fields=_PID"], before_communicate_callback=take_one)
    return _entry(found[0], lambda path: False).time if found else None


def read(run: Callable[..., Any], since: float, take: Callable[[Optional[Entry]], None]) -> None:
    """Give sshd's entries since a moment to ``take``, oldest first, None for one that tells nothing."""
    known: Dict[str, bool] = {}

    def is_sshd(path: str) -> bool:
        if path not in known:
            known[path] = os.path.basename(path) in NAMES and _is_of_root(path)
        return known[path]

    def take_each(process) -> None:
        # As they come: all of them at once would be a matter of memory.
        for line in process.stdout:
            take(_entry(line, is_sshd) if message.may_tell(line) else None)

    names = ["--identifier=" + name for name in NAMES]
    run([*JOURNALCTL, FIELDS, *names, "--since=@%d" % since], before_communicate_callback=take_each)


def _entry(line: bytes, is_sshd: Callable[[str], bool]) -> Entry:
    return entry.of_journal(json.loads(line.decode("utf-8", "replace")), is_sshd)


def _is_of_root(path: str) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid == 0
