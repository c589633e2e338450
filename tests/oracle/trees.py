# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for configurations: trees of files that sshd accepts or not, and the criteria that are in them."""

from collections import namedtuple

from hypothesis import strategies as st
from world import Context

MAIN = "/etc/ssh/sshd_config"
# Each may include those behind it, so that what is read stays finite; what includes itself is a line of its own kind.
DIRECTORIES = ("/etc/ssh/sshd_config.d", "/etc/ssh/more.d", "/srv/x.d")

# entries: {path: ("file", octets, mode) | ("link", target) | ("directory",) | ("fifo",) | ("socket",)}
# criteria: those of its Match lines. ports: those of its Port lines.
Tree = namedtuple("Tree", "entries criteria ports")

Limit = namedtuple("Limit", "spelling number")  # number: None for one that no other line has
Match = namedtuple("Match", "spelling criteria")
Include = namedtuple("Include", "spelling patterns")
Text = namedtuple("Text", "lines ending")

# Match criteria, and connections that they tell apart.
CRITERIA = {
    "User alice": [Context("alice")],
    "all": [],
    "Group dba": [Context("bob"), Context("carol")],
    "user bob,alice": [Context("bob")],
    "User *,!root": [Context("root")],
    "User=alice": [Context("alice")],
    'User "alice"': [Context("alice")],
    "User a*": [Context("alice")],
    "User ?ob,dave": [Context("dave")],
    "User !alice,*": [Context("alice")],
    "User nobody": [Context("nobody")],
    "Group dba,staff": [Context("alice")],
    "Group *,!dba": [Context("bob"), Context("alice")],
    "Group void": [],
    "Group st*f": [Context("alice")],
    "Address 10.0.0.0/8": [Context("nobody", addr="10.1.2.3"), Context("alice", addr="10.1.2.3")],
    "Address 10.*": [Context("bob", addr="10.1.2.3")],
    "Address !10.1.2.3,10.0.0.0/8": [Context("nobody", addr="10.1.2.3"), Context("nobody", addr="10.9.9.9")],
    "Address 2001:db8::/32": [Context("nobody", addr="2001:db8::5", laddr="2001:db8::6")],
    "Address *": [Context("nobody", addr="2001:db8::5", laddr="2001:db8::6")],
    "LocalPort 2222": [Context("nobody", lport="2222"), Context("bob", lport="2222")],
    "LocalPort 22": [Context("nobody", lport="2222")],
    "LocalAddress 192.0.2.2": [Context("nobody", laddr="10.0.0.1")],
    "Host *.example.com": [Context("nobody", host="w.example.com"), Context("alice", host="w.example.com")],
    "Host !*.example.com,*": [Context("nobody", host="w.example.com")],
    "User alice Address 10.0.0.0/8": [Context("alice", addr="10.1.2.3"), Context("alice")],
    "Group dba LocalPort 2222": [Context("bob", lport="2222")],
    "user=alice group=staff": [Context("alice")],
    "User alice Address=10.0.0.0/8 Host *": [Context("alice", addr="10.1.2.3")],
    "RDomain *": [],
}
# sshd rejects them, all or some versions.
NO_CRITERIA = (
    "Invalid-User", "Version OpenSSH_*", "", "User", "User alice all", "all User bob", "Bogus x", "Address 10.0.0.0/33", "Address 10.1.2.3/8", "LocalPort abc",
    'User "alice', "final", "exec true", "!User alice", "User alice # why", "Address 10.0.0.0/255.0.0.0",
)  # fmt: skip

