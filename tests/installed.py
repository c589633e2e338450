# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a user has it: built as a tarball, and installed from it."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[1]


def built(into, checkout=ROOT):
    """Build the tarball of ``checkout`` in the directory ``into``; return its path."""
    galaxy(into, "build", str(checkout), "--output-path", str(into))
    (tarball,) = into.glob("*.tar.gz")
    return tarball


def installed(tarball, into):
    """Install ``tarball`` below the directory ``into``; return the collection's own directory."""
    galaxy(into, "install", str(tarball), "-p", str(into))
    return into / "ansible_collections/multiplex/sshd"


def galaxy(collections, *words):
    """Run `ansible-galaxy collection` where it sees ``collections`` only."""
    subprocess.run(
        ["ansible-galaxy", "collection", *words],
        check=True,
        capture_output=True,
        text=True,
        env=environment(collections),
    )


def environment(collections):
    """Return the environment in which Ansible sees ``collections`` only."""
    return dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(collections))
