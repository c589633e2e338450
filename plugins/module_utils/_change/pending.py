# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that waits for its confirmation: the directory beside the main file that holds its record.

Beside ``record.json`` it has the old files by number, ``revert`` and ``confirm``, which an administrator may run by hand
too, and ``code.zip``, what those need.
"""

import hashlib
import json
import os
import pwd
import re
import stat
import sys
from typing import Any, Dict, List, Optional

from .._config.configuration import Configuration
from .._config.files import Files, encode, os_path
from .._errors import Error, reading
from .._service.not_reloaded import boot_id

Record = Dict[str, Any]
LONGEST = 7 * 24 * 60 * 60  # seconds: whoever has not confirmed by then has forgotten it


def read_record(configuration: Configuration) -> Optional[Record]:
    """Return the record of the pending change, None if there is none. Raises Error.

    It is a dictionary: ``id`` names the change, ``who`` made it, from what ``before`` to what ``limits``,
    the ``deadline`` of its confirmation (seconds of ``uptime`` in the run of the system that ``boot`` names), ``until``,
    that on the clock on the wall, for people, ``files``, ``config``, what that ``real``ly was, ``sshd``, the command that
    ``start``s it again, the ``others`` that listen for the same file, and the ``watchdog``.
    """
    configuration = _as_it_was(configuration)
    try:
        about = os.lstat(configuration.pending)
    except FileNotFoundError:
        return None
    # What it says is done, as root: it must be nobody else's.
    if not stat.S_ISDIR(about.st_mode) or about.st_uid not in (0, os.geteuid()) or about.st_mode & 0o022:
        raise Error("%s is not this collection's: others may write it. Look at it and remove it" % configuration.pending)
    path = os.path.join(configuration.pending, "record.json")
    try:
        with open(path) as file:
            record = json.load(file)
        # Written in another locale, maybe.
        record.update(sshd=os_path(record["sshd"]), start=record["start"] and [os_path(word) for word in record["start"]])
        record.update(config=os_path(record["config"]), real=configuration.real)
        for one in record["files"]:
            one["path"] = os_path(one["path"])
        return record
    except PermissionError:
        with reading(path):
            raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if not os.path.lexists(configuration.pending):
            return None  # settled since it was looked for
        raise Error(
            "%s is damaged: %s. Nothing can undo that change any more: put back by hand what you need of the old files in "
            "it, whose names are numbers, reload sshd once 'sshd -t' accepts the configuration, and remove the directory"
            % (configuration.pending, error)
        ) from error


def _as_it_was(configuration: Configuration) -> Configuration:
    """Return the ``configuration`` as a change that may be pending has found it: ``main`` may have been another file."""
    directory, name = os.path.split(os.path.realpath(configuration.signpost))
    named = re.match(r"\.(.+)\.pending\Z", name, re.DOTALL)
    if named and (os.path.islink(configuration.pending) or not os.path.lexists(configuration.pending)):
        return configuration._replace(real=os.path.join(directory, named.group(1)))
    return configuration


def configuration_of(record: Record) -> Configuration:
    """Return the configuration as the pending change has found it."""
    return Configuration(record["config"], record["real"])


def summary(configuration: Configuration) -> Optional[Dict[str, Any]]:
    """Return what the module tells of the pending change, None if there is none. Raises Error."""
    record = read_record(configuration)
    return record and {
        "id": record["id"],
        "who": record["who"],
        "until": record["until"],
        "before": record["before"],
        "directory": configuration_of(record).pending,
        "confirm": [sys.executable, "-I", "-S", "-B", os.path.join(configuration_of(record).pending, "confirm")],
    }


def is_expired(record: Record) -> bool:
    """Say whether nobody may confirm any more: time is up, or the system was booted anew."""
    return record["boot"] != boot_id() or uptime() > record["deadline"]


def is_cut_off(record: Record) -> bool:
    """Say whether a file is as it was before the change: the run that made it was killed on the way."""
    return any(digest_of_file(file["path"]) == _old_digest(record, file) != file["new"] for file in record["files"])


def edited(record: Record) -> List[str]:
    """Return the paths of files that are neither as before the change nor as it made them."""
    return [
        file["path"]
        for file in record["files"]
        if digest_of_file(file["path"]) not in (file["new"], _old_digest(record, file))
    ]


def require_seconds(seconds: int) -> None:
    """Raise Error unless a change can wait so long for its confirmation."""
    if not 0 <= seconds <= LONGEST:
        raise Error(
            "confirm_within is %d: give seconds from 1 to %d, which is a week, or 0 to change for good at once"
            % (seconds, LONGEST)
        )


def user() -> str:
    """Return the name of the user who runs this, the one behind sudo."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.geteuid()).pw_name


def uptime() -> float:
    """Return the seconds since the system started: no setting of the clock changes them, and sleep counts."""
    with open("/proc/uptime") as file:
        return float(file.read().split()[0])


def digest(text: str) -> str:
    """Return what names the ``text`` of a file."""
    return hashlib.sha256(encode(text)).hexdigest()


def _old_digest(record: Record, file: Dict[str, Any]) -> Optional[str]:
    old = file["old"]
    return old and digest_of_file(os.path.join(configuration_of(record).pending, old))


def digest_of_file(path: str) -> Optional[str]:
    """Return the digest of the file at ``path``, None if there is none."""
    return digest(Files().text(path)) if os.path.exists(path) else None
