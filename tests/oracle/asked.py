# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for what people ask the module for, and for what happens to the files in between."""

from collections import namedtuple

from hypothesis import strategies as st
from trees import DIRECTORIES, MAIN, mostly
from words import CRITERIA, NO_CRITERIA

# ceiling: of those whom it is about. match: None for everyone.
Wanted = namedtuple("Wanted", "match number ceiling")

numbers = st.sampled_from((77, 1, 10, 0, 3, 15, 2147483647))
depths = st.sampled_from((76, 0, 9, 5))


@st.composite
def _amounts(draw):
    if draw(st.booleans()):
        return {"max_sessions": draw(numbers)}
    extra = draw(st.sampled_from((0, 0, 2)))
    return {"clone_depth": draw(depths), **({"extra_sessions": extra} if extra else {})}


@st.composite
def _rules(draw):
    rule = {"match": draw(mostly(tuple(CRITERIA), NO_CRITERIA)), **draw(_amounts())}
    if draw(st.integers(0, 9)) == 9:
        rule["ceiling"] = draw(st.sampled_from((100, 10)))
    return rule


@st.composite
def requests(draw, policies=("exact", "at_least"), places=True):
    """Return a strategy for the module's options."""
    rules = draw(st.lists(_rules(), max_size=3, unique_by=lambda rule: rule["match"]))
    options = draw(_amounts()) if not rules or draw(st.booleans()) else {}
    if rules:
        options["rules"] = rules
    if any(one.number == 0 for one in wanted(options)):
        options["lock_out"] = True
    policy = draw(st.sampled_from(policies))
    if policy != "exact":
        options["policy"] = policy
    if draw(st.integers(0, 9)) == 9:
        options["ceiling"] = draw(st.sampled_from((100, 10)))
    if places:
        location = draw(st.sampled_from(("auto", "auto", "auto", "drop_in", "main")))
        if location != "auto":
            options["location"] = location
        if draw(st.integers(0, 14)) == 14:
            name = draw(st.sampled_from(("50-site.conf", "a.conf", "nothing.txt", ".hidden.conf", "0-multiplex.conf")))
            options["drop_in"] = f"{draw(st.sampled_from(DIRECTORIES))}/{name}"
        if draw(st.integers(0, 19)) == 19:
            options["backup"] = True
    return options


def wanted(options):
    """Return the Wanted for everyone, its number None where only rules are asked for, and one for each rule."""
    ceiling = options.get("ceiling")
    rules = options.get("rules", ())
    found = [Wanted(None, _number(options), ceiling)]
    return found + [Wanted(rule["match"], _number(rule), rule.get("ceiling", ceiling)) for rule in rules]


def _number(asked):
    if "max_sessions" in asked:
        return asked["max_sessions"]
    return 1 + asked["clone_depth"] + asked.get("extra_sessions", 0) if "clone_depth" in asked else None


edits = st.one_of(
    st.tuples(st.just("append"), st.just(MAIN), st.sampled_from(("PermitTTY no", "MaxSessions 44", "Match User dave"))),
    st.tuples(
        st.just("prepend"), st.just(MAIN), st.sampled_from(("MaxSessions 45", "# by hand", "Include sshd_config.d/*.conf"))
    ),
    st.tuples(st.just("write"), st.just("/etc/ssh/sshd_config.d/00-site.conf"), st.just("MaxSessions 46")),
    st.tuples(st.just("drop line"), st.none(), st.integers(0, 6)),
    st.tuples(st.just("change number"), st.none(), st.sampled_from(("47", "x"))),
    st.tuples(st.just("empty"), st.none(), st.none()),
    st.tuples(st.just("remove"), st.none(), st.none()),
)


def edited(edit, snapshot, written):
    """Return what to change so that ``edit`` has happened to the files of ``snapshot``; ``written`` is ours, or None."""
    what, path, detail = edit
    path = path or written
    if path not in snapshot and what != "write":
        return {}
    old = snapshot[path][5] if path in snapshot else b""
    if not isinstance(old, bytes):
        return {}
    lines = old.split(b"\n")
    if what == "remove":
        return {} if path == MAIN else {path: None}
    if what == "drop line":
        del lines[detail : detail + 1]
    elif what == "change number":
        lines = [b"MaxSessions " + detail.encode() if b"MaxSessions " in line else line for line in lines]
    elif what == "prepend":
        lines.insert(0, detail.encode())
    elif what == "empty":
        lines = []
    else:
        lines = (old + detail.encode() + b"\n").split(b"\n")
    return {path: ("file", b"\n".join(lines), snapshot[path][1] if path in snapshot else 0o644)}
