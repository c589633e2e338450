# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for configurations: trees of files that sshd accepts or not, and the criteria that are in them."""

from collections import namedtuple

from hypothesis import strategies as st
from words import CRITERIA, NAMES, NO_CRITERIA, OTHERS, OURS, PATTERNS, SPELLINGS, WRONG

MAIN = "/etc/ssh/sshd_config"
# Each may include those behind it, so that what is read stays finite; what includes itself is a line of its own kind.
DIRECTORIES = ("/etc/ssh/sshd_config.d", "/etc/ssh/more.d", "/srv/x.d")

# entries: {path: ("file", octets, mode) | ("link", target) | ("directory",) | ("fifo",) | ("socket",)}
# criteria: those of its Match lines. ports: those of its Port lines.
Tree = namedtuple("Tree", "entries criteria ports")

Limit = namedtuple("Limit", "spelling number")  # number: None for one that no other line has
Match = namedtuple("Match", "spelling criteria")
Include = namedtuple("Include", "spelling patterns")
Text = namedtuple("Text", "lines ending")


@st.composite
def numbers(draw):
    """None stands for a number that no other line of the tree has, so that a value names its line."""
    return draw(st.sampled_from((None, None, None, 10, 4, 1, 0, 64, 2147483647)))


def mostly(first, others):
    """Return a strategy for elements of the sequence ``first``, and now and then of ``others``."""
    return st.integers(0, 24).flatmap(lambda chance: st.sampled_from(others if chance == 24 else first))


limits = st.builds(Limit, st.one_of(st.just(SPELLINGS[0]), st.sampled_from(SPELLINGS)), numbers())
matches = st.builds(Match, st.sampled_from(("Match {}", "  match\t{} ", '"Match" {}')), mostly(tuple(CRITERIA), NO_CRITERIA))


def includes(level):
    """Return a strategy for an Include in a file of ``level``: 0 is the main file."""
    spelling = st.sampled_from(("Include {}", "include\t{}", "Include={}"))
    pattern = st.tuples(st.one_of(st.sampled_from(PATTERNS[:6]), st.sampled_from(PATTERNS)), st.integers(level, 2))
    return st.builds(Include, spelling, st.lists(pattern, min_size=1, max_size=2))


def texts(level, most=6):
    """Return a strategy for the Text of a file of ``level``."""
    kinds = [limits, limits, st.sampled_from(OTHERS), matches]
    kinds += [includes(level)] if level < len(DIRECTORIES) else []
    line = st.one_of(kinds)
    rare = st.one_of(st.sampled_from(WRONG), st.sampled_from(OURS))
    seldom = st.integers(0, 19).flatmap(lambda chance: rare if chance == 19 else line)
    return st.builds(Text, st.lists(seldom, max_size=most), st.sampled_from(("\n", "", "\r\n", "\n\n")))


@st.composite
def trees(draw):
    """Return a strategy for Trees."""
    files = {MAIN: draw(texts(0, 8))}
    entries = {}
    for level, directory in enumerate(DIRECTORIES, 1):
        if draw(st.booleans()):
            names = st.one_of(st.sampled_from(NAMES[:5]), st.sampled_from(NAMES))
            for name in draw(st.lists(names, max_size=3, unique=True)):
                files[f"{directory}/{name}"] = draw(texts(level, 4))
            entries[directory] = ("directory",)
    _oddities(draw, files, entries)
    rendered = _Rendered(files)
    entries.update({path: ("file", text, 0o644) for path, text in rendered.texts.items()})
    if draw(st.integers(0, 9)) == 9:
        entries[MAIN] = (*entries[MAIN][:2], draw(st.sampled_from((0o600, 0o640, 0o666))))
    return Tree(entries, rendered.criteria, rendered.ports)


def _oddities(draw, files, entries):
    """Add what is no plain file, or nested as deep as sshd goes, to some trees."""
    odd = draw(st.sampled_from((None,) * 20 + ODDITIES))
    if odd:
        odd(draw, files, entries, draw(st.sampled_from(DIRECTORIES)))


def _entry(name, *entry):
    return lambda _draw, _files, entries, directory: entries.update({f"{directory}/{name}": entry})


def _including(pattern):
    return Include("Include {}", [(pattern, 0)])


def _linked_directory(_draw, files, entries, directory):
    entries["/srv/linked.d"] = ("link", directory)
    files[MAIN].lines.append(_including("/srv/linked.d/*.conf"))


def _link_to_a_file(draw, files, entries, directory):
    entries[f"{directory}/link.conf"] = ("link", "/srv/target")
    files["/srv/target"] = draw(texts(3, 3))


def _itself(_draw, files, _entries, _directory):
    files[MAIN].lines.append(_including(MAIN))


def _chain(draw, files, _entries, _directory):
    depth = draw(st.sampled_from((15, 16, 17)))
    for number in range(1, depth + 1):
        last = [_including(f"/srv/chain/{number + 1}")] if number < depth else []
        files[f"/srv/chain/{number}"] = Text(last + draw(st.lists(limits, max_size=1)), "\n")
    files[MAIN].lines.insert(0, _including("/srv/chain/1"))


def _main_elsewhere(_draw, files, entries, _directory):
    files["/srv/elsewhere/sshd_config"] = files.pop(MAIN)
    entries[MAIN] = ("link", "/srv/elsewhere/sshd_config")


def _empty_file(_draw, files, _entries, directory):
    files[f"{directory}/empty.conf"] = Text([], "")


def _our_name(draw, _files, entries, directory):
    entries[f"{directory}/0-multiplex.conf"] = ("link", draw(st.sampled_from(("/dev/null", "a.conf", "/srv/own"))))


def _port(draw, files, _entries, _directory):
    files[MAIN].lines.insert(0, f"Port {draw(st.sampled_from(('2222', '22')))}")


ODDITIES = (
    _entry("dangling.conf", "link", "nowhere"),
    _entry("null.conf", "link", "/dev/null"),
    _entry("directory.conf", "directory"),
    _entry("socket.conf", "socket"),
    _entry("loop.conf", "link", "loop.conf"),
    _entry("linked", "link", "../more.d"),
    _linked_directory, _link_to_a_file, _itself, _chain, _chain, _main_elsewhere, _empty_file, _our_name, _port, _port,
)  # fmt: skip


class _Rendered:
    """The octets of each file: ``texts``, ``{path: octets}``; ``criteria`` and ``ports`` in them."""

    def __init__(self, files):
        self.number, self.criteria, self.ports = 100, [], []
        self.texts = {}
        for path, text in files.items():
            words = "\n".join(self.line(one) for one in text.lines) + (text.ending if text.lines else "")
            # These three are latin-1, and no UTF-8.
            self.texts[path] = b"".join(one.encode("latin-1" if one in "\xa0\xfe\xff" else "utf-8") for one in words)

    def line(self, one):
        if isinstance(one, Limit):
            return one.spelling.format(self._next() if one.number is None else one.number)
        if isinstance(one, Match):
            self.criteria.append(one.criteria)
            return one.spelling.format(one.criteria)
        if isinstance(one, Include):
            return one.spelling.format(" ".join(self._pattern(*pattern) for pattern in one.patterns))
        if one.startswith("Port "):
            self.ports.append(one[5:])
        if one in OURS:
            self.criteria += ["User bob"] * one.count("User bob")
            return one.format(self._next())
        return one

    def _next(self):
        self.number += 1
        return self.number

    @staticmethod
    def _pattern(pattern, level):
        directory = DIRECTORIES[min(level, 2)]
        name = directory.rpartition("/")[2]
        return pattern.format(directory, name if directory.startswith("/etc/ssh") else directory, name)
