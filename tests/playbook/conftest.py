# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import tempfile

import pytest
from runs import Playbooks
from snapshots import Tree
from throwaway_sshd import ThrowawaySshd


@pytest.fixture(scope="session")
def server():
    """The sshd that carries the playbooks of all tests that need none of their own."""
    with ThrowawaySshd() as running:
        yield running


@pytest.fixture(scope="session")
def playbooks(server):
    with Playbooks(server) as ready:
        yield ready


@pytest.fixture(scope="module")
def forest():
    """A directory for trees that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="mux-trees-") as directory:
        os.chmod(directory, 0o755)  # noqa: S103
        yield directory


@pytest.fixture(scope="module")
def lay(forest, server):
    """Lay a Tree: ``lay(main, other files)``; the main file begins with the host key's line unless ``bare``."""

    def laid(main, files=None, bare=False):
        prefix = b"" if bare else f"HostKey {server.path('host_key')}\n".encode()
        octets = main if isinstance(main, bytes) else main.encode()
        return Tree(forest, {"sshd_config": prefix + octets.replace(b"{d}", b"{D}"), **(files or {})})

    return laid