SPELLINGS = (
    "MaxSessions {}", "maxsessions {}", "MAXSESSIONS\t{}", "MaxSessions={}", "MaxSessions = {}", "MaxSessions= {}",
    '"MaxSessions" {}', 'MaxSessions "{}"', "  MaxSessions {}", "\tMaxSessions   {}  ", "MaxSessions {}\r",
    "MaxSessions +{}", "MaxSessions 0{}", "MaxSessions {}\f", "MaxSessions {} # so many", "=MaxSessions {}",
    '"" MaxSessions {}', "MaxSessions '{}'", "MaxSessions {}#", 'MaxSessions "{}" # x', "MaxSessions \t {}\t\r",
    '"MaxSessions"={}', "MaxSessions 000000000000{}", "MaxSessions \\{}", "MaxSessions {}\v",
)  # fmt: skip
OTHERS = (
    "", "# MaxSessions 99", "#MaxSessions 98", "X11Forwarding no", "\t# é \xa0 comment", "PermitTTY yes", "Banner none",
    "# Include /nowhere", "# Match all", "AllowTcpForwarding=yes", "#" + "x" * 5000, "   ", "\f", "\r", "# \xff\xfe",
    "PermitRootLogin no", "AcceptEnv LANG LC_*", "Banner /etc/issue\f", "AllowUsers *", "\t\tX11Forwarding\tno\t",
)  # fmt: skip
# Rejected, or no longer what they seem, by all or some versions.
WRONG = (
    "MaxSessions", "MaxSessions abc", "MaxSessions -1", "MaxSessions 1 2", "Bogus yes", 'MaxSessions "4', "MaxSessions -0",
    "MaxSessions 2147483648", "MaxSessions 5abc", "MaxSessions 0x10", 'MaxSessions ""', "MaxSessions == 5", "\fMaxSessions 5",
    "MaxSessions\xa05", "\ufeffMaxSessions 5", "# a NUL \0 here", "MaxSessions 5\0", "MaxSessions 5\\", "MaxSessions 5\rX11Forwarding no",
    "Port 22", "UsePAM no", "MaxSessions 4294967297", "MaxSessions 99999999999999999999", "MaxSessions 1.5", "\0", "Include", "Match",
    "MaxSessions " + "0" * 1000 + "7", "MaxSessions =", "MaxSessions ' 7'", "MaxSessions \u0663",
)  # fmt: skip
OURS = (
    "# BEGIN multiplex.sshd.max_sessions\nMaxSessions {0}\n# END multiplex.sshd.max_sessions",
    "# BEGIN multiplex.sshd.max_sessions\n# END multiplex.sshd.max_sessions",
    "# BEGIN multiplex.sshd.max_sessions\nMaxSessions {0}",
    "MaxSessions {0}\n# END multiplex.sshd.max_sessions",
    "# BEGIN multiplex.sshd.max_sessions  \nMatch User bob\n    MaxSessions {0}\n# END multiplex.sshd.max_sessions\t",
    "# BEGIN multiplex.sshd.max_sessions\n# BEGIN multiplex.sshd.max_sessions\n# END multiplex.sshd.max_sessions",
    "# begin multiplex.sshd.max_sessions\n# end multiplex.sshd.max_sessions",
)
NAMES = ("a.conf", "00-a.conf", "10-b.conf", "9.conf", "B.conf", ".hidden.conf", "x.txt", "^a.conf", "sp ace.conf",
         "\\b.conf", "[a].conf", "é.conf", "*.conf", "0-multiplex.conf", "~.conf")  # fmt: skip
# {0} is a directory, {1} the name that it has below /etc/ssh, if it is there.
PATTERNS = (
    "{0}/*.conf", "{1}/*.conf", "{0}/a.conf", "{0}/*", "{0}/[0-9]*.conf", "/{0}/*.conf", "{0}//*.conf", "{0}/../{2}/*.conf",
    "{0}/missing.conf", "{0}/[!a]*.conf", "{0}/[^a]*.conf", "{0}/[[:digit:]]*.conf", "{0}/?.conf", "{0}/{{a,B}}.conf",
    '"{0}/*.conf"', '"{0}/sp ace.conf"', "{0}/\\b.conf", "{0}/\\\\b.conf", "{0}/[a].conf", "{0}/\\[a\\].conf", "{0}", "{0}/.*",
    "{0}/[a-", "{0}/*/a.conf", "~/*.conf", "{0}/linked/*.conf", "/dev/null", "{0}/.hidden.conf", "./{1}/*.conf", "{0}/**",
    "{0}/[]a].conf", "{0}/*.conf {0}/x.txt", "{0}/*.conf,{0}/x.txt", "{0}/a.conf # why", "*.d/*.conf", "{0}/[B-a]*.conf",
    "'{0}/*.conf'", "/etc/ssh/*/a.conf", "$HOME/*.conf", "{0}/é.conf",
)  # fmt: skip


@st.composite
def numbers(draw):
    """None stands for a number that no other line of the tree has, so that a value names its line."""
    return draw(st.sampled_from((None, None, None, 10, 4, 1, 0, 64, 2147483647)))


def mostly(first, others):
    """Return a strategy for elements of the sequence ``first``, and now and then of ``others``."""
    return st.integers(0, 24).flatmap(lambda chance: st.sampled_from(others if chance == 24 else first))


limits = st.builds(Limit, st.one_of(st.just(SPELLINGS[0]), st.sampled_from(SPELLINGS)), numbers())
matches = st.builds(Match, st.sampled_from(("Match {}", "  match\t{} ", '"Match" {}')), mostly(tuple(CRITERIA), NO_CRITERIA))


def includes(level):
    """Return a strategy for an Include in a file of ``level``: 0 is the main file."""
    spelling = st.sampled_from(("Include {}", "include\t{}", "Include={}"))
    pattern = st.tuples(st.one_of(st.sampled_from(PATTERNS[:6]), st.sampled_from(PATTERNS)), st.integers(level, 2))
    return st.builds(Include, spelling, st.lists(pattern, min_size=1, max_size=2))


def texts(level, most=6):
    """Return a strategy for the Text of a file of ``level``."""
    kinds = [limits, limits, st.sampled_from(OTHERS), matches]
    kinds += [includes(level)] if level < len(DIRECTORIES) else []
    line = st.one_of(kinds)
    rare = st.one_of(st.sampled_from(WRONG), st.sampled_from(OURS))
    seldom = st.integers(0, 19).flatmap(lambda chance: rare if chance == 19 else line)
    return st.builds(Text, st.lists(seldom, max_size=most), st.sampled_from(("\n", "", "\r\n", "\n\n")))


