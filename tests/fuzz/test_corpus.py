# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All inputs that fuzzing has kept, and those that once broke something, go to their targets."""

import time

import pytest
from fuzz import corpus
from targets import TARGETS

SECONDS = 5  # an input of 4 kB takes some milliseconds

BROKE = [("criteria", b"Address ::/x"), ("criteria", b"Address ::/129"), ("criteria", b"User " + b"a*" * 12 + b"b")]


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_an_error_comes_out(target):
    inputs = corpus(target)
    assert inputs, f"no corpus for {target}: script/test fuzz-for 60 {target}"
    for octets in inputs:
        takes(target, octets)


@pytest.mark.parametrize(("target", "octets"), BROKE)
def test_what_once_broke_it(target, octets):
    takes(target, octets)


def takes(target, octets):
    started = time.process_time()
    TARGETS[target](octets)
    assert time.process_time() - started < SECONDS, octets
