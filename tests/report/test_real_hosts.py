# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real servers, real refusals on one of them, and a host that isn't there: all three stand in the report."""

import contextlib
import json
import subprocess

import pytest
from reports import report
from throwaway_sshd import ThrowawaySshd, free_port

REFUSED = 3


@contextlib.contextmanager
def refusals(server, most):
    """Hold ``most`` sessions open on one connection and have REFUSED more of them refused."""
    socket = server.path("person")
    ssh = ["ssh", *server.ssh_args(), "-S", socket]
    subprocess.run([*ssh, "-fNM", server.address], check=True, stderr=subprocess.DEVNULL)
    clone = [*ssh, "-o", "ProxyCommand=false", server.address]
    try:
        with contextlib.ExitStack() as stack:
            for _each in range(most):
                one = subprocess.Popen([*clone, "echo open; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                stack.enter_context(one)
                assert one.stdout.readline() == b"open\n"
            for _each in range(REFUSED):
                assert subprocess.run([*clone, "true"], capture_output=True, check=False).returncode == 255
            yield
    finally:
        subprocess.run([*ssh, "-O", "exit", server.address], capture_output=True, check=False)


@pytest.fixture
def real(tmp_path):
    with ThrowawaySshd("MaxSessions 2\nLogLevel VERBOSE\n") as strict, ThrowawaySshd("LogLevel VERBOSE\n") as lax:
        inventory = tmp_path / "inventory"
        gone = lax.inventory("gone").replace(f"ansible_port={lax.port}", f"ansible_port={free_port()}")
        lines = [(strict.inventory("strict"), strict), (lax.inventory("lax"), lax), (gone, lax)]
        inventory.write_text("".join(line.replace("\n", f" max_sessions_config={of.config}\n") for line, of in lines))
        with refusals(strict, 2):
            yield report(inventory, tmp_path / "report", "-e", "ansible_become=false"), strict


def test_the_report_tells_what_happened(real, show):
    run, strict = real
    assert run.status == 0, run.output
    hosts = {host["host"]: host for host in json.loads(run.text("json"))["hosts"]}
    assert {name: host["state"] for name, host in hosts.items()} == {"strict": "refused", "gone": "silent", "lax": "enough"}
    facts = hosts["strict"]["facts"]
    assert (facts["effective"], facts["refusals"]["count"], facts["usage"]["most"]) == (2, REFUSED, 2)
    assert facts["defined_at"].startswith(strict.config)
    page = show(run)
    rows = [row.inner_text().split() for row in page.locator("tr.host").all()]
    assert [row[0] for row in rows] == ["strict", "gone", "lax"]
    assert rows[0][2:4] == [str(REFUSED), "2"] and rows[2][2:4] == ["0", "10"]
    assert page.get_by_text("Connection refused").count()
