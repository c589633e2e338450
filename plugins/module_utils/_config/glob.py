# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Include's patterns, as openbsd-compat/glob.c expands them: sshd brings its own glob(3), whatever the system's does."""

import contextlib
import os
import re
import string
from typing import Callable, Container, Dict, List, Mapping, Optional, Sequence, Set, Tuple

Edits = Mapping[str, Optional[str]]  # real path -> its text, None where it is gone
Matcher = Callable[[str], bool]

SOME = ""  # the token of a * in a pattern; another is what holds the characters that may stand there
QUOTED = 256  # more than any octet is
ANY = frozenset(map(chr, range(QUOTED)))
PRINTED = frozenset(map(chr, range(33, 127)))
CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": ANY - PRINTED - frozenset(map(chr, range(128, 256))) - {" "},
    "digit": string.digits,
    "graph": PRINTED,
    "lower": string.ascii_lowercase,
    "print": PRINTED | {" "},
    "punct": string.punctuation,
    "space": string.whitespace,
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}


def expand(pattern: str, edits: Edits) -> List[str]:
    """Return the paths that ``pattern`` names once ``edits`` are made, sorted by their bytes, without directories."""
    added: Dict[str, List[str]] = {}
    for path in edits:
        added.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    first, *names = pattern.split("/")
    paths = [first]
    for name in names:
        wild = _matcher(name) if re.search(r"[*?[]", name) else None
        literal = re.sub(r"\\(.)", r"\1", name)
        paths = [
            "%s/%s" % (path, found)
            for path in paths
            for found in ([literal] if wild is None else _listed(path + "/", added, wild, hidden=literal.startswith(".")))
        ]
    return sorted((path for path in paths if _is_file(path, edits)), key=os.fsencode)


def _listed(directory: str, added: Mapping[str, List[str]], wild: Matcher, *, hidden: bool) -> List[str]:
    """Return the names in ``directory`` that the matcher ``wild`` takes."""
    names = set(added.get(os.path.realpath(directory), ()))
    with contextlib.suppress(OSError):
        names.update(os.listdir(directory))
    return [name for name in names if (hidden or not name.startswith(".")) and wild(_octets(name))]


def _is_file(path: str, edits: Edits) -> bool:
    real = os.path.realpath(path)
    return edits[real] is not None if real in edits else os.path.lexists(path) and not os.path.isdir(path)


def _octets(text: str) -> str:
    """Return ``text`` with a character for each of its octets, which are what a pattern is about."""
    return os.fsencode(text).decode("latin-1")


def _matcher(pattern: str) -> Matcher:
    """Return what says whether a name is one that ``pattern``, without a slash, means."""
    # Behind a backslash a character is none that means anything: M_PROTECT of glob.c.
    pattern, at = re.sub(r"\\(.)", lambda quoted: chr(ord(quoted.group(1)) + QUOTED), _octets(pattern), flags=re.DOTALL), 0
    tokens: List[Container[str]] = []
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[" and pattern.find("]", at + (2 if pattern[at:at + 1] == "!" else 1)) > 0:
            chars, at = _set(pattern, at)
            tokens.append(chars)
        elif char in "*?":
            tokens.append(SOME if char == "*" else ANY)
        else:
            tokens.append(chr(ord(char) % QUOTED))
    return lambda name: matches(name, tokens)


def _set(pattern: str, at: int) -> Tuple[Container[str], int]:
    """Return the characters of the set whose ``[`` stands before ``at``, and where the pattern goes on."""
    negated = pattern[at] == "!"
    at += negated
    start = at
    chars: Set[str] = set()
    while pattern[at:at + 1] not in ("", "]") or at == start:
        named = re.compile(r"\[:(\w+):\]").match(pattern, at)
        if named and named.group(1) in CLASSES:
            chars.update(CLASSES[named.group(1)])
            at = named.end()
        elif pattern[at + 1:at + 2] == "-" and pattern[at + 2:at + 3] not in ("", "]"):
            chars.update(map(chr, range(ord(pattern[at]) % QUOTED, ord(pattern[at + 2]) % QUOTED + 1)))
            at += 3
        else:
            chars.add(chr(ord(pattern[at]) % QUOTED))
            at += 1
    return (ANY - chars if negated else chars), at + 1


def matches(text: str, tokens: Sequence[Container[str]]) -> bool:
    """Say whether a pattern's ``tokens`` mean ``text``: each but SOME one character of it. It takes no recursion."""
    at = of = 0
    some, resumed = -1, 0  # where the last SOME stands, and where in the text what follows it was tried last
    while at < len(text):
        if of < len(tokens) and tokens[of] == SOME:
            some, resumed, of = of, at, of + 1
        elif of < len(tokens) and text[at] in tokens[of]:
            at, of = at + 1, of + 1
        elif some >= 0:
            resumed += 1
            at, of = resumed, some + 1
        else:
            return False
    return all(token == SOME for token in tokens[of:])
