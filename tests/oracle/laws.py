# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of every run, whatever the tree and whatever was asked: each law raises AssertionError."""

import os
import re

from asked import wanted
from laid import EVERY_KIND, EVERYBODY, MARKER, files, line_or_option, stripped
from trees import MAIN
from world import HUNG

DEFAULT = 10


def whose(laid, options, context):
    """Return the Wanted that ``options`` have for ``context``: the first rule that it meets, or the one for everyone."""
    everyone, *rules = wanted(options)
    return next((rule for rule in rules if laid.world.meets(context, rule.match)), everyone)


def in_force(laid, options, base, foreign, after, standing=None):
    """What was asked for is in force for all whom it is about, and everybody else's is what it was.

    ``base`` is what the tree would say without our lines, ``foreign`` are those who have that from a Match, ``after`` is
    what it says now. ``standing`` is what it said before, which policy at_least lowers for nobody.
    """
    everyone, *rules = wanted(options)
    reached = everyone.number is None
    # Where the rules leave nobody, it is enough that one of them has this number.
    covered = all(whose(laid, options, context).match for context in after)
    for context, value in after.items():
        mine = whose(laid, options, context)
        number = mine.number if mine.match or context not in foreign else None
        had = (standing or base)[context]
        if number is None:
            # What a rule of an earlier request gave is taken back, but not by at_least.
            kept = {base[context], had} if options.get("policy") == "at_least" else {base[context]}
            assert value in kept, f"{value} is in force for {context}, not {base[context]} as before"
        elif options.get("policy") == "at_least":
            assert value >= max(number, had), f"{value} is in force for {context}, who had {had} and needs {number}"
            assert value in {had, *(one.number for one in [everyone, *rules])}, f"nobody asked for {value}"
        else:
            assert value == number, f"{value} is in force for {context}, not {number}"
        reached = reached or (value == everyone.number and (covered or not mine.match))
        reached = reached or (number is not None and not mine.match)
        reached = reached or (options.get("policy") == "at_least" and value >= everyone.number)
    reached = reached or any(
        value == everyone.number and not whose(laid, options, one).match for one, value in laid.values(EVERYBODY).items()
    )
    assert reached, "what is wanted for everyone is in force for nobody"


def nothing_else(before, after):
    """sshd says of no keyword but MaxSessions anything else than before; both are ``{context: (MaxSessions, the rest)}``."""
    for context, (_number, rest) in after.items():
        lost = set(before[context][1]) ^ set(rest)
        assert not lost, f"for {context}, {sorted(lost)} has changed too"


def appended(laid, line=b"PermitTTY no\n"):
    """A line that somebody appends to the main file means what it would have meant without us."""
    text, mode = laid.content(MAIN)
    bare = stripped(text)
    said = []
    for one in (text, bare):
        laid.world.change({MAIN: ("file", one + line, mode)})
        said.append({context: rest for context, (_number, rest) in laid.said().items()})
    laid.world.change({MAIN: ("file", text, mode)})
    for context, rest in said[1].items():
        assert said[0][context] == rest, f"for {context}, {line} means something else behind our lines"


def said_in_full(laid, options, result, before, after):
    """What the module returns is what sshd says."""
    effective = result["effective"]
    assert any((before[one], after[one]) == (effective["before"], effective["after"]) for one in after), (
        f"nobody goes from {effective['before']} to {effective['after']}"
    )
    everyone = wanted(options)[0]
    if everyone.number is not None and options.get("policy", "exact") == "exact":
        assert result["max_sessions"] == everyone.number
    assert result["clones"] == max(0, result["max_sessions"] - 1)
    for rule, said in zip(wanted(options)[1:], result["rules"]):
        assert (said["match"], said["max_sessions"]) == (rule.match, rule.number)
        mine = [one for one in after if whose(laid, options, one) == rule]
        if mine:
            values = {(before[one], after[one]) for one in mine}
            assert (said["effective"]["before"], said["effective"]["after"]) in values, (said, values)
    assert re.search(rf"\b{effective['after']}\b", result["msg"])


