# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs on a file beside its text: owner, mode, ACL, SELinux label and other extended attributes."""

import os
import stat
from typing import Optional

ACL = "system.posix_acl_access"


def copy_metadata(descriptor: int, path: Optional[str], model: str) -> None:
    """Give the open file all that hangs on ``path``; without one, owner and mode of ``model``. Raises OSError."""
    wanted = os.stat(path or model)
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    if path and ACL in os.listxattr(descriptor) and ACL not in os.listxattr(path):
        # The directory's default ACL came with the new file.
        os.removexattr(descriptor, ACL)
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))
    for name in os.listxattr(path) if path else ():
        value = os.getxattr(path, name)
        if name not in os.listxattr(descriptor) or os.getxattr(descriptor, name) != value:
            os.setxattr(descriptor, name, value)
