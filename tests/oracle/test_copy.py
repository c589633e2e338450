# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy on which a change is proven is judged as the live tree then is: all that `sshd -T` says of both is the same."""

from asked import requests
from hypothesis import assume, given
from laid import Laid, paired
from trees import MAIN, trees
from world import parted, specification

# An sshd that, asked for the first time about a copy, notes what it says of it for each context.
SPY = """#!{python} -IS
import os, subprocess, sys
words = sys.argv[1:]
if words[:2] == ["-T", "-f"] and words[2] != "{main}" and not os.path.exists("/mnt/noted"):
    with open("/mnt/contexts") as contexts:
        for number, context in enumerate(contexts):
            with open(f"/mnt/note-{{number}}", "wb") as note:
                subprocess.call(["{sshd}", *words[:3], "-C", context.strip()], stdout=note)
    open("/mnt/noted", "w").close()
os.execv("{sshd}", ["{sshd}", *words])
"""


@given(tree=trees(), options=requests())
def test_the_copy_is_judged_as_the_live_tree(world, tree, options):
    one = Laid(world, tree, [options])
    assume(one.accepted and paired(tree))
    contexts = "".join(f"{specification(context)}\n" for context in one.contexts)
    world.change({
        "/mnt/spy": ("file", SPY.format(main=MAIN, sshd=world.sshd, python=world.python).encode(), 0o755),
        "/mnt/contexts": ("file", contexts.encode(), 0o644),
    })  # fmt: skip
    world.change({"/mnt/noted": ("file", b"", 0o644)})
    world.change({"/mnt/noted": None})
    outcome = one.run(sshd="/mnt/spy", **options)
    assume(outcome.status == 0 and outcome.result["changed"])
    notes = [parted(world.content(f"/mnt/note-{number}")[0].decode("latin-1")) for number in range(len(one.contexts))]
    assert notes == list(one.said().values())
