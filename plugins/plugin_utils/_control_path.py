# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A place for a control socket, whose path is short enough for every system."""

import os
import secrets
import tempfile

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error

# sun_path has 104 bytes where it is shortest; ssh binds a name that is 17 longer and then links it into place.
LONGEST = 103 - 17


def new_directory():
    """Return a name for a directory that is to hold the control socket ``s``; raise Error.

    ssh(1) would expand ``${NAME}`` in the socket's path.
    """
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 (the keeper makes it anew, 0700)
        name = os.path.join(base, "clone-" + secrets.token_hex(6))
        fits = len(os.fsencode(name + "/s")) <= LONGEST and "${" not in name
        if fits and os.access(base, os.W_OK | os.X_OK):
            return name
    raise Error("No temporary directory has a path short enough for a control socket: set TMPDIR to a shorter one.")