@st.composite
def trees(draw):
    """Return a strategy for Trees."""
    files = {MAIN: draw(texts(0, 8))}
    entries = {}
    for level, directory in enumerate(DIRECTORIES, 1):
        if draw(st.booleans()):
            names = st.one_of(st.sampled_from(NAMES[:5]), st.sampled_from(NAMES))
            for name in draw(st.lists(names, max_size=3, unique=True)):
                files[f"{directory}/{name}"] = draw(texts(level, 4))
            entries[directory] = ("directory",)
    _oddities(draw, files, entries)
    rendered = _Rendered(files)
    entries.update({path: ("file", text, 0o644) for path, text in rendered.texts.items()})
    if draw(st.integers(0, 9)) == 9:
        entries[MAIN] = (*entries[MAIN][:2], draw(st.sampled_from((0o600, 0o640, 0o666))))
    return Tree(entries, rendered.criteria, rendered.ports)


def _oddities(draw, files, entries):
    """Add what is no plain file, or nested as deep as sshd goes, to some trees."""
    one = draw(st.integers(0, 38))
    directory = draw(st.sampled_from(DIRECTORIES)) if one >= 24 else None
    if one == 24:
        entries[f"{directory}/dangling.conf"] = ("link", "nowhere")
    elif one == 25:
        entries[f"{directory}/null.conf"] = ("link", "/dev/null")
    elif one == 26:
        entries[f"{directory}/directory.conf"] = ("directory",)
    elif one == 27:
        entries[f"{directory}/socket.conf"] = ("socket",)
    elif one == 28:
        entries[f"{directory}/loop.conf"] = ("link", "loop.conf")
    elif one == 29:
        entries["/srv/linked.d"] = ("link", "/etc/ssh/sshd_config.d")
        files[MAIN].lines.append(Include("Include {}", [("/srv/linked.d/*.conf", 0)]))
    elif one == 30:
        entries[f"{directory}/linked"] = ("link", "../more.d")
    elif one == 31:
        entries[f"{directory}/link.conf"] = ("link", "/srv/target")
        files["/srv/target"] = draw(texts(3, 3))
    elif one == 32:
        files[MAIN].lines.append(Include("Include {}", [(MAIN, 0)]))
    elif one in (33, 34):
        depth = draw(st.sampled_from((15, 16, 17)))
        for number in range(1, depth + 1):
            last = [Include("Include {}", [(f"/srv/chain/{number + 1}", 0)])] if number < depth else []
            files[f"/srv/chain/{number}"] = Text(last + draw(st.lists(limits, max_size=1)), "\n")
        files[MAIN].lines.insert(0, Include("Include {}", [("/srv/chain/1", 0)]))
    elif one == 35:
        files["/srv/elsewhere/sshd_config"] = files.pop(MAIN)
        entries[MAIN] = ("link", "/srv/elsewhere/sshd_config")
    elif one == 36:
        files[f"{directory}/empty.conf"] = Text([], "")
    elif one == 37:
        entries[f"{directory}/0-multiplex.conf"] = ("link", draw(st.sampled_from(("/dev/null", "a.conf", "/srv/own"))))
    elif one == 38:
        port = draw(st.sampled_from(("2222", "22")))
        files[MAIN].lines.insert(0, f"Port {port}")


class _Rendered:
    """The octets of each file: ``texts``, ``{path: octets}``; ``criteria`` and ``ports`` in them."""

    def __init__(self, files):
        self.number, self.criteria, self.ports = 100, [], []
        self.texts = {}
        for path, text in files.items():
            words = "\n".join(self.line(one) for one in text.lines) + (text.ending if text.lines else "")
            # These three are latin-1, and no UTF-8.
            self.texts[path] = b"".join(one.encode("latin-1" if one in "\xa0\xfe\xff" else "utf-8") for one in words)

    def line(self, one):
        if isinstance(one, Limit):
            return one.spelling.format(self._next() if one.number is None else one.number)
        if isinstance(one, Match):
            self.criteria.append(one.criteria)
            return one.spelling.format(one.criteria)
        if isinstance(one, Include):
            return one.spelling.format(" ".join(self._pattern(*pattern) for pattern in one.patterns))
        if one.startswith("Port "):
            self.ports.append(one[5:])
        if one in OURS:
            self.criteria += ["User bob"] * one.count("User bob")
            return one.format(self._next())
        return one

    def _next(self):
        self.number += 1
        return self.number

    @staticmethod
    def _pattern(pattern, level):
        directory = DIRECTORIES[min(level, 2)]
        name = directory.rpartition("/")[2]
        return pattern.format(directory, name if directory.startswith("/etc/ssh") else directory, name)
