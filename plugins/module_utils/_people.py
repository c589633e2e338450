# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of this host."""

import grp
import os
import pwd

from ansible_collections.multiplex.sshd.plugins.module_utils._criteria import like, listed


def of_groups(patterns):
    """Return the names of users whose groups a Match Group's pattern-list means: one of them, and none negated."""
    groups = {one.gr_gid: one for one in grp.getgrall() if listed(one.gr_name, patterns, like)}
    for name in patterns:
        # A directory service may know a group that it doesn't list.
        try:
            groups.setdefault(grp.getgrnam(name).gr_gid, grp.getgrnam(name))
        except KeyError:
            continue
    names = [name for group in groups.values() for name in group.gr_mem]
    names += [one.pw_name for one in pwd.getpwall() if one.pw_gid in groups]
    return [name for name in dict.fromkeys(names) if _meets(name, patterns)]


def _meets(user, patterns):
    try:
        gids = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
        names = [grp.getgrgid(gid).gr_name for gid in gids]
    except KeyError:
        return False
    refused = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return not any(like(name, pattern) for name in names for pattern in refused)
