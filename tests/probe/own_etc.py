# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An sshd with PAM and an /etc of its own: accounts and PAM rules that this machine never sees; needs root."""

import os
import pathlib
import subprocess

import pytest
from throwaway_sshd import ThrowawaySshd

# /var/log too: sshd notes there who logged in.
ENTER = 'mount --bind "$1" /etc; mount -t tmpfs tmpfs /var/log; shift; exec "$@"'
USER = "muxuser"


def needed():
    """Skip the test where nobody may have an /etc of his own."""
    if os.geteuid() != 0:
        pytest.skip("other accounts, and an /etc of their own, need root")
    words = ["unshare", "--mount", "mount", "--bind", "/etc", "/etc"]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("unshare --mount is refused here")


class OwnEtcSshd(ThrowawaySshd):
    """Serves USER by key. ``etc`` maps names below its /etc to text that is put before what is there."""

    def __init__(self, body="", etc=None, shell="/bin/sh", shadow="*:19000:0:99999:7:::", first="UsePAM yes\n"):
        super().__init__(body, first=first)
        os.chmod(self.directory, 0o711)  # noqa: S103 (sshd reads authorized_keys as the user who logs in)
        self.user = USER
        self.etc = self.path("etc")
        self.within = ("unshare", "--mount", "sh", "-ec", ENTER, "sh", self.etc)
        # Another test's useradd may take its lock away before it is copied: not all of it has to be there.
        subprocess.run(["cp", "-a", "/etc", self.etc], check=False, stderr=subprocess.DEVNULL)
        uid = self.port  # nobody else's meanwhile, so that nobody else's processes count
        account = {
            "passwd": f"{USER}:x:{uid}:{uid}::/:{shell}\n",
            "group": f"{USER}:x:{uid}:\n",
            "shadow": f"{USER}:{shadow}\n",
        }
        for name, text in [*account.items(), *(etc or {}).items()]:
            path = pathlib.Path(self.etc, name)
            path.write_text(text + (path.read_text() if path.exists() else ""))
