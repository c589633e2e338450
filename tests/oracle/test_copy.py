# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy on which a change is proven is judged as the live tree then is: all that `sshd -T` says of both is the same."""

from asked import requests
from hypothesis import assume, given
from known import known
from laid import Laid, paired
from trees import MAIN, trees
from world import parted, specification

# An sshd that, asked for the first time about a copy, notes what it says of it for each context.
SPY = """#!/bin/sh
case "$*" in
*" {main} "* | "-V" | "-t "*) ;;
-T\\ -f*)
    if [ ! -e /mnt/noted ]; then
        number=0
        while read -r context; do
            {sshd} -T -f "$3" -C "$context" >"/mnt/note-$number" 2>/dev/null || :
            number=$((number + 1))
        done </mnt/contexts
        : >/mnt/noted
    fi
    ;;
esac
exec {sshd} "$@"
"""


@given(tree=trees(), options=requests())
def test_the_copy_is_judged_as_the_live_tree(world, tree, options):
    one = Laid(world, tree, [options])
    assume(one.accepted and paired(tree))
    contexts = "".join(f"{specification(context)}\n" for context in one.contexts)
    world.change({
        "/mnt/spy": ("file", SPY.format(main=MAIN, sshd=world.sshd).encode(), 0o755),
        "/mnt/contexts": ("file", contexts.encode(), 0o644),
    })  # fmt: skip
    world.change({"/mnt/noted": ("file", b"", 0o644)})
    world.change({"/mnt/noted": None})
    outcome = one.run(sshd="/mnt/spy", **options)
    assume(outcome.status == 0 and outcome.result["changed"])
    notes = [parted(world.content(f"/mnt/note-{number}")[0].decode("latin-1")) for number in range(len(one.contexts))]
    with known(one, options):
        assert notes == list(one.said().values())
