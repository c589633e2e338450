# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration that script/demo sets up: before, the role's run, after, and the same run again."""

import json
import os
import re
import signal
import subprocess
import sys

from throwaway_sshd import ThrowawaySshd

CLONE_DEPTH = 5
PLAYBOOK = """\
- hosts: all
  gather_facts: false
  roles:
    - role: multiplex.sshd.max_sessions
      vars:
        max_sessions_clone_depth: {depth}
        max_sessions_config: {config}
"""


def main():
    """Run the demonstration; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ThrowawaySshd(body="MaxSessions 2\n") as sshd:
        sshd.write("sshd_config", f"Include {sshd.drop_ins}/*.conf\n{sshd.read()}")
        sshd.write("inventory", sshd.inventory())
        sshd.write("play.yml", PLAYBOOK.format(depth=CLONE_DEPTH, config=sshd.config))
        say(f"A throwaway sshd listens on {sshd.address} port {sshd.port}. A hardened one, it says 'MaxSessions 2'.")

        say("Before: open one connection, and clone sessions from it until the server refuses.")
        expect(show(probe(sshd, limit=20)), clones=1)
        say("So a person gets the first window and one clone. The next one fails, or silently opens a new connection.")

        say(f"Now the role, over SSH, with a clone depth of {CLONE_DEPTH}. It says first what it would do:")
        play(sshd, "--check", "--diff")
        say("And does it: writes the drop-in, reloads sshd, opens the clones to prove it, and so confirms the change.")
        expect(play(sshd), changed=1)

        say(f"After: {CLONE_DEPTH} clones open on a fresh connection, and the next one is refused.")
        expect(show(probe(sshd, clone_depth=CLONE_DEPTH, exact=True)), clones=CLONE_DEPTH, refused=1)

        say("The same run again changes nothing.")
        expect(play(sshd), changed=0)
    say("Done. The server and its directory are gone; what was installed stays in .cache.")
    return 0


def probe(sshd, **options):
    """Return the result of multiplex.sshd.clone_probe against ``sshd``."""
    words = ["ansible", "-i", sshd.path("inventory"), "all", "-m", "multiplex.sshd.clone_probe"]
    words += ["-a", json.dumps(options)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout.partition("=> ")[2])


def show(result):
    """Print what the probe found in its own words, and return it."""
    print(f"    {result['msg']}")
    return result


def play(sshd, *options):
    """Run the role against ``sshd`` for all to see; return the counters of Ansible's recap."""
    words = ["ansible-playbook", "-i", sshd.path("inventory"), sshd.path("play.yml"), *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        lines = [print(f"    {line}", end="") or line for line in run.stdout if line.strip()]
    if run.returncode:
        sys.exit("error: the role failed; see above")
    return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", lines[-1])}


def expect(found, **wanted):
    """End the demonstration unless it shows what it says."""
    wrong = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
    if wrong:
        sys.exit(f"error: expected {wanted}, found {wrong}")


def say(words):
    """Print ``words`` for a person."""
    print(f"\n==> {words}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("ANSIBLE_FORCE_COLOR", "1" if sys.stdout.isatty() else "0")
    sys.exit(main())
