# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lines of a configuration are made of: each that some sshd accepts, and many that none does."""

from world import Context

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
    "Invalid-User", "Version OpenSSH_*", "", "User", "User alice all", "all User bob", "Bogus x", "Address 10.0.0.0/33",
    "Address 10.1.2.3/8", "LocalPort abc",
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
    "MaxSessions 2147483648", "MaxSessions 5abc", "MaxSessions 0x10", 'MaxSessions ""', "MaxSessions == 5",
    "Include", "Match", "MaxSessions\xa05", "\ufeffMaxSessions 5", "# a NUL \0 here", "MaxSessions 5\0", "MaxSessions 5\\",
    "\fMaxSessions 5", "\0", "MaxSessions 5\rX11Forwarding no", "UsePAM no", "MaxSessions 4294967297",
    "MaxSessions 9999999999999999999", "MaxSessions 1.5",
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
    '"{0}/*.conf"', '"{0}/sp ace.conf"', "{0}/\\b.conf", "{0}/\\\\b.conf", "{0}/[a].conf", "{0}/\\[a\\].conf", "{0}",
    "{0}/.*", "{0}/[a-", "{0}/*/a.conf", "~/*.conf", "{0}/linked/*.conf", "/dev/null", "{0}/.hidden.conf", "./{1}/*.conf",
    "{0}/**", "{0}/[]a].conf", "{0}/*.conf {0}/x.txt", "{0}/*.conf,{0}/x.txt", "{0}/a.conf # why", "*.d/*.conf",
    "{0}/[B-a]*.conf", "'{0}/*.conf'", "/etc/ssh/*/a.conf", "$HOME/*.conf", "{0}/é.conf",
)  # fmt: skip
