# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from ansible_collections.multiplex.sshd.plugins.module_utils._config import tree
from ansible_collections.multiplex.sshd.plugins.module_utils._config.files import Files
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import freshness
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.freshness import Freshness

LISTENER = [
    # touched, started, read, marked
    ((5, 10, 10, False), False),
    ((15, 10, 10, False), True),
    ((15, 10, 20, False), False),
    ((15, 10, None, False), None),
    ((5, 10, None, False), False),
    ((5, 10, 10, True), True),
    ((15, None, None, False), None),
]
CONNECTION = [
    # touched, started, read, began
    ((5, 10, 10, 12), False),
    ((15, 10, 10, 12), True),
    ((15, 10, 20, 12), True),
    ((15, 10, 20, 25), False),
    ((15, 10, 10, 25), True),
    ((11, 10, 20, 15), None),
    ((5, 10, 20, 15), False),
    ((5, 10, 20, 2), True),
    ((5, 10, 20, 7), None),
    ((15, None, None, 20), None),
    ((15, None, None, 10), True),
]


@pytest.mark.parametrize(("given", "expected"), LISTENER)
def test_a_listener_may_be_older_than_the_files(given, expected):
    assert Freshness(*given).listener_is_outdated is expected


@pytest.mark.parametrize(("given", "expected"), CONNECTION)
def test_a_connection_has_what_its_listener_had_read(given, expected):
    assert Freshness(*given[:3], False).is_outdated(given[3]) is expected


def test_the_pid_file_and_the_log_tell_when_a_listener_read(tmp_path):
    path = tmp_path / "pid"
    path.write_text("61\n")
    os.utime(path, (100, 100))
    assert freshness.read(61, 50.0, str(path), None) == 100
    assert freshness.read(61, 50.0, str(path), 120.0) == 120
    assert freshness.read(61, 100.02, str(path), None) == 100.02
    assert freshness.read(62, 50.0, str(path), None) is None
    assert freshness.read(61, 200.0, str(path), None) is None
    assert freshness.read(61, 50.0, "none", None) is None


def test_a_file_that_is_gone_from_an_included_directory_touches_it(tmp_path):
    (tmp_path / "d").mkdir()
    main = tmp_path / "sshd_config"
    main.write_text(f"Include {tmp_path}/d/*.conf\n")
    drop_in = tmp_path / "d/x.conf"
    drop_in.write_text("")
    os.unlink(drop_in)
    read = tree.read(str(main), Files())
    assert freshness.touched(read) == (tmp_path / "d").stat().st_ctime
