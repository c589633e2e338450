# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of an ssh(1) that is a multiplexing master of its own and asks for no session itself."""

import getopt
import math
import os
import shlex

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

FLAGS = "1246AaB:b:Cc:D:E:e:F:fGgI:i:J:Kkl:L:Mm:NnO:o:P:p:Q:qR:S:sTtVvW:w:XxYy"

# A master of our own that says what we ask it to: these would make it another's, background it, forward or run things.
OURS = frozenset("-" + flag for flag in "DEefGLMNnOQqRSsTtVvWw")

# As ssh(1) itself has it from 9.6 on: what a shell could take for more than a name, in a ProxyCommand's %h and %r.
UNSAFE = "'`\";&<>|(){}"

TODO = "Correct ssh_args or ansible_ssh_..._args."

# As Ansible's ssh connection plugin has it when no password is given.
WITHOUT_PASSWORD = [
    "-o",
    "KbdInteractiveAuthentication=no",
    "-o",
    "PreferredAuthentications=gssapi-with-mic,gssapi-keyex,hostbased,publickey",
    "-o",
    "PasswordAuthentication=no",
]


def host_name(text):
    """Return ``text`` if it can be given to ssh as a host; raise Error."""
    host = str(text or "").strip()
    if not host:
        raise Error("There is no host to connect to: give the option host, or ansible_host in the inventory.")
    _no_more_than_a_name("host", host, UNSAFE + "$\\ ")
    return host


def _no_more_than_a_name(what, text, unsafe):
    if text.startswith("-") or any(c in unsafe or not c.isprintable() for c in text):
        raise Error(f"{what} {text!r} is not one that ssh can be given safely: correct it in the task or inventory.")


def split(text):
    """Split arguments written on one line as a shell would; raise Error."""
    try:
        return shlex.split(text or "")
    except ValueError as error:
        raise Error(f"These ssh arguments don't parse ({error}): {text}. {TODO}") from error


def settings(port=None, user=None, private_key_file=None):
    """Return ssh arguments for those that are given; raise Error."""
    args = []
    if port is not None:
        args += ["-o", f"Port={int(port)}"]
    if private_key_file:
        args += ["-o", f'IdentityFile="{os.path.expanduser(private_key_file)}"']
    if user:
        _no_more_than_a_name("user", user, UNSAFE)
        args += ["-o", f'User="{user}"']
    return args


def without_ours(args):
    """Return ``args`` without what the master decides for itself; raise Error when they are more than options."""
    try:
        flags, rest = getopt.getopt(list(args), FLAGS)
    except getopt.GetoptError as error:
        raise Error(f"ssh has no such argument: {error.msg}. {TODO}") from error
    if rest:
        raise Error(f"ssh arguments must all be options, and {rest[0]!r} is none. {TODO}")
    return [word for flag, value in flags if flag not in OURS for word in (flag, value) if word]


class Target:
    """A server and how to reach it: ``args`` are ssh(1)'s options, ``timeout`` is in seconds.

    ``answers`` are pairs of a part of what ssh asks and the secret that answers it; nothing else may see them.
    """

    def __init__(self, host, args=(), timeout=10, executable="ssh", answers=()):
        self.host = host
        self.args = without_ours(args)
        self.timeout = timeout
        self.executable = executable
        self.answers = answers

    def master(self, control_path):
        """Return the argument list of a master for this target.

        ssh takes the first value of a keyword, so what must hold stands before ``args``. IgnoreUnknown comes first of
        all: older clients don't know each of these keywords. INFO is the level at which ssh passes on what the server
        says, LogVerbose (OpenSSH 8.5) adds what it says in place of its greeting. LocalCommand reports once the control
        socket listens.
        """
        keywords = [
            "IgnoreUnknown=*",
            "ControlMaster=yes",
            "ControlPersist=no",
            "ClearAllForwardings=yes",
            "ForkAfterAuthentication=no",
            "RemoteCommand=none",
            "Tunnel=no",
            "LogLevel=INFO",
            "LogVerbose=*:kex_exchange_identification():*",
            "NumberOfPasswordPrompts=1",
            f"BatchMode={'no' if self.answers else 'yes'}",
            "PermitLocalCommand=yes",
            "LocalCommand=printf 'open %%s %%s %%s\\n' '%h' '%p' '%r'",
        ]
        words = [self.executable, "-N", "-S", control_path.replace("%", "%%")]
        for keyword in keywords:
            words += ["-o", keyword]
        return [*words, *self.args, "-o", f"ConnectTimeout={max(1, math.ceil(self.timeout))}", self.host]
