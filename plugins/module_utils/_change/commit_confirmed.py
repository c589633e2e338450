# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that undoes itself unless somebody confirms it, as network devices have it: record, old files, watchdog."""

import contextlib
import json
import os
import sys
import time
import zipfile
from typing import Any, Dict, Iterator, Sequence

from .._config.configuration import Configuration
from .._config.files import create, encode, flush
from .._config.limits import Limit
from .._errors import Error, changing
from .._proof.private_directory import private_directory
from .._proof.sshd import Sshd
from .._proof.state import Proposal
from .._service import service
from .._service.not_reloaded import boot_id
from . import confirmation, pending, scripts, watchdog
from . import settlement as _settlement  # noqa: F401 - scripts loads it: it is packed # pylint: disable=unused-import
from .pending import Record
from .replacement import copy

PACKAGE = "ansible_collections.multiplex.sshd.plugins.module_utils"
SCRIPT = '''"""%(summary)s"""
import os
import sys

sys.path.insert(0, os.fsdecode(%(code)r))
from %(module)s import %(verb)s

sys.exit(%(verb)s(%(arguments)s))
'''
SCRIPTS = {  # its name, and what it calls -> how a person who finds it knows it, and where that is
    "revert": ("Undo the change of sshd's configuration that record.json tells of.", scripts),
    "confirm": ("Keep the change of sshd's configuration that record.json tells of.", confirmation),
}


@contextlib.contextmanager
def commit_confirmed(
    sshd: Sshd, configuration: Configuration, proposal: Proposal, desired: Sequence[Limit], seconds: int
) -> Iterator[None]:
    """Have the host undo what is proposed in ``seconds`` unless it is settled; call it off if the block fails.

    Raises Error.
    """
    if pending.read_record(configuration):
        raise Error("Nothing was changed: another change is pending: %s" % configuration.pending)
    identity = os.urandom(8).hex()
    record: Record = {
        "id": identity,
        "who": pending.user(),
        "limits": [list(limit) for limit in desired],
        "before": proposal.before.effective,
        "deadline": pending.uptime() + seconds,
        "boot": boot_id(),
        "until": time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(time.time() + seconds)),
        "config": configuration.main,
        "real": configuration.real,
        "sshd": sshd.path,
        "start": service.start_command(sshd, configuration),
        # Its own: one that was left by a record that somebody removed must not stand in the way.
        "watchdog": "%s-%s" % (configuration.unit, identity),
    }
    with changing(configuration.main):
        _write(configuration, record, proposal)
    try:
        with changing(configuration.main):
            flush(configuration.directory)
            _lay_signpost(configuration)
        watchdog.start(configuration, record["watchdog"], seconds, sshd.run)
        yield
    except BaseException:
        confirmation.discard(record, sshd.run)
        raise


def _write(configuration: Configuration, record: Record, proposal: Proposal) -> None:
    """Write the directory of ``record``: it is there whole or not at all."""
    with private_directory(configuration.directory) as directory:
        record["files"] = [_save(directory, number, path, proposal) for number, path in enumerate(proposal.edits)]
        _write_code(os.path.join(directory, "code.zip"))
        for verb in SCRIPTS:
            _write_script(directory, verb, record, configuration)
        with create(os.path.join(directory, "record.json")) as file:
            file.write(encode(json.dumps(record, indent=1, sort_keys=True)))
        # After a power cut, what was written before a file of the configuration was replaced must be there, whole.
        for name in os.listdir(directory):
            flush(os.path.join(directory, name))
        flush(directory)
        os.rename(directory, configuration.pending)


def _lay_signpost(configuration: Configuration) -> None:
    """Have a run find what is pending even if the main file, a link now, is another by then."""
    if os.path.realpath(configuration.signpost) != configuration.pending:
        if os.path.islink(configuration.signpost):
            os.unlink(configuration.signpost)  # to what was settled by a run that was killed then
        os.symlink(configuration.pending, configuration.signpost)


def _save(directory: str, number: int, path: str, proposal: Proposal) -> Dict[str, Any]:
    """Copy the old file at ``path`` under its ``number``; return what the record tells of it."""
    exists, text = path in proposal.before.tree.files, proposal.edits[path]
    if exists:
        copy(path, os.path.join(directory, str(number)))
    # Where it is, not where a link leads to by the time that it is undone. Of one that is removed, the link goes itself.
    folder, name = os.path.split(path if text is None else os.path.realpath(path))
    return {
        "path": os.path.join(os.path.realpath(folder), name),
        "old": str(number) if exists else None,
        "new": None if text is None else pending.digest(text),
    }


def _write_script(directory: str, verb: str, record: Record, configuration: Configuration) -> None:
    summary, module = SCRIPTS[verb]
    words = {
        "summary": summary,
        # Octets: it may run in another locale.
        "code": os.fsencode(os.path.join(configuration.pending, "code.zip")),
        "module": module.__name__,
        "verb": verb,
        "arguments": "os.fsdecode(%r), os.fsdecode(%r), %r, sys.argv[1:]"
        % (os.fsencode(configuration.main), os.fsencode(configuration.real), record["id"]),
    }
    with create(os.path.join(directory, verb)) as file:
        file.write(encode(SCRIPT % words))


def _write_code(path: str) -> None:
    """Pack the modules of ours that are loaded, the scripts' among them: where this one runs from is gone by then."""
    with create(path) as new, zipfile.ZipFile(new, "w") as archive:
        above = PACKAGE.split(".")
        for depth in range(1, len(above) + 1):
            archive.writestr(zipfile.ZipInfo("/".join(above[:depth] + ["__init__.py"])), "")
        for name, module in sorted(sys.modules.items()):
            if name.startswith(PACKAGE + "."):
                source = name.replace(".", "/") + ("/__init__.py" if hasattr(module, "__path__") else ".py")
                archive.writestr(zipfile.ZipInfo(source), module.__loader__.get_source(name) or "")  # type: ignore[attr-defined]
