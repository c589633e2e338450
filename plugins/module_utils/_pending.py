# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that undoes itself unless somebody confirms it: a directory beside the main file holds its record.

Beside ``record.json`` it has the old files by number, ``revert``, which an administrator may run by hand too, and ``code``,
what that needs: the temporary directory that the module runs from is gone by then.
"""

import contextlib
import hashlib
import json
import os
import pwd
import stat
import sys
import time

from ansible_collections.multiplex.sshd.plugins.module_utils import _files, _reload_note, _replace, _watchdog
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

PACKAGE = "ansible_collections.multiplex.sshd.plugins.module_utils."
REVERT = '''"""Undo the change of sshd's configuration that record.json tells of; nobody has confirmed it."""
import sys

sys.path.insert(0, %r)
from ansible_collections.multiplex.sshd.plugins.module_utils import _expiry

_expiry.main(%r, %r, sys.argv[1:])
'''


def directory(config):
    """Return the directory of the change that is pending on the main file ``config``."""
    place, name = os.path.split(os.path.realpath(config))
    return os.path.join(place, ".%s.pending" % name)


def found(config):
    """Return the record of the pending change, None if there is none.

    It is a dictionary: ``who`` made it, from what ``before`` to what ``limits``, ``until`` when (seconds since the epoch)
    it waits for a confirmation, ``until_text`` the same to read, ``boot`` what run of the system that was in, ``files``,
    ``config``, ``sshd``, the words that ``start`` it again, and the ``watchdog``.
    """
    try:
        about = os.lstat(directory(config))
    except FileNotFoundError:
        return None
    # What it says is done, as root: it must be nobody else's.
    if not stat.S_ISDIR(about.st_mode) or about.st_uid not in (0, os.geteuid()) or about.st_mode & 0o022:
        raise Error("%s is not this collection's: others may write it. Look at it and remove it" % directory(config))
    try:
        with open(os.path.join(directory(config), "record.json")) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError) as error:
        raise Error("%s is damaged: %s. Its old files are beside it" % (directory(config), error)) from error


def told(config):
    """Return what the module tells of the pending change, None if there is none."""
    record = found(config)
    return record and {
        "who": record["who"],
        "until": record["until_text"],
        "before": record["before"],
        "directory": directory(config),
    }


def expired(record):
    """Say whether nobody may confirm any more: time is up, or the system was booted anew and the watchdog is gone."""
    return time.time() > record["until"] or record["boot"] != _boot()


def who():
    """Return the name of the user who runs this, the one behind sudo."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.geteuid()).pw_name


@contextlib.contextmanager
def armed(sshd, tree, candidate, limits, before, seconds):
    """Have the host undo ``candidate`` in ``seconds`` unless it is settled; call it off if the block fails."""
    # Only here: whoever arms nothing need not load them.
    from ansible_collections.multiplex.sshd.plugins.module_utils import _expiry, _reload  # noqa: F401, PLC0415

    until, config, run = time.time() + seconds, tree.main, sshd.run
    if found(config):
        raise Error("Nothing was changed: another change is pending: %s" % directory(config))
    record = {
        "who": who(),
        "limits": [list(limit) for limit in limits],
        "before": before,
        "until": until,
        "until_text": time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(until)),
        "boot": _boot(),
        "config": config,
        "sshd": sshd.path,
        "start": _reload.start_words(sshd, config),
        # Its own: one that was left by a record that somebody removed must not stand in the way.
        "watchdog": "%s-%d" % (_watchdog.name(config), until * 1000),
    }
    with _replace.explained(config):
        _write(record, tree, candidate)
    try:
        _watchdog.start(record["watchdog"], os.path.join(directory(config), "revert"), seconds, run)
        yield
    except BaseException:
        dismiss(record, run)
        raise


def _write(record, tree, candidate):
    """Write the directory of ``record``: it is there whole or not at all."""
    place = directory(record["config"])
    with _replace.room(os.path.dirname(place)) as room:
        record["files"] = [_saved(room, number, path, tree, candidate) for number, path in enumerate(candidate)]
        _write_code(room, place, record)
        with open(os.path.join(room, "record.json"), "w") as file:
            json.dump(record, file, indent=1, sort_keys=True)
        os.rename(room, place)


def _saved(room, number, path, tree, candidate):
    text = candidate[path]
    if path in tree.files:
        _replace.copy(path, os.path.join(room, str(number)))
    return {
        "path": path,
        "old": str(number) if path in tree.files else None,
        "new": None if text is None else _digest(text),
    }


def _digest(text):
    return hashlib.sha256(_files.encode(text)).hexdigest()


def _boot():
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def _write_code(room, place, record):
    """Write ``revert`` and the modules that it needs: all that are loaded, _expiry among them."""
    package = os.path.join(room, "code", *PACKAGE.strip(".").split("."))
    os.makedirs(package)
    parts = PACKAGE.strip(".").split(".")
    for depth in range(len(parts)):
        open(os.path.join(room, "code", *parts[: depth + 1], "__init__.py"), "w").close()
    for name, module in sorted(sys.modules.items()):
        if name.startswith(PACKAGE):
            with open(os.path.join(package, name[len(PACKAGE) :] + ".py"), "w", encoding="utf-8") as file:
                file.write(module.__loader__.get_source(name))
    with open(os.path.join(room, "revert"), "w") as file:
        file.write(REVERT % (os.path.join(place, "code"), record["config"], record["until"]))


def dismiss(record, run):
    """Forget the pending change: what is in place stays."""
    place = directory(record["config"])
    with _replace.room(os.path.dirname(place)) as room:
        os.rename(place, os.path.join(room, "pending"))
    _watchdog.stop(record["watchdog"], run)


def restore(record):
    """Put the old files back; return the paths that somebody else changed meanwhile, which stay as they are."""
    place, conflicts = directory(record["config"]), []
    for file in reversed(record["files"]):
        now = _now(file["path"])
        old = file["old"] and os.path.join(place, file["old"])
        text = old and _files.Files().text(old)
        if now == (old and _digest(text)):
            continue
        if now != file["new"]:
            conflicts.append(file["path"])
            continue
        model = old or record["config"]
        with _reload_note.left(record["config"]), _replace.replaced({file["path"]: text}, model, copied=True):
            pass
    return conflicts


def complete(record):
    """Say whether all files are as the change made them: a run that was killed may have left some as they were."""
    return all(_now(file["path"]) == file["new"] for file in record["files"])


def _now(path):
    """Return the digest of the file at ``path``, None if there is none."""
    return _digest(_files.Files().text(path)) if os.path.exists(path) else None
