# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that meet given Match criteria: whom to ask sshd about to prove a rule."""

import itertools
import socket

from ansible_collections.multiplex.sshd.plugins.module_utils import _syntax

MOST = 20  # contexts to try; past it another one tells nothing new


def contexts(match, anyone, people):
    """Yield contexts like ``anyone`` that meet the criteria ``match``, None of them where it can't be told.

    ``people(patterns)`` gives the users who are in a group that a pattern-list means. Mirrors match_cfg_line() of
    servconf.c for User, Group, Host, Address, LocalAddress, LocalPort and all.
    """
    words = (_syntax.parse("Match " + match.replace("=", " ")) or ("", []))[1]
    if [word.lower() for word in words] == ["all"]:
        return iter([anyone])
    asked = {name.lower(): patterns.split(",") for name, patterns in zip(words[::2], words[1::2])}
    choices = {}
    for name, patterns in asked.items():
        if name == "group":
            users = people(patterns)
            choices["user"] = [user for user in users if "user" not in asked or listed(user, asked["user"], like)]
        elif name == "user" and "group" in asked:
            continue
        elif name in WAYS:
            key, meets, examples = WAYS[name]
            tried = [anyone[key]] + [example for pattern in patterns for example in examples(pattern)]
            choices[key] = [value for value in tried if listed(value, patterns, meets)]
        else:
            return iter(())
    keys = sorted(choices)
    some = itertools.product(*(choices[key] for key in keys))
    return (dict(anyone, **dict(zip(keys, values))) for values in itertools.islice(some, MOST))


def listed(value, patterns, meets):
    """Say whether a pattern-list means ``value``: one of its patterns does, and none that is negated."""
    if any(meets(value, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(meets(value, pattern) for pattern in patterns if not pattern.startswith("!"))


def like(value, pattern):
    """Say whether ``pattern`` with its ``*`` and ``?`` means ``value``, as match_pattern() of match.c."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return like(value, pattern[1:]) or (bool(value) and like(value[1:], pattern))
    return bool(value) and pattern[0] in ("?", value[0]) and like(value[1:], pattern[1:])


def inside(address, pattern):
    """Say whether ``address`` is in the network, or like the pattern, ``pattern``."""
    network, _slash, bits = pattern.partition("/")
    if not bits:
        return like(address, pattern)
    left, right = _number(address), _number(network)
    if not left or not right or left[0] != right[0]:
        return False
    shift = left[0] - int(bits)
    return left[1] >> shift == right[1] >> shift


def _number(address):
    """Return ``(length in bits, value)`` of a numeric ``address``, None of anything else."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            octets = socket.inet_pton(family, address)
        except (OSError, ValueError):
            continue
        return 8 * len(octets), int.from_bytes(octets, "big")
    return None


def _names(pattern):
    """Return names that ``pattern`` may mean."""
    pattern = pattern.lstrip("!").replace("?", "x")
    return [pattern.replace("*", ""), pattern.replace("*", "x")]


def _addresses(pattern):
    """Return addresses that ``pattern`` may mean: the first ones and the last but one of a network."""
    network, _slash, bits = pattern.lstrip("!").partition("/")
    number = _number(network)
    if number and bits.isdigit():
        length, value = number
        size = 1 << (length - min(length, int(bits)))
        first = value - value % size
        family = socket.AF_INET if length == 32 else socket.AF_INET6
        picks = sorted({min(1, size - 1), size // 2, max(0, size - 2)})
        return [socket.inet_ntop(family, (first + pick).to_bytes(length // 8, "big")) for pick in picks]
    filled = [network.replace("?", "1").replace("*", rest) for rest in ("1", "1.1", "1.1.1", "1.1.1.1", ":1", "::1")]
    return [address for address in filled if _number(address)]


# The criteria of which an example can be made: the key of `sshd -C`, what meets a pattern, and examples of a pattern.
WAYS = {
    "user": ("user", like, _names),
    "host": ("host", like, _names),
    "address": ("addr", inside, _addresses),
    "localaddress": ("laddr", inside, _addresses),
    "localport": ("lport", like, lambda pattern: [pattern.lstrip("!").replace("*", "").replace("?", "2")]),
}
