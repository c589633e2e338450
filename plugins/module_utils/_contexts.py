# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to ask sshd about: what `sshd -T -C` takes, all five keys of it."""

import re

# 192.0.2.0/24 is TEST-NET-1 of RFC 5737: no real network's Match is met by accident.
ANYONE = (("user", "nobody"), ("host", "client.invalid"), ("addr", "192.0.2.1"), ("laddr", "192.0.2.2"))
KEYS = {"user": "user", "host": "host", "address": "addr", "localaddress": "laddr"}


def anyone(directives):
    """Return the context, ``{key: value}``, of a connection that no particular Match is about."""
    return dict(ANYONE, lport=ports(directives)[0])


def ports(directives):
    """Return the ports that sshd listens on by the directives, in reading order."""
    found = [one.arguments[0] for one in directives if one.keyword == "port" and one.arguments]
    return [port for port in found if port.isdigit()] or ["22"]


def exceptions(context, directives):
    """Yield contexts like ``context`` for those whom the directives' Match criteria except, as ``User *,!root`` does.

    root stands for all whom a Match of the context's own user or groups leaves out. Patterns without wildcards and the
    first address of a network are enough: sshd says whether they are met.
    """
    yield dict(context, user="root")
    yield dict(context, addr="2001:db8::1", laddr="2001:db8::2")  # RFC 3849's, whom no network of IPv4 has
    for one in directives:
        for criteria in one.match:
            words = re.split(r"[ \t=]+", criteria)
            for name, patterns in zip(words[::2], words[1::2]):
                key = KEYS.get(name.lower())
                for pattern in patterns.split(",") if key else ():
                    value = pattern[1:].partition("/")[0]
                    if pattern.startswith("!") and value and not set(value) & set("*?"):
                        yield dict(context, **{key: value})


def specification(context):
    """Return ``context`` as the argument of ``sshd -C``."""
    return ",".join("%s=%s" % (key, context[key]) for key in ("user", "host", "addr", "laddr", "lport"))
