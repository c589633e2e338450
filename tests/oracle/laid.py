# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree that is laid in a World, the module run on it, and what sshd says before and after."""

import itertools
import json
import re
from collections import namedtuple

from asked import wanted
from trees import MAIN
from words import CRITERIA
from world import HUNG, Context

PLAIN = Context("nobody")
# Connections that all CRITERIA together can tell apart.
EVERY_KIND = [
    Context(*one)
    for one in itertools.product(
        ("root", "nobody", "alice", "bob", "carol", "dave"),
        ("client.invalid", "w.example.com"),
        ("192.0.2.1", "10.1.2.3", "2001:db8::5"),
        ("192.0.2.2", "10.0.0.1"),
        ("22", "2222"),
    )
]
# What no criterion names.
ELSEWHERE = {"host": "else.invalid", "addr": "203.0.113.7", "laddr": "203.0.113.8", "lport": "222"}
ASKED_BY = {"user": ("user", "group"), "host": ("host",), "addr": ("address",), "laddr": ("address",), "lport": ("port",)}
BEGIN, END = b"# BEGIN multiplex.sshd.max_sessions", b"# END multiplex.sshd.max_sessions"
MARKER = 4343  # no tree and no request has it
NOTE = ".sshd_config.not-reloaded"  # there until sshd is reloaded

# result: what the module returned, None where it returned nothing that a person could use.
Outcome = namedtuple("Outcome", "status result words")


def run(world, check=False, **options):
    """Run the module with ``options`` on what is laid in ``world``; return its Outcome."""
    if check:
        options = {**options, "_ansible_check_mode": True}
    status, printed, words = world.module(**options)
    try:
        result = json.loads(printed)
    except ValueError:
        result = None
    return Outcome(status, result, "hangs" if status == HUNG else words)


