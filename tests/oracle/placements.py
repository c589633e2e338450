# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would any other place have done? A refusal is just if none would."""

import laws
from laid import BEGIN, END
from trees import DIRECTORIES, MAIN

OWN = "/srv/own-rules"  # a file that nothing else includes


def somewhere(laid, options, base, foreign):
    """Return the first place where what ``options`` ask for would be in force, None if there is none.

    The tree is left as it is. Tried are: the whole in a drop-in, at each line of the main file, or in a file of its own that
    the first line includes; and the limit for everyone at the top of the main file with the rules at each line.
    """
    everyone, rules = _lines(laid, options, base)
    before = laid.said()
    text, mode = laid.content(MAIN)
    lines = text.split(b"\n")
    location, drop_in = options.get("location", "auto"), options.get("drop_in")
    places = []
    if location != "main":
        now = laid.world.snapshot()
        for path in [drop_in] if drop_in else [f"{directory}/0-multiplex.conf" for directory in DIRECTORIES]:
            if path.rpartition("/")[0] in now and path not in now:
                places.append((path, {path: _file(everyone + rules)}))
    if location != "drop_in" and not drop_in:
        for at in range(len(lines) + 1):
            places.append((f"line {at + 1}", {MAIN: _file(lines[:at] + everyone + rules + lines[at:], mode)}))
            if everyone and rules:
                both = everyone + lines[:at] + rules + lines[at:]
                places.append((f"top and line {at + 1}", {MAIN: _file(both, mode)}))
        first = [b"Include " + OWN.encode(), *lines]
        places.append(("an Include of its own", {MAIN: _file(first, mode), OWN: _file(everyone + rules)}))
    for place, changes in places:
        laid.world.change(changes)
        found = _does(laid, options, base, foreign, before)
        laid.world.change({path: ("file", text, mode) if path == MAIN else None for path in changes})
        if found:
            return place
    return None


def _does(laid, options, base, foreign, before):
    after = laid.said()
    numbers = {context: number for context, (number, _rest) in after.items()}
    if None in numbers.values():
        return False
    try:
        laws.in_force(laid, options, base, foreign, numbers)
        laws.nothing_else(before, after)
    except AssertionError:
        return False
    return True


def _lines(laid, options, base):
    everyone, *rules = laws.wanted(options)
    lines = [b"MaxSessions %d" % everyone.number] if everyone.number is not None else []
    blocks = [part for rule in rules for part in (b"Match " + rule.match.encode(), b"MaxSessions %d" % rule.number)]
    if options.get("policy") == "at_least":
        # Whoever has enough keeps it, so there is no need for a line where nobody has less.
        lines = lines if lines and any(base[one] < everyone.number for one in _about(laid, options, None)) else []
        blocks = []
        for rule in rules:
            if any(base[one] < rule.number for one in _about(laid, options, rule.match)):
                blocks += [b"Match " + rule.match.encode(), b"MaxSessions %d" % rule.number]
    return lines and [BEGIN, *lines, END], blocks and [BEGIN, *blocks, END]


def _about(laid, options, match):
    return [one for one in laid.contexts if laws.whose(laid, options, one).match == match]


def _file(lines, mode=0o644):
    return ("file", b"\n".join(lines) + (b"" if lines and not lines[-1] else b"\n"), mode)
