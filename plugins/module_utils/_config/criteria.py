# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match criteria and what they mean, as match.c and addrmatch.c have it."""

import itertools
import re
import socket
from functools import lru_cache
from typing import Callable, Container, Dict, List, Optional, Sequence, Tuple

from . import glob, syntax


class _Any:
    def __contains__(self, char: object) -> bool:
        return True


_ANYTHING: Dict[str, Container[str]] = {"*": glob.SOME, "?": _Any()}
LONGEST = 1022  # octets of a pattern in match_pattern_list(): a list with a longer one means nobody


def criteria(text: str) -> List[Tuple[str, List[str]]]:
    """Return ``text``, what stands behind Match, as ``(criterion in lower case, its patterns)`` in order.

    One that takes no patterns, such as ``all``, has none.
    """
    arguments = syntax.parse("Match " + text.replace("=", " ")).arguments
    pairs = itertools.zip_longest(arguments[::2], arguments[1::2])
    return [(name.lower(), patterns.split(",") if patterns else []) for name, patterns in pairs]


def only_names(text: str) -> bool:
    """Say whether ``text`` asks for a host by names alone, so that no address meets it."""
    return any(
        name == "host" and not any(re.match(r"[0-9a-f.:*?]+(%.*)?\Z", one, re.I) for one in patterns)
        for name, patterns in criteria(text)
    )


def match_pattern_list(value: str, patterns: Sequence[str], match: Callable[[str, str], bool]) -> bool:
    """Say whether a pattern-list means ``value``: one of its patterns does, and none that is negated."""
    positive = False
    for pattern in patterns:
        wild = pattern[1:] if pattern.startswith("!") else pattern
        if len(wild.encode("utf-8", "surrogateescape")) > LONGEST:
            return False
        if match(value, wild):
            if wild is not pattern:
                return False
            positive = True
    return positive


def match_pattern(value: str, pattern: str) -> bool:
    """Say whether ``pattern`` with its ``*`` and ``?`` means ``value``."""
    return glob.matches(value, [_ANYTHING.get(char, char) for char in pattern])


def match_host(host: str, pattern: str) -> bool:
    """Say whether ``pattern`` means ``host``, in any case."""
    return match_pattern(host.lower(), pattern.lower())


def match_port(port: str, pattern: str) -> bool:
    """Say whether the ``port`` is the one that ``pattern``, a number, names."""
    return bool(re.match(r"[+]?[0-9]+\Z", pattern)) and pattern.lstrip("+0") == port.lstrip("0")


def match_address(address: str, pattern: str) -> bool:
    """Say whether ``address`` is in the network ``pattern``, or, where that is none, whether the pattern means it."""
    length, value, bits = network(pattern)
    if not length:
        return match_pattern(address, pattern)
    asked = numeric_address(address)
    return asked is not None and asked[0] == length and asked[1] >> (length - bits) == value >> (length - bits)


@lru_cache(maxsize=None)
def network(pattern: str) -> Tuple[int, int, int]:
    """Return ``(length in bits, value, bits of the mask)`` of a network or an address; of anything else zeros.

    sshd rejects one whose mask is too long, or leaves bits of the value out; here it means nobody.
    """
    text, slash, mask = pattern.partition("/")
    number = numeric_address(text)
    if not number or (slash and not re.match(r"[+]?[0-9]{1,10}\Z", mask)):
        return 0, 0, 0
    bits = int(mask) if slash else number[0]
    return (number[0], number[1], bits) if bits <= number[0] else (0, 0, 0)


@lru_cache(maxsize=None)
def numeric_address(text: str) -> Optional[Tuple[int, int]]:
    """Return ``(length in bits, value)`` of an IP address, None of anything else."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            octets = socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return 8 * len(octets), int.from_bytes(octets, "big")
    return None
