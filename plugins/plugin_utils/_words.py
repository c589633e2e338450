# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ssh and the server behind it say, fit for a message: one printable line, bounded, and without a secret."""

import re

KEPT = 1 << 16  # bytes; the decisive words come last
LONGEST = 600  # characters
HIDDEN = "********"

# What sshd says in place of its greeting is only in ssh's debug lines. _client's LogVerbose asks for these, and has their
# function's other lines say where they are in ssh's source.
BEFORE_THE_GREETING = re.compile(r"debug\d: .*banner line \d+: (.*)")
PLACE = re.compile(r"\S+\.c:(\w+)\(\):\d+ \(.*?\): ")
# What ssh also says when all is well.
USUAL = re.compile(r"debug\d: |Warning: Permanently added |\*\* |@+$")


class Words:
    """Takes in output piece by piece, and none of ``secrets`` (texts) comes out of it."""

    def __init__(self, secrets=()):
        self.secrets = secrets
        self.said = b""
        self.cut = False

    def feed(self, data):
        """Take in ``data``; of much only the end is kept."""
        self.said += data
        if len(self.said) > KEPT:
            self.said = self.said[-KEPT:]
            self.cut = True

    def line(self):
        """Return what was said, its lines joined with semicolons."""
        text = self.said.decode("utf-8", "replace")
        if self.cut:  # half a line may begin with half a secret
            text = text.partition("\n")[2]
        return end(hidden(one_line(map(_telling, hidden(text, self.secrets).splitlines())), self.secrets), LONGEST)


def hidden(text, secrets):
    """Return ``text`` without any of ``secrets``, as they are and as ssh or we would show them."""
    # ssh shows what is not printable ASCII, and a backslash, as C would; we drop it.
    forms = {form for secret in secrets for form in (secret, _escaped(secret), printable(secret)) if form}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def one_line(lines):
    """Return ``lines`` as one, without the empty ones."""
    return "; ".join(line for line in map(printable, lines) if line)


def end(text, longest):
    """Return ``text``, or its last ``longest`` characters."""
    return text if len(text) <= longest else "… " + text[-longest:]


def printable(text):
    """Return ``text`` on one line without what a terminal would obey."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _telling(line):
    early = BEFORE_THE_GREETING.match(line)
    if early:
        return early.group(1)
    return "" if USUAL.match(line) else PLACE.sub(r"\1: ", line)


def _escaped(secret):
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else "\\\\" if byte == 0x5C else f"\\{byte:03o}"
        for byte in secret.encode()
    )