def placed(laid, result, after):
    """``defined_at``, ``shadowed`` and ``overridden_by`` are true: change such a line, and see who gets another value."""
    value = result["effective"]["after"]
    if result["defined_at"] is None:
        assert value == DEFAULT
    else:
        path, _colon, line = result["defined_at"].rpartition(":")
        changed = laid.with_line(path, int(line), b"MaxSessions %d" % MARKER)
        assert any(after[one] == value and changed[one] == MARKER for one in after), (
            f"{value} is not defined at {result['defined_at']}"
        )
    for one in result["shadowed"]:
        changed = laid.with_line(one["path"], one["line"], b"MaxSessions %d" % MARKER)
        assert changed == after, f"not shadowed: {one}"
    for one in result["overridden_by"]:
        changed = laid.with_line(one["path"], one["line"], b"MaxSessions %d" % MARKER)
        about = [two for two in after if _met(laid, two, one["match"])]
        assert changed != after or not about or _matters(laid, one), f"overrides nobody: {one}"


def _matters(laid, line):
    changed = laid.with_line(line["path"], line["line"], b"MaxSessions %d" % MARKER, EVERY_KIND)
    return MARKER in changed.values()


def overriders_named(options, laid, result, foreign, after):
    """Whoever has another value than the one for everyone has it from a rule, or from a line that is named.

    Policy at_least may have left them what an own rule of an earlier request gave.
    """
    number = wanted(options)[0].number if options.get("policy", "exact") == "exact" else None
    for context in foreign:
        if number is not None and whose(laid, options, context).match is None and after[context] != number:
            lines = [one for one in result["overridden_by"] if one["max_sessions"] == after[context]]
            assert lines or after[context] == result["effective"]["after"], (
                f"{context} has {after[context]}, and no line is named that gives it"
            )


def _met(laid, context, match):
    return all(laid.world.meets(context, criteria) for criteria in match.split(" / "))


def others_stay(laid, result, before, after):
    """Nothing but what is ``written`` has changed, and of that nothing but our lines and what they stand in."""
    backups = set(result.get("backup_files", {}).values())
    written = [os.path.normpath("/" + path.lstrip("/")) for path in result["written"]]
    real = {_real(path, one) for path in written for one in (before, after)}
    old, new = files(before, real), files(after, real | backups)
    assert {path: one for path, one in new.items() if path in old} == old, difference(old, new)
    assert not set(new) - set(old), f"left behind: {sorted(set(new) - set(old))}"
    for path in written:
        if path in before and path in after:
            assert before[path][:4] == after[path][:4], f"{path}: another kind, mode or owner"
            assert isinstance(before[path][5], bytes) or before[path][5] == after[path][5], f"{path}: another link"


def _real(path, snapshot):
    target = snapshot[path][5] if path in snapshot else None
    return target if isinstance(target, str) and target.startswith("/") else path


def untouched(before, after):
    """Nothing has changed at all."""
    assert after == before, difference(before, after)


def difference(before, after):
    """Say in which paths two snapshots differ."""
    paths = sorted(set(before) ^ set(after)) + [path for path in before if path in after and before[path] != after[path]]
    return "; ".join(f"{path}: {before.get(path)} → {after.get(path)}" for path in paths)


def same_but_inode(before, after):
    """All is what it was, but for which inode it is."""
    old, new = ({path: one[:4] + one[5:] for path, one in files(two).items()} for two in (before, after))
    assert new == old, difference(old, new)


def in_words(outcome):
    """The module has answered with its result, or refused in words that say where."""
    assert outcome.status != HUNG, "hangs"
    assert outcome.result is not None and "exception" not in outcome.result, f"no words but: {outcome.words}"
    if outcome.status:
        assert outcome.result.get("failed"), outcome
        assert line_or_option(outcome.result["msg"]), f"names no line, file or option: {outcome.result['msg']}"
    else:
        assert "Traceback" not in outcome.words, outcome.words
    return outcome.result


def nothing_left(laid):
    """No temporary file is left."""
    assert not laid.world.temporary(), laid.world.temporary()
