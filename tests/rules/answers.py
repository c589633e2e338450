# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd says of a host's configuration, apart from what the module says."""

import subprocess

from throwaway_sshd import SSHD


def said(host, user, *options, keyword="maxsessions"):
    """Return what sshd says of ``keyword`` for ``user``; ``options`` are those that it is started with."""
    spec = f"user={user},host=h,addr=192.0.2.9,laddr=192.0.2.2,lport={host.port}"
    words = [SSHD, "-T", "-f", host.config, "-C", spec, *options]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    (value,) = (line.split()[1] for line in lines if line.lower().startswith(keyword + " "))
    return int(value) if value.isdigit() else value
