# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples of connections: whom to ask sshd about to prove what a limit promises."""

import itertools
import re
import socket
from typing import Callable, Dict, Iterable, Iterator, List, Tuple

from .._config import block
from .._config.criteria import (
    criteria,
    match_address,
    match_pattern,
    match_pattern_list,
    numeric_address,
)
from .._config.limits import Limit
from .._config.tree import Directive, Tree
from .connection_spec import ConnectionSpec, anyone, ports
from .people import users_in_groups

MOST = 20  # examples to try; past it another one tells nothing new


def under(tree: Tree, limit: Limit) -> Iterator[ConnectionSpec]:
    """Yield connections that ``limit`` is about, the most telling first; none where none is known."""
    if limit.match is not None:
        return meeting(limit.match, anyone(tree))
    everywhere = ports(tree)
    if any("localport" in match.lower() for match in block.written_before(tree) if match):
        everywhere.append("1")  # a rule may be about every port that there is: who comes in at none of them is everyone else
    somebody = (anyone(tree)._replace(lport=port) for port in everywhere)
    return itertools.chain(somebody, excepted(anyone(tree), [one for one in tree.limits if one.match]))


def excepted(spec: ConnectionSpec, directives: Iterable[Directive]) -> Iterator[ConnectionSpec]:
    """Yield connections like ``spec`` of those whom the directives' Match criteria except, as ``User *,!root`` does.

    root stands for all whom a Match of the spec's own user or groups leaves out. Patterns without wildcards and the first
    address of a network are enough: sshd says whether they are met.
    """
    yield spec._replace(user="root")
    yield spec._replace(addr="2001:db8::1", laddr="2001:db8::2")  # RFC 3849's, whom no network of IPv4 has
    for directive in directives:
        for match in directive.match:
            # Read from a Match already: its quotes are gone.
            arguments = re.split(r"[ \t=]+", match)
            for name, patterns in zip(arguments[::2], arguments[1::2]):
                key = EXAMPLES[name.lower()][0] if name.lower() in EXAMPLES else ""
                for pattern in patterns.split(",") if key and key != "lport" else ():
                    value = pattern[1:].partition("/")[0]
                    if pattern.startswith("!") and value and not set(value) & set("*?"):
                        yield spec._replace(**{key: value})


def meeting(match: str, spec: ConnectionSpec) -> Iterator[ConnectionSpec]:
    """Yield connections like ``spec`` that meet the criteria ``match``, none of them where it can't be told.

    Mirrors match_cfg_line() of servconf.c for User, Group, Host, Address, LocalAddress, LocalPort and all.
    """
    asked = dict(criteria(match))
    if list(asked) == ["all"]:
        return iter([spec])
    choices: Dict[str, List[str]] = {}
    for name, patterns in asked.items():
        if name == "group":
            users = users_in_groups(patterns)
            named = asked.get("user")
            choices["user"] = [
                user for user in users if named is None or match_pattern_list(user, named, match_pattern)
            ]
        elif name == "user" and "group" in asked:
            continue
        elif name in EXAMPLES:
            key, match_value, examples = EXAMPLES[name]
            tried = [getattr(spec, key)] + [example for pattern in patterns for example in examples(pattern)]
            choices[key] = [value for value in tried if match_pattern_list(value, patterns, match_value)]
        else:
            return iter(())
    keys = sorted(choices)
    some = itertools.product(*(choices[key] for key in keys))
    return (spec._replace(**dict(zip(keys, values))) for values in itertools.islice(some, MOST))


def _names(pattern: str) -> List[str]:
    """Return names that ``pattern`` may mean."""
    pattern = pattern.lstrip("!").replace("?", "x")
    return [pattern.replace("*", ""), pattern.replace("*", "x")]


def _addresses(pattern: str) -> List[str]:
    """Return addresses that ``pattern`` may mean: the first ones and the last but one of a network."""
    network, _slash, bits = pattern.lstrip("!").partition("/")
    number = numeric_address(network)
    if number and bits.isdigit():
        length, value = number
        size = 1 << (length - min(length, int(bits)))
        first = value - value % size
        family = socket.AF_INET if length == 32 else socket.AF_INET6
        picks = sorted({min(1, size - 1), size // 2, max(0, size - 2)})
        return [socket.inet_ntop(family, (first + pick).to_bytes(length // 8, "big")) for pick in picks]
    filled = [network.replace("?", "1").replace("*", rest) for rest in ("1", "1.1", "1.1.1", "1.1.1.1", ":1", "::1")]
    return [address for address in filled if numeric_address(address)]


def _ports(pattern: str) -> List[str]:
    return [pattern.lstrip("!").replace("*", "").replace("?", "2")]


# The criteria of which an example can be made: the key of the ConnectionSpec, what meets a pattern, examples of a pattern.
EXAMPLES: Dict[str, Tuple[str, Callable[[str, str], bool], Callable[[str], List[str]]]] = {
    "user": ("user", match_pattern, _names),
    "host": ("host", match_pattern, _names),
    "address": ("addr", match_address, _addresses),
    "localaddress": ("laddr", match_address, _addresses),
    "localport": ("lport", match_pattern, _ports),
}
