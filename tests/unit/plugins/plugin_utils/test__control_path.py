# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import tempfile

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _control_path

FIXED = len("/clone-0123456789ab/s")


@pytest.fixture
def short():
    """A directory of our own whose path is short, wherever pytest has its own."""
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        yield path


@pytest.fixture
def temporary(short, monkeypatch):
    """Return a function that makes a directory below ``short`` the temporary one."""

    def use(name):
        path = os.path.join(short, name)
        os.mkdir(path)
        monkeypatch.setattr(_control_path.tempfile, "gettempdir", lambda: path)
        return path

    return use


def padded(short, length, letter):
    """Return a name that makes the socket's path ``length`` bytes long."""
    left = length - FIXED - len(os.fsencode(short)) - 1
    return letter * (left // len(letter.encode())) + "x" * (left % len(letter.encode()))


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_as_long_as_it_may_be(letter, temporary, short):
    base = temporary(padded(short, _control_path.LONGEST, letter))
    found = _control_path.new_directory()
    assert os.path.dirname(found) == base and len(os.fsencode(found + "/s")) == _control_path.LONGEST


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_byte_too_long(letter, temporary, short):
    base = temporary(padded(short, _control_path.LONGEST + 1, letter))
    assert os.path.dirname(_control_path.new_directory()) == "/tmp" != base


def test_what_ssh_would_expand(temporary):
    base = temporary("${HOME}")
    assert os.path.dirname(_control_path.new_directory()) != base


def test_nowhere(temporary, monkeypatch):
    temporary("x" * 90)
    monkeypatch.setattr(_control_path.os, "access", lambda *_args: False)
    with pytest.raises(Error, match="set TMPDIR to a shorter one"):
        _control_path.new_directory()
