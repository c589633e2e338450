# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of ansible-playbook, and what it took."""

import os
import re
import subprocess
import tempfile
import threading
import time
from collections import namedtuple

import psutil

# seconds: by the clock; cpu: seconds of the controller's processors, its ssh clients included, but for ControlPersist's.
Run = namedtuple("Run", "seconds cpu")
INTERVAL = 0.1


def run(play, fleet, forks):
    """Run ``play`` on ``fleet`` with no connection open before; return the Run."""
    _prepare(play, fleet)
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = _started(play, fleet, forks, output)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        _check(play, fleet, process.returncode, output)
    return Run(seconds, usage.ru_utime + usage.ru_stime)


def memory(play, fleet, forks):
    """Run ``play`` and return the most octets that the controller's processes had at once, shared pages counted once."""
    _prepare(play, fleet)
    with tempfile.TemporaryFile("w+") as output:
        process = _started(play, fleet, forks, output)
        most, ended = [0], threading.Event()
        watch = threading.Thread(target=_watch, args=(psutil.Process(process.pid), most, ended))
        watch.start()
        process.wait()
        ended.set()
        watch.join()
        _check(play, fleet, process.returncode, output)
    return most[0]


def _prepare(play, fleet):
    if play.bare:
        fleet.reset()
    fleet.cold()


def _started(play, fleet, forks, output):
    settings = os.path.join(os.path.dirname(fleet.inventory), "ansible.cfg")
    with open(settings, "w") as file:  # nobody's own settings count
        file.write(f"[defaults]\nforks = {forks}\n[ssh_connection]\npipelining = true\n")
    environment = {**os.environ, "ANSIBLE_CONFIG": settings}
    words = ["ansible-playbook", "-i", fleet.inventory, play.path]
    return subprocess.Popen(words, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def _check(play, fleet, status, output):
    output.seek(0)
    text = output.read()
    counts = [int(count) for count in re.findall(r"(?m)^\S+ .*\bchanged=(\d+)", text)]
    if status or len(counts) != len(fleet.members) or any(bool(count) != play.changes for count in counts):
        raise SystemExit(f"{play.name}: this is not what was to be measured:\n{text[:20000]}")


def _watch(process, most, ended):
    while not ended.wait(INTERVAL):
        total = 0
        for each in [process, *_children(process)]:
            try:
                total += each.memory_full_info().pss
            except psutil.Error:
                continue
        most[0] = max(most[0], total)


def _children(process):
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []
