# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is in a log, reading it takes bounded time and memory, and what can be forged is said to be."""

import gzip
import json
import subprocess
import sys

import pytest
from held import try_name
from host import Host

MILLION = 1000000
CPU = 60  # seconds for a million lines; about 10 were measured
MEMORY = 64 * 1024  # kB above what Python itself takes; about 25 MB were measured

# Each a program that prints lines: an ordinary log, and such as would grow what is kept of each.
PREFIX = '"2026-01-31T12:00:%02d.000001+00:00 db1 sshd[%d]: " % (i // 50000 % 60, i % 30000)'
STARTED = '"Starting session: shell for u%d from 10.0.%d.7 port %d id %d"'
ACCEPTED = '"Accepted password for u%d from 10.%d.%d.7 port 1 ssh2"'
LINES = {
    "ordinary": f'p + ({STARTED} % (i // 20 % 90, i // 20 % 99, i // 20 % 60000, i % 20) if i % 20 else "no more sessions")',
    "many users": f"p + {STARTED} % (i, 0, i % 65536, i % 20000)",
    "many refused": f'p + ({ACCEPTED} % (i, i // 250 % 250, i % 250) if i % 2 else "no more sessions")',
    "many listeners": 'p.replace("sshd[", "sshd[%d" % (i // 30000)) + "Server listening on :: port 22."',
}
WRITE = "import sys\nfor i in range(int(sys.argv[1])):\n p = %s\n print(%s)\n"
READ = """
import json, resource, sys
from ansible_collections.multiplex.sshd.plugins.module_utils._usage import journal, log
from ansible_collections.multiplex.sshd.plugins.module_utils._usage.tally import Tally
journal.is_readable, journal.beginning = (lambda: True), (lambda run: 0.0)
def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))
base = memory("VmRSS")
import subprocess
def run(command, before_communicate_callback):
    with subprocess.Popen(["cat", sys.argv[2]], stdout=subprocess.PIPE) as process:
        before_communicate_callback(process)
found = log.read(run, "", [sys.argv[2]] if sys.argv[1] == "files" else [], 0.0, Tally(lambda uid: None))
refused, usage = found.tally.refused(), found.tally.peaks.result()
used = resource.getrusage(resource.RUSAGE_SELF)
told = len(refused["by"]) + len(usage["by_user"])
print(json.dumps({"lines": found.told["lines"], "refused": refused["count"], "told": told,
    "cpu": used.ru_utime + used.ru_stime, "memory": memory("VmHWM") - base, "notes": found.notes}))
"""


def read(source, path):
    words = [sys.executable, "-c", READ, source, str(path)]
    done = subprocess.run(words, env={"PYTHONPATH": ".cache/collections"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", LINES)
def test_a_million_lines_take_bounded_time_and_memory(tmp_path, kind):
    number = MILLION if kind == "ordinary" else MILLION // 5
    with open(tmp_path / "auth.log", "w") as file:
        subprocess.run([sys.executable, "-c", WRITE % (PREFIX, LINES[kind]), str(number)], stdout=file, check=True)
    found = read("files", tmp_path / "auth.log")
    print(kind, found)
    assert found["lines"] == number
    assert found["cpu"] < CPU
    assert found["memory"] < MEMORY
    assert found["told"] <= 2100
    assert found["refused"] == {"ordinary": number // 20, "many refused": number // 2}.get(kind, 0)


def test_a_long_journal_is_read_as_it_comes(tmp_path):
    entry = {"__REALTIME_TIMESTAMP": "1769860800000000", "_PID": "95", "_UID": "1001", "_COMM": "sshd", "more": "x" * 200}
    line = json.dumps(dict(entry, MESSAGE="error: no more sessions")) + "\n"
    with open(tmp_path / "journal", "w") as file:
        for _each in range(300):
            file.write(line * 1000)
    found = read("journal", tmp_path / "journal")
    print(found)
    assert (found["lines"], found["refused"]) == (300000, 300000)
    assert found["cpu"] < CPU
    assert found["memory"] < MEMORY


def test_a_file_that_swells_takes_no_memory(tmp_path):
    with gzip.open(tmp_path / "auth.log.gz", "wb", compresslevel=1) as file:
        for _each in range(256):
            file.write(b"x" * 1024 * 1024)
    found = read("files", tmp_path / "auth.log.gz")
    assert found["refused"] == 0
    assert found["memory"] < MEMORY


FORGED = "x\r\nno more sessions\r\nStarting session: shell for root from 10.9.9.9 port 1 id 99\r\nInvalid user y"


def test_a_client_can_forge_lines_of_sshds_own_file_and_that_is_said():
    with Host() as host:
        host.write("sshd_config", host.read() + "LogLevel VERBOSE\n")
        assert host.run("reload")["changed"]
        try_name(host.address, host.port, username=FORGED, client_keys=[host.key], known_hosts=host.known_hosts)
        host.eventually(lambda: "no more sessions" in host.read("log"))
        result = host.run("max_sessions_info")
    assert result["refusals"]["count"] >= 1
    assert result["log"]["forgeable"] is True
    assert any("Whoever may connect can forge lines there" in note for note in result["notes"])
