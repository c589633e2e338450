# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an sshd was started with: the command line of its listener, which comes before every file."""

import contextlib
import os
import re
from typing import List, Optional, Tuple

DEFAULT_CONFIG = "/etc/ssh/sshd_config"
SWITCHES = "46DGQRTVdeiqrt"  # those of sshd(8) that take no argument: an -f or -o may follow them in the same word
FAMILIES, KEPT = "46", "Ehp"  # of sshd(8), what tells where it listens and logs
OWN = re.compile(r"-(?!\Z)([%s]*)([CEbcfghkopu].*)?\Z" % SWITCHES)  # a word that sshd(8) takes for its own
WHOLE = re.compile(r"[^\s=]+(\s*=\s*|\s+)[^\s=]")  # a keyword with an argument


def of_process(pid: int) -> str:
    """Return the command line of process ``pid`` as it shows itself, empty if it is gone."""
    with contextlib.suppress(OSError), open("/proc/%d/cmdline" % pid, "rb") as file:
        # A listener's title has what is not ASCII as strnvis() writes it, in octal.
        shown = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal.group(1), 8) & 0xFF]), file.read())
        return os.fsdecode(shown).replace("\0", " ").strip()
    return ""


def options(line: str) -> List[str]:
    """Return what stands behind each ``-o`` of the command ``line``, which shows no quotes."""
    return [argument for letter, argument in _arguments(line) if letter == "o" and argument]


def log_file(line: str) -> str:
    """Return the path of the file that an sshd with the command ``line`` logs to itself, empty where it has none."""
    return dict(_arguments(line)).get("E", "")


def to_start(line: str, program: str, main: str, given: List[str]) -> List[str]:
    """Return the command that starts ``program`` on the ``main`` file with the options ``given``, else as by ``line``.

    Not the words of ``line``: they have lost their quotes, and what holds sshd in the foreground holds who starts it.
    """
    words = [program, "-f", main]
    for letter, argument in _arguments(line):
        if letter in FAMILIES:
            words.append("-" + letter)
        elif letter in KEPT and argument:
            words += ["-" + letter, argument]
    return words + [word for option in given for word in ("-o", option)]


def _arguments(line: str) -> List[Tuple[str, str]]:
    """Return the switches of the command ``line``, each with its argument, empty if it has none.

    An option is all up to the next word that is sshd's own, and at least a keyword with an argument: without one, or with a
    word that is nobody's, sshd would not have started. What looks like sshd's own and was quoted can't be told from it.
    """
    words = re.sub(r"^[^\s/]+: | \[(listener|accepted|net|priv)\].*", "", line).split(" ")
    found: List[Tuple[str, str]] = []
    letter = argument = ""
    for word in words[1:]:
        own = OWN.match(word)
        if letter == "o" and not (own and WHOLE.match(argument)):
            argument = (argument + " " + word).strip()
            found[-1] = letter, argument
        elif own:
            found += [(switch, "") for switch in own.group(1)]
            letter, argument = (own.group(2) or "")[:1], (own.group(2) or "")[1:]
            found += [(letter, argument)] if letter else []
        elif letter and not argument:
            argument = word
            found[-1] = letter, argument
        else:
            letter = ""
    return found


def reads(line: str, main: str) -> bool:
    """Say whether an sshd with the command ``line`` reads the ``main`` file; a title that is cut off gets the doubt."""
    named = re.findall(r" -[%s]*f ?(\S+)(?=( ?))" % SWITCHES, line)
    cut = any(not blank and len(path) < len(main) and main.startswith(path) for path, blank in named)
    # An -f in what an -o quoted names none.
    paths = [path for path, _blank in named if os.path.exists(path)] or [path for path, _blank in named if "/" in path]
    return cut or os.path.realpath(main) in [os.path.realpath(path) for path in paths or [DEFAULT_CONFIG]]


def unit_of(pid: int) -> Optional[str]:
    """Return the systemd service that process ``pid`` runs in, None if it runs in none."""
    with contextlib.suppress(OSError), open("/proc/%d/cgroup" % pid) as file:
        in_service = re.search(r"(?m)^(?:\d+:name=systemd|0:):.*/([^/]+\.service)(?:/[^/]+)?$", file.read())
        return in_service.group(1) if in_service else None
    return None
