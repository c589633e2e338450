# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match criteria and what they mean, as match.c and addrmatch.c have it."""

import itertools
import socket
from typing import Callable, List, Optional, Sequence, Tuple

from . import syntax


def criteria(text: str) -> List[Tuple[str, List[str]]]:
    """Return ``text``, what stands behind Match, as ``(criterion in lower case, its patterns)`` in order.

    One that takes no patterns, such as ``all``, has none.
    """
    arguments = syntax.parse("Match " + text.replace("=", " ")).arguments
    pairs = itertools.zip_longest(arguments[::2], arguments[1::2])
    return [(name.lower(), patterns.split(",") if patterns else []) for name, patterns in pairs]


def match_pattern_list(value: str, patterns: Sequence[str], match: Callable[[str, str], bool]) -> bool:
    """Say whether a pattern-list means ``value``: one of its patterns does, and none that is negated."""
    if any(match(value, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(match(value, pattern) for pattern in patterns if not pattern.startswith("!"))


def match_pattern(value: str, pattern: str) -> bool:
    """Say whether ``pattern`` with its ``*`` and ``?`` means ``value``."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return match_pattern(value, pattern[1:]) or (bool(value) and match_pattern(value[1:], pattern))
    return bool(value) and pattern[0] in ("?", value[0]) and match_pattern(value[1:], pattern[1:])


def match_address(address: str, pattern: str) -> bool:
    """Say whether ``address`` is in the network ``pattern``, or, where that is none, whether the pattern means it."""
    network, _slash, bits = pattern.partition("/")
    if not bits:
        return match_pattern(address, pattern)
    left, right = numeric_address(address), numeric_address(network)
    if not left or not right or left[0] != right[0]:
        return False
    shift = left[0] - int(bits)
    return left[1] >> shift == right[1] >> shift


def numeric_address(text: str) -> Optional[Tuple[int, int]]:
    """Return ``(length in bits, value)`` of an IP address, None of anything else."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            octets = socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return 8 * len(octets), int.from_bytes(octets, "big")
    return None
