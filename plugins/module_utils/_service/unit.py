# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit that starts sshd, and with what."""

import contextlib
import re
import shlex
from typing import Dict, List, Optional

from .._proof.sshd import Run

SOCKETS = ("ssh.socket", "sshd.socket")
PROPERTIES = "Id,ActiveState,ExecStart,Environment,EnvironmentFiles"


def show(unit: str, run: Run, *names: str) -> Dict[str, str]:
    """Return the properties ``names`` of the systemd ``unit``."""
    return _properties(run(["systemctl", "show", "--property=" + ",".join(names), unit]).stdout)


def command_lines(run: Run, unit: Optional[str] = None) -> Dict[str, str]:
    """Return ``{unit: the command line with which it starts sshd}``, of ``unit`` or those behind a socket that listens."""
    names = [unit] if unit else [*SOCKETS, "ssh.service", "sshd.service", "ssh@x.service", "sshd@x.service"]
    said = run(["systemctl", "show", "--property=" + PROPERTIES, *names]).stdout
    shown = [_properties(one) for one in said.strip().split("\n\n")]
    listens = unit or any(one.get("Id") in SOCKETS and one.get("ActiveState") == "active" for one in shown)
    found = {one.get("Id", ""): " ".join(_command(one)) for one in shown} if listens else {}
    return {name: line for name, line in found.items() if line}


def _properties(shown: str) -> Dict[str, str]:
    """Return ``{name: value}`` of one unit; what is shown several times, as EnvironmentFiles are, has a line for each."""
    found: Dict[str, List[str]] = {}
    for line in shown.splitlines():
        name, _equals, value = line.partition("=")
        found.setdefault(name, []).append(value)
    return {name: "\n".join(values) for name, values in found.items()}


def _command(shown: Dict[str, str]) -> List[str]:
    """Return the words of ExecStart, with the values of its environment in place of their names."""
    argv = re.search(r"argv\[\]=(.*?) ; ", shown.get("ExecStart", ""))
    values = dict(word.partition("=")[::2] for word in _words(shown.get("Environment", "")))
    for path in re.findall(r"(?m)^(/.+) \(ignore_errors=", shown.get("EnvironmentFiles", "")):
        with contextlib.suppress(OSError, ValueError), open(path) as file:
            for line in file:
                name, equals, value = line.strip().partition("=")
                if equals and not name.startswith("#"):
                    values[name] = " ".join(_words(value))
    words: List[str] = []
    for word in argv.group(1).split() if argv else ():
        if word.startswith("$") and word[1:] in values:
            words += _words(values[word[1:]])
        elif not re.match(r"\$\w+\Z", word):  # which is none: it stands for nothing
            words.append(re.sub(r"\$\{(\w+)\}", lambda name: values.get(name.group(1), ""), word))
    return words


def _words(text: str) -> List[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
