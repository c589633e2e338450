# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many trees, and on which servers: --profile seconds|minutes|long, --sshd PATH, --root DIRECTORY."""

import contextlib
import os
import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from world import CHECKOUT, World

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)  # not to explain: that takes minutes
FOUND = DirectoryBasedExampleDatabase(os.path.join(CHECKOUT, ".cache", "hypothesis"))  # tried first the next time
COMMON = {"deadline": None, "phases": PHASES, "print_blob": True, "suppress_health_check": list(HealthCheck)}
# Trees for each law. Without chance in the short one: a failure is then the change's that is tested.
settings.register_profile("seconds", max_examples=4, derandomize=True, database=None, **COMMON)
settings.register_profile("minutes", max_examples=150, database=FOUND, **COMMON)
settings.register_profile("long", max_examples=700, database=FOUND, **COMMON)

WORLDS = []  # what the summary tells: (World, seconds)


def pytest_addoption(parser):
    parser.addoption("--profile", default="seconds", help="seconds, minutes or long: how many trees for each law")
    parser.addoption("--sshd", help="path of the sshd to ask, instead of this machine's")
    parser.addoption("--root", action="append", default=[], help="root directory of another Debian, to be entered")


def pytest_configure(config):
    settings.load_profile(config.getoption("profile", "seconds"))


def pytest_generate_tests(metafunc):
    if "world" in metafunc.fixturenames:
        roots = metafunc.config.getoption("root", []) or ["/"]
        names = [os.path.basename(root) or "here" for root in roots]
        metafunc.parametrize("world", roots, ids=names, scope="session", indirect=True)


@pytest.fixture(scope="session")
def world(request):
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        try:
            one = stack.enter_context(World(request.param, request.config.getoption("sshd", None)))
        except OSError as error:
            pytest.exit(str(error), 1)
        yield one
    WORLDS.append((one, time.monotonic() - started))


def pytest_terminal_summary(terminalreporter):
    for one, seconds in WORLDS:
        terminalreporter.write_line(
            f"{one.version!s}: {one.trees} trees, {one.runs} runs of the module, {one.asked} questions to sshd; "
            f"{seconds:.0f} seconds, {one.seconds!s:.5} of CPU for the last two; {one.trees / seconds:.1f} trees a second"
        )