class Laid:
    """``tree`` laid in ``world``; ``options`` are the requests that will follow, ``more`` further contexts to ask about.

    With ``crossed``, whoever differs from one context in one thing may differ in all: each user from each address.
    """

    def __init__(self, world, tree, options=(), more=(), crossed=False):
        self.world, self.tree = world, tree
        criteria = list(tree.criteria) + [one.match for asked in options for one in wanted(asked) if one.match]
        found = [PLAIN, Context("root"), Context("bob")] + [one for text in criteria for one in CRITERIA.get(text, ())]
        found += [one._replace(lport=port) for port in tree.ports for one in (PLAIN, Context("alice"))]
        if crossed:
            found = [Context(*one) for one in itertools.product(*(dict.fromkeys(values) for values in zip(*found)))]
        self.contexts = list(dict.fromkeys([*found, *more]))
        for asked in options:
            rules = [one.match for one in wanted(asked)[1:]]
            self.contexts += self._left_over(rules)
            self.contexts += [one for one in self._undisturbed(rules) if one not in self.contexts]
        world.lay(tree.entries)
        self.status, self.words = world.test(MAIN)
        self.first = world.snapshot()

    def _left_over(self, rules):
        """Return somebody whom none of ``rules`` is about, unless one of the contexts is such; nobody, if nobody is."""
        text = " ".join(rules).lower()
        asked = [key for key, criteria in ASKED_BY.items() if any(one in text for one in criteria)]
        others = [one for one in EVERY_KIND if one == PLAIN._replace(**{key: getattr(one, key) for key in asked})]
        for one in [*self.contexts, *others]:
            if not any(self.world.meets(one, match) for match in rules):
                return [] if one in self.contexts else [one]
        return []

    def _undisturbed(self, rules):
        """Give for each of ``rules`` somebody whom it is the first to be about, and the fewest Match of the tree."""
        for number, match in enumerate(rules):
            found = [one for one in _elsewhere([PLAIN, *CRITERIA.get(match, ())]) if self.world.meets(one, match)]
            found = [one for one in found if not any(self.world.meets(one, other) for other in rules[:number])]
            yield from sorted(found, key=self._matches)[:1]

    def _matches(self, context):
        return sum(bool(self.world.meets(context, criteria)) for criteria in self.tree.criteria)

    @property
    def accepted(self):
        return self.status == 0

    def run(self, check=False, **options):
        """Run the module with ``options``; return its Outcome."""
        return run(self.world, check, **options)

    def values(self, contexts=None):
        """Return ``{context: MaxSessions}`` as it now is, for ``contexts`` or for those that are asked about anyway."""
        return self.world.max_sessions(MAIN, contexts or self.contexts)

    def said(self):
        """Return ``{context: (MaxSessions, all else that is in force)}`` as it now is."""
        return self.world.said(MAIN, self.contexts)

    def without_ours(self):
        """Return ``({context: MaxSessions}, {contexts that a Match gives theirs})`` as it would be without our lines.

        Leaves the tree as it is.
        """
        now = self.world.snapshot()
        bare = {path: stripped(one[5]) for path, one in now.items() if isinstance(one[5], bytes) and BEGIN in one[5]}
        self.world.change({path: ("file", text, now[path][1]) for path, text in bare.items()})
        plain = self.values()
        main = self._real(MAIN, now)
        text = bare.get(main, now[main][5])
        self.world.change({main: ("file", b"MaxSessions %d\n" % MARKER + text, now[main][1])})
        marked = self.values()
        self.world.change({path: ("file", now[path][5], now[path][1]) for path in {main, *bare}})
        return plain, {context for context, value in marked.items() if value != MARKER}

    def with_line(self, path, number, line, contexts=None):
        """Return ``{context: MaxSessions}`` as it would be with ``line`` in the place of ``path``'s line ``number``."""
        text, mode = self.content(path)
        lines = text.split(b"\n")
        lines[number - 1] = line
        self.world.change({path: ("file", b"\n".join(lines), mode)})
        values = self.values(contexts)
        self.world.change({path: ("file", text, mode)})
        return values

    def content(self, path):
        """Return ``(octets, mode)`` of the file that ``path`` leads to."""
        return self.world.content(path)

    @staticmethod
    def _real(path, snapshot):
        target = snapshot[path][5]
        return target if isinstance(target, str) else path


def _elsewhere(contexts):
    """Give ``contexts``, and then them in other places."""
    for count in range(len(ELSEWHERE) + 1):
        for names in itertools.combinations(ELSEWHERE, count):
            for one in contexts:
                yield one._replace(**{name: ELSEWHERE[name] for name in names})


EVERYBODY = list(dict.fromkeys(_elsewhere(EVERY_KIND)))


def stripped(text):
    """Return ``text`` without the blocks between our marks."""
    kept, inside = [], False
    for line in text.split(b"\n"):
        mark = line.rstrip(b" \t\r\n")
        inside = inside or mark == BEGIN
        if not inside:
            kept.append(line)
        inside = inside and mark != END
    return b"\n".join(kept)


def paired(tree):
    """Say whether our marks in the tree's files stand in pairs."""
    for kind, *rest in tree.entries.values():
        if kind == "file":
            marks = [line.rstrip(b" \t\r") for line in rest[0].split(b"\n")]
            marks = b"".join({BEGIN: b"(", END: b")"}.get(mark, b"") for mark in marks)
            if marks.replace(b"()", b""):
                return False
    return True


def files(snapshot, but=()):
    """Return ``snapshot`` without the note of a reload that is due, and without the paths ``but``."""
    return {path: one for path, one in snapshot.items() if not path.endswith(NOTE) and path not in but}


def line_or_option(message):
    """Say whether ``message`` names a line, a file or an option."""
    options = "rules|max_sessions|clone_depth|extra_sessions|ceiling|drop_in|location|config|confirm_within|lock_out"
    return re.search(f"line [0-9]+|{options}|/etc/ssh/|/srv/", message)
