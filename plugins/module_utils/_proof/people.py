# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of this host and their groups."""

import contextlib
import grp
import os
import pwd
from typing import Dict, Iterable, List


def groups_of_users(users: Iterable[str], groups: Iterable[str]) -> Dict[str, List[str]]:
    """Return ``{user: the names of its groups}`` of all whom the host lists, of ``users``, and of ``groups``' members.

    A directory service may know a user or a group that it doesn't list.
    """
    listed = {one.gr_name: one for one in grp.getgrall()}
    names: Dict[int, str] = {}
    for one in listed.values():
        names.setdefault(one.gr_gid, one.gr_name)
    found = {one.pw_name: [names[one.pw_gid]] if one.pw_gid in names else [] for one in pwd.getpwall()}
    for one in listed.values():
        for user in one.gr_mem:
            if user in found:
                found[user].append(names[one.gr_gid])
    unlisted = [user for user in users if user not in found]
    for name in groups:
        with contextlib.suppress(KeyError):
            if name not in listed:
                unlisted += grp.getgrnam(name).gr_mem
    for user in dict.fromkeys(unlisted):
        with contextlib.suppress(KeyError):
            gids = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
            found[user] = [names.get(gid) or grp.getgrgid(gid).gr_name for gid in gids]
    return found
