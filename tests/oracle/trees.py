# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random configurations, each a tree of files that sshd accepts or not; the same seed gives the same tree."""

import os
import random

# What a Match line may say here, and whom it is about: contexts are dictionaries of what `sshd -C` takes.
CRITERIA = {
    "all": lambda context: True,
    "User alice": lambda context: context["user"] == "alice",
    "user bob,alice": lambda context: context["user"] in ("alice", "bob"),
    "User *,!root": lambda context: context["user"] != "root",
    "Address 10.0.0.0/8": lambda context: context["addr"].startswith("10."),
    "LocalPort 2222": lambda context: context["lport"] == "2222",
    "User=alice Address=10.*": lambda context: context["user"] == "alice" and context["addr"].startswith("10."),
    "Host *.example.com": lambda context: context["host"].endswith(".example.com"),
}
SPELLINGS = (
    "MaxSessions {}", "maxsessions {}", "MAXSESSIONS\t{}", "MaxSessions={}", "MaxSessions = {}", "MaxSessions= {}",
    '"MaxSessions" {}', 'MaxSessions "{}"', "  MaxSessions {}", "\tMaxSessions   {}  ", "MaxSessions {}\r",
    "MaxSessions +{}", "MaxSessions 0{}", "MaxSessions {}\f", "MaxSessions {} # so many",
)  # fmt: skip
OTHERS = (
    "", "# MaxSessions 99", "#MaxSessions 98", "X11Forwarding no", "\t# é \xa0 comment", "PermitTTY yes", "Banner none",
    "# Include /nowhere", "# Match all", "AllowTcpForwarding=yes", "#" + "x" * 3000,
)  # fmt: skip
WRONG = ("MaxSessions", "MaxSessions abc", "MaxSessions -1", "MaxSessions 1 2", "Bogus yes", 'MaxSessions "4')


class Tree:
    """One random configuration below ``directory``; ``main`` is its main file."""

    def __init__(self, seed, directory, fixed):
        self.random = random.Random(seed)
        self.directory = directory
        self.number = 100  # no value stands twice, so that a value names its line
        self.files = 0
        self.main = os.path.join(directory, "sshd_config")
        self.write(self.main, fixed + self.text(0))

    def text(self, depth):
        """Return the text of one file: some lines, perhaps an Include, perhaps a Match and lines under it."""
        lines = []
        for _line in range(self.random.randint(0, 7)):
            kind = self.random.random()
            if kind < 0.3:
                lines.append(self.limit())
            elif kind < 0.55:
                lines.append(self.random.choice(OTHERS))
            elif kind < 0.75:
                lines.append(self.random.choice(("Match {}", "  match {}", "Match\t{}")).format(self.criteria()))
            elif depth < 3:
                lines.append(self.include(depth + 1))
        if self.random.random() < 0.02:
            lines.insert(self.random.randint(0, len(lines)), self.random.choice(WRONG))
        return "\n".join(lines) + self.random.choice(("\n", "\n", ""))

    def limit(self):
        self.number += 1
        return self.random.choice(SPELLINGS).format(self.number)

    def criteria(self):
        return self.random.choice(list(CRITERIA))

    def include(self, depth):
        """Return an Include of a file, of a directory's pattern, or of nothing, having written what it reads."""
        directory = os.path.join(self.directory, f"d{self.files}")
        os.mkdir(directory)
        self.files += 1
        names = self.random.sample(("00-a.conf", "10-b.conf", "9.conf", "B.conf", "a.conf", ".hidden.conf", "x.txt"), 3)
        for name in names:
            self.write(os.path.join(directory, name), self.text(depth))
        os.mkdir(os.path.join(directory, "dir.conf"))
        arguments = self.random.choice(
            ("{d}/*.conf", "{d}/*", "{d}/[0-9]*.conf", "{d}/{n}", "{d}/missing.conf", "{d}/{n} {d}/*.txt", '"{d}/*.conf"')
        )
        return f"{self.random.choice(('Include', 'include'))} {arguments.format(d=directory, n=names[0])}"

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="latin-1", newline="") as file:
            file.write(text)
