# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that waits for its confirmation: the directory beside the main file that holds its record.

Beside ``record.json`` it has the old files by number, ``revert``, which an administrator may run by hand too, and
``code.zip``, what that needs.
"""

import contextlib
import hashlib
import json
import os
import pwd
import stat
import time
from typing import Any, Dict, Optional

from .._config.configuration import Configuration
from .._config.files import Files, encode, os_path
from .._errors import Error, reading

Record = Dict[str, Any]


def read_record(configuration: Configuration) -> Optional[Record]:
    """Return the record of the pending change, None if there is none. Raises Error.

    It is a dictionary: ``who`` made it, from what ``before`` to what ``limits``, ``until`` when (seconds since the epoch)
    it waits for a confirmation, ``until_text`` the same to read, ``boot`` what run of the system that was in, ``files``,
    ``config``, ``sshd``, the command that ``start``s it again, and the ``watchdog``.
    """
    try:
        about = os.lstat(configuration.pending)
    except FileNotFoundError:
        return None
    # What it says is done, as root: it must be nobody else's.
    if not stat.S_ISDIR(about.st_mode) or about.st_uid not in (0, os.geteuid()) or about.st_mode & 0o022:
        raise Error(
            "%s is not this collection's: others may write it. Look at it and remove it" % configuration.pending
        )
    path = os.path.join(configuration.pending, "record.json")
    try:
        with open(path) as file:
            record = json.load(file)
    except PermissionError:
        with reading(path):
            raise
    except (OSError, ValueError) as error:
        raise Error("%s is damaged: %s. Its old files are beside it" % (configuration.pending, error)) from error
    # Written in another locale, maybe.
    record.update(sshd=os_path(record["sshd"]), start=record["start"] and [os_path(word) for word in record["start"]])
    for one in record["files"]:
        one["path"] = os_path(one["path"])
    return record


def summary(configuration: Configuration) -> Optional[Dict[str, Any]]:
    """Return what the module tells of the pending change, None if there is none. Raises Error."""
    record = read_record(configuration)
    return record and {
        "who": record["who"],
        "until": record["until_text"],
        "before": record["before"],
        "directory": configuration.pending,
    }


def is_expired(record: Record) -> bool:
    """Say whether nobody may confirm any more: time is up, or the system was booted anew and the watchdog is gone."""
    return time.time() > record["until"] or record["boot"] != boot_id()


def is_complete(record: Record) -> bool:
    """Say whether all files are as the change made them: a run that was killed may have left some as they were."""
    return all(digest_of_file(file["path"]) == file["new"] for file in record["files"])


def user() -> str:
    """Return the name of the user who runs this, the one behind sudo."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.geteuid()).pw_name


def boot_id() -> str:
    """Return what names this run of the system, empty where the kernel doesn't tell."""
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()
    return ""


def digest(text: str) -> str:
    """Return what names the ``text`` of a file."""
    return hashlib.sha256(encode(text)).hexdigest()


def digest_of_file(path: str) -> Optional[str]:
    """Return the digest of the file at ``path``, None if there is none."""
    return digest(Files().text(path)) if os.path.exists(path) else None
