# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd was started with comes before every file: it is named, and a rule for all comes before it."""

import pathlib
import subprocess
import time

import pytest
from answers import said
from host import Host
from throwaway_sshd import SSHD, free_port

OPTIONS = (
    ["-o", "MaxSessions=2"],
    ["-oMaxSessions 2"],
    ["-o", "Banner none", "-o", "maxsessions 2"],
    ["-o", "Banner -x", "-o", "MaxSessions=2"],
    # What follows /x is told from sshd's own arguments by nothing.
    ["-o", "Subsystem other /x -f AUTH -oFnord=1", "-o", "MaxSessions=2"],
)


@pytest.fixture(params=OPTIONS, ids=" ".join)
def host(request):
    with Host("drop_in") as running:
        running.stop()
        words = [SSHD, "-D", "-f", running.config, "-E", running.log, *request.param]
        running.process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        assert running.eventually(running.answers)
        # The title follows the socket.
        title = pathlib.Path(f"/proc/{running.process.pid}/cmdline")
        assert running.eventually(lambda: b"[listener]" in title.read_bytes())
        yield running


def test_the_command_line_is_the_winner(host):
    whose = f"command line of process {host.process.pid}"
    before = host.files()
    result = host.run(clone_depth=5)
    assert result["failed"] and host.files() == before
    assert result["msg"].startswith(f"sshd was started with MaxSessions 2 ({whose}), which wins, so that 6 for everyone ")
    assert "rules: [{match: all, max_sessions: 6}]" in result["msg"]
    result = host.run(max_sessions=2)
    assert (result["effective"], result["defined_at"]) == ({"before": 2, "after": 2}, whose)
    result = host.run(rules=[{"match": "all", "clone_depth": 5}])
    assert result["effective"] == {"before": 2, "after": 6}
    assert result["shadowed"][0]["path"] == whose
    assert said(host, "root", "-o", "MaxSessions=2") == 6
    assert host.run(rules=[{"match": "all", "clone_depth": 5}])["changed"] is False


@pytest.mark.parametrize("place", ["none", "shared", "elsewhere"])
def test_it_is_found_by_where_it_listens(place):
    with Host("drop_in") as host, Host("main") as other:
        named = other.path("pid") if place == "shared" else "none"
        host.write(host.config, f"PidFile {named}\n" + host.read(host.config))
        # The last to start writes the file.
        host.restart("-D", "-o", "MaxSessions=2", *(("-p", str(free_port())) if place == "elsewhere" else ()))
        other.restart()
        assert other.eventually(lambda: int(other.read("pid")) == other.process.pid)
        result = host.run(clone_depth=5)
        whose = f"command line of process {host.process.pid}"
        assert result["failed"] and result["msg"].startswith(f"sshd was started with MaxSessions 2 ({whose})"), result
        assert host.run("reload").get("pid") == host.process.pid


def test_another_configurations_listener_says_nothing():
    with Host("drop_in") as other:
        pid_file = other.path("pid")
        with Host("main") as host:
            host.write("sshd_config", f"PidFile {pid_file}\n" + host.read())
            assert other.eventually(lambda: int(other.read("pid")) == other.process.pid)
            assert host.run(clone_depth=5)["effective"]["after"] == 6


def test_looking_for_it_costs_no_other_process():
    with Host("drop_in") as host:
        host.run(clone_depth=5)
        counting = host.sshd(f"echo x >> {host.path('calls')}")
        start = time.monotonic()
        assert host.run(clone_depth=5, sshd=counting)["changed"] is False
        assert host.read("calls") == "x\n", time.monotonic() - start
