# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection costs: sessions per second of the probe, and playbooks on fleets of one machine's loopback."""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from importlib import metadata

import sessions
from figures import PING, lines, row
from fleet import Fleet
from plays import plays
from runs import memory, run

AT = ["1x5", "10x5", "10x10", "50x5", "50x50", "100x50"]


def playbooks(at, rounds, peers, with_memory):
    """Measure every play at each of ``at``, (hosts, forks); yield {hosts, forks, rows}."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for hosts, forks in at:
            with Fleet(hosts, directory) as fleet:
                ready = plays(directory, peers)
                done = {play.name: [] for play in ready}
                # One round after the other, so that whatever slows the machine down slows all of them.
                for _round in range(rounds):
                    for play in ready:
                        done[play.name].append(run(play, fleet, forks))
                octets = {play.name: memory(play, fleet, forks) if with_memory else None for play in ready}
            rows = [row(name, runs, done[PING], octets[name]) for name, runs in done.items()]
            print("\n".join(lines(hosts, forks, rows)), flush=True)
            yield {"hosts": hosts, "forks": forks, "rows": rows}


def machine():
    """Return what the figures depend on."""
    ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.strip()
    return {
        "processors": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "ansible-core": metadata.version("ansible-core"),
        "ssh": ssh,
    }


def arguments():
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=["sessions", "playbooks"], help="one of the two, instead of both")
    parser.add_argument(
        "--server", nargs=4, metavar=("HOST", "PORT", "USER", "PRIVATE_KEY"),
        help="count sessions on this one, its host key unchecked, instead of a throwaway sshd; it must allow 1000 "
        "sessions, and the user have a quick shell",
    )  # fmt: skip
    parser.add_argument("--at", action="append", metavar="HOSTSxFORKS", help=f"fleets to measure; without it {' '.join(AT)}")
    parser.add_argument("--rounds", type=int, default=5, help="how often each playbook runs (5)")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=PLAYBOOK",
        help="another playbook, for hosts 'all', that sets MaxSessions 6 in '{{ bench_config }}' and reloads the sshd "
        "whose process the file '{{ bench_pid }}' names",
    )  # fmt: skip
    parser.add_argument("--no-memory", action="store_true", help="leave out the further run that its memory takes")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--plot", metavar="FILE", help="draw the ratios there (.svg, .png)")
    return parser.parse_args()


def main():
    """Measure what the command line asks for."""
    given = arguments()
    found = {"machine": machine(), "rounds": given.rounds}
    if "playbooks" not in given.what:
        found["sessions"] = {"counts": sessions.COUNTS, "per_second": sessions.measured(given.server)}
    if "sessions" not in given.what:
        at = [tuple(int(number) for number in each.split("x")) for each in given.at or AT]
        peers = [each.split("=", 1) for each in given.peer]
        found["playbooks"] = list(playbooks(at, given.rounds, peers, not given.no_memory))
    if given.json:
        with open(given.json, "w") as file:
            json.dump(found, file, indent=1)
            file.write("\n")
    if given.plot:
        from plot import draw  # noqa: PLC0415 (a heavy import, that would be in the way of the measurement)

        draw(found["playbooks"], given.plot)


if __name__ == "__main__":
    main()
