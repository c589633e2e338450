# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd is the oracle: over any tree and any request, the laws hold."""

import laws
import placements
from asked import edited, edits, requests, wanted
from hypothesis import assume, event, given
from hypothesis import strategies as st
from laid import EVERY_KIND, PLAIN, Laid, paired
from trees import trees

# Whom nobody thought of: any user from anywhere, at any port.
strangers = st.lists(st.sampled_from(EVERY_KIND), max_size=2)


def laid(world, tree, *options, **asked):
    """Lay ``tree``, which must be one that sshd accepts and whose earlier blocks are whole."""
    one = Laid(world, tree, options, **asked)
    assume(one.accepted and paired(tree))
    return one


def succeeded(outcome):
    assume(outcome.status == 0)
    return outcome.result


@given(tree=trees(), options=requests(policies=("exact",)), more=strangers)
def test_success_is_in_force_for_all_whom_it_is_about(world, tree, options, more):
    one = laid(world, tree, options, more=more)
    before = one.said()
    base, foreign = one.without_ours()
    succeeded(one.run(**options))
    after = one.said()
    laws.in_force(one, options, base, foreign, {context: number for context, (number, _rest) in after.items()})
    laws.nothing_else(before, after)


@given(tree=trees(), options=requests(policies=("at_least",)), more=strangers)
def test_at_least_lowers_nobody(world, tree, options, more):
    one = laid(world, tree, options, more=more)
    base, foreign = one.without_ours()
    standing = one.values()
    succeeded(one.run(**options))
    after = one.values()
    laws.in_force(one, options, base, foreign, after, standing)


@given(tree=trees(), options=requests())
def test_what_is_said_is_true(world, tree, options):
    one = laid(world, tree, options, crossed=True)
    before = one.values()
    _base, foreign = one.without_ours()
    result = succeeded(one.run(**options))
    after = one.values()
    laws.said_in_full(one, options, result, before, after)
    laws.placed(one, result, after)
    laws.overriders_named(options, one, result, foreign, after)


@given(tree=trees(), options=requests())
def test_a_second_run_changes_nothing(world, tree, options):
    one = laid(world, tree, options)
    succeeded(one.run(**options))
    before = world.snapshot()
    again = laws.in_words(one.run(**options))
    assert not again.get("failed") and again["changed"] is False, again
    laws.untouched(before, world.snapshot())


@given(tree=trees(), options=requests())
def test_check_mode_says_the_same_and_changes_nothing(world, tree, options):
    one = laid(world, tree, options)
    foretold = one.run(check=True, **options)
    laws.untouched(one.first, world.snapshot())
    outcome = one.run(**options)
    said, done = laws.in_words(foretold), laws.in_words(outcome)
    assert foretold.status == outcome.status, (said["msg"], done["msg"])
    for name in ("changed", "effective", "written", "rules", "max_sessions", "clones", "diff", "defined_at", "shadowed"):
        assert said.get(name) == done.get(name), name
    assert sorted(said.get("overridden_by", ()), key=str) == sorted(done.get("overridden_by", ()), key=str)


@given(tree=trees(), options=requests())
def test_what_is_others_stays(world, tree, options):
    one = laid(world, tree, options)
    result = succeeded(one.run(**options))
    laws.others_stay(one, result, one.first, world.snapshot())
    laws.nothing_left(one)


@given(tree=trees(), options=requests())
def test_absent_gives_the_first_tree_back(world, tree, options):
    one = laid(world, tree, options)
    assume(not any(b"multiplex" in entry[1] for entry in tree.entries.values() if entry[0] == "file"))
    options.pop("backup", None)
    succeeded(one.run(**options))
    result = laws.in_words(one.run(state="absent", lock_out=True))
    assert not result.get("failed"), result["msg"]
    laws.same_but_inode(one.first, world.snapshot())


@given(tree=trees(), options=requests(), keep=st.booleans())
def test_a_pending_change_is_kept_or_taken_back_whole(world, tree, options, keep):
    one = laid(world, tree, options)
    options.pop("backup", None)
    assume(succeeded(one.run(confirm_within=600, **options))["changed"])
    pending = world.snapshot()
    result = laws.in_words(one.run(**{**options, "state": "confirmed" if keep else "reverted"}))
    assert not result.get("failed") and result["changed"], result["msg"]
    left = {path: entry for path, entry in pending.items() if "/.sshd_config.pending" not in path} if keep else one.first
    laws.same_but_inode(left, world.snapshot())


@given(tree=trees(), options=requests())
def test_what_somebody_appends_means_what_it_would_have_meant(world, tree, options):
    one = laid(world, tree, options)
    succeeded(one.run(**options))
    laws.appended(one)


@given(tree=trees(), options=st.one_of(requests(), st.just({"state": "absent"})))
def test_a_refusal_changes_nothing_and_says_why(world, tree, options):
    one = Laid(world, tree, [options])
    outcome = one.run(**options)
    event("refused" if outcome.status else "done")
    laws.in_words(outcome)
    laws.nothing_left(one)
    assert outcome.status or one.accepted, f"success where sshd says: {one.words}"
    if outcome.status:
        laws.untouched(one.first, world.snapshot())


@given(tree=trees(), options=requests())
def test_a_refusal_is_justified(world, tree, options):
    one = laid(world, tree, options)
    base, foreign = one.without_ours()
    outcome = one.run(**options)
    assume(outcome.status and not by_request(one, options))
    assume("to OpenSSH up to 8.6 " not in outcome.result["msg"])  # another place would do, but what is included is not known
    assume(not any(b"\0" in entry[1] for entry in tree.entries.values() if entry[0] == "file"))
    place = placements.somewhere(one, options, base, foreign)
    assert not place, f"{place} would have done, but: {outcome.result['msg']}"


def by_request(one, options):
    """Say whether ``options`` are refused whatever the tree: one rule may leave nobody for a later one, too."""
    everyone, *rules = wanted(options)
    asked = [limit for limit in [everyone, *rules] if limit.number is not None]
    return (
        any(limit.ceiling is not None and limit.number > limit.ceiling for limit in asked)
        or any(one.world.meets(PLAIN, rule.match) is None for rule in rules)
        or any(not any(laws.whose(one, options, two) == limit for two in one.contexts) for limit in asked)
        or (options.get("location") == "main" and "drop_in" in options)
    )


@given(tree=trees(), steps=st.lists(st.tuples(requests(places=False), st.none() | edits), min_size=2, max_size=3))
def test_requests_in_a_row_with_others_at_work(world, tree, steps):
    one = laid(world, tree, *[options for options, _edit in steps])
    written = None
    for options, edit in steps:
        base, foreign = one.without_ours()
        standing = one.values()
        assume(None not in standing.values() and None not in base.values())
        before = world.snapshot()
        outcome = one.run(**options)
        result = laws.in_words(outcome)
        if outcome.status:
            laws.untouched(before, world.snapshot())
        elif options.get("policy") != "at_least":
            laws.in_force(one, options, base, foreign, one.values())
        if not outcome.status:
            written = (result["written"] or [written])[0]
        if edit:
            world.change(edited(edit, world.snapshot(), written))
