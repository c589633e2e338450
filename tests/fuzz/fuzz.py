# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let atheris look for octets that break a target, and keep the few that reach all that was reached.

    script/test fuzz-for SECONDS [TARGET ...]

What is kept is in corpus/TARGET.txt, one input a line in base64; test_corpus.py gives all of them to the targets.
What breaks one is .cache/broke-*.
"""

import base64
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def packed(target):
    """Return the path of the target's corpus."""
    return os.path.join(HERE, "corpus", f"{target}.txt")


def corpus(target):
    """Return the inputs that are kept for ``target``."""
    if not os.path.exists(packed(target)):
        return []
    with open(packed(target)) as file:
        return [base64.b64decode(line) for line in file]


def telling(target, inputs):
    """Return those of ``inputs`` that together reach every step from line to line that all of them reach."""
    from targets import TARGETS  # noqa: PLC0415 - atheris's own process imports it otherwise

    kept, known = [], set()
    for octets in sorted(inputs, key=lambda one: (len(one), one)):
        steps = set()
        sys.settrace(_tracer(steps))
        try:
            TARGETS[target](octets)
        finally:
            sys.settrace(None)
        if steps - known:
            known |= steps
            kept.append(octets)
    return kept


def _tracer(steps):
    def trace(frame, event, _argument):
        if "/plugins/" not in frame.f_code.co_filename:
            return None
        here = (frame.f_code.co_filename, frame.f_lineno)
        steps.add((event, before.get(frame), here))
        before[frame] = here
        if event == "return":
            del before[frame]
        return trace

    before = {}
    return trace


def fuzzed(target, seconds):
    """Return the inputs that atheris has, after ``seconds``, found to reach something new in ``target``."""
    with tempfile.TemporaryDirectory() as directory:
        for number, octets in enumerate(corpus(target)):
            with open(os.path.join(directory, str(number)), "wb") as file:
                file.write(octets)
        limits = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=1500", "-max_len=4096", "-print_final_stats=1"]
        more = [
            f"-dict={os.path.join(HERE, 'words.dict')}",
            f"-artifact_prefix={os.path.join(HERE, '..', '..', '.cache', 'broke-')}",
        ]
        subprocess.run([sys.executable, os.path.join(HERE, "target.py"), target, directory, *limits, *more], check=True)
        inputs = []
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), "rb") as file:
                inputs.append(file.read())
        return inputs


def main():
    """Fuzz, and keep what tells."""
    seconds, targets = sys.argv[1], sys.argv[2:]
    for target in targets or ("reader", "criteria", "channels", "control_socket"):
        print(f"==> {target}: {seconds} seconds", flush=True)
        inputs = telling(target, fuzzed(target, seconds))
        os.makedirs(os.path.dirname(packed(target)), exist_ok=True)
        with open(packed(target), "w") as file:
            for octets in inputs:
                print(base64.b64encode(octets).decode(), file=file)
        print(f"==> {target}: {len(inputs)} inputs are kept", flush=True)


if __name__ == "__main__":
    main()
