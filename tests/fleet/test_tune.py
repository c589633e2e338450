# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook for fleets: canary first, and nothing further once a batch failed."""

import contextlib
import json
import os
import re
import subprocess

import pytest
from throwaway_sshd import ThrowawaySshd

BATCHES = [1, 2, 2, 1]
HOSTS = sum(BATCHES)
RIGGED = 3  # in the third batch


@pytest.fixture
def fleet():
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(ThrowawaySshd(body="MaxSessions 2\n", address=f"127.0.0.{10 + n}")) for n in range(HOSTS)
        ]
        yield servers


def tune(servers, directory, *arguments, **settings):
    """Run the playbook over ``servers`` with Ansible's ``settings``.

    Return ``(exit status, {host: {counter: number}}, output)``.
    """
    inventory = directory / "inventory"
    inventory.write_text(
        "".join(
            server.inventory(f"h{n:02}").replace("\n", f" max_sessions_config={server.config}\n")
            for n, server in enumerate(servers)
        )
    )
    words = ["ansible-playbook", "-i", str(inventory), "multiplex.sshd.tune", "-e", "max_sessions_clone_depth=5"]
    words += ["-e", json.dumps({"tune_serial": BATCHES}), *arguments]
    environment = dict(os.environ, ANSIBLE_BECOME="false", ANSIBLE_PIPELINING="true", **settings)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    recap = {}
    for line in done.stdout.partition("PLAY RECAP")[2].splitlines()[1:]:
        if line.strip():
            recap[line.split()[0]] = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}
    print(done.stdout, done.stderr)
    return done.returncode, recap, done.stdout


def pending(servers):
    return [server.port for server in servers if os.path.exists(server.path(".sshd_config.pending"))]


def test_all_hosts_are_tuned_and_a_second_run_changes_nothing(fleet, tmp_path):
    status, recap, _output = tune(fleet, tmp_path)
    assert status == 0 and len(recap) == HOSTS
    assert all("MaxSessions 6" in server.read() for server in fleet)
    status, recap, _output = tune(fleet, tmp_path)
    assert status == 0 and len(recap) == HOSTS and all(counts["changed"] == 0 for counts in recap.values())


@pytest.mark.exhaustive
@pytest.mark.parametrize("strategy", ["free", "host_pinned", "linear"])
def test_a_failed_host_is_rolled_back_and_later_batches_are_untouched(fleet, tmp_path, strategy):
    rigged = fleet[RIGGED]
    rigged.write("sshd_config", rigged.read() + f"Match User {rigged.user}\n    MaxSessions 3\n")
    before = [server.read() for server in fleet]
    status, recap, output = tune(fleet, tmp_path, ANSIBLE_STRATEGY=strategy)
    assert status != 0
    done, batch = sum(BATCHES[:2]), range(sum(BATCHES[:2]), sum(BATCHES[:3]))
    assert all("MaxSessions 6" in server.read() for server in fleet[:done])
    assert rigged.read() == before[RIGGED], "the failed host kept its change"
    assert "MaxSessions is 2 again" in output
    assert all("MaxSessions 6" in fleet[n].read() for n in batch if n != RIGGED)
    assert [server.read() for server in fleet[batch.stop :]] == before[batch.stop :]
    assert sorted(recap) == [f"h{n:02}" for n in range(batch.stop)]
    assert not pending(fleet), "a host was left with a change that nobody settles"
    assert all(server.answers() for server in fleet)
