# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of this host."""

import grp
import os
import pwd
from typing import List, Sequence

from .._config.criteria import match_pattern, match_pattern_list


def users_in_groups(patterns: Sequence[str]) -> List[str]:
    """Return the names of users whose groups a Match Group's pattern-list means: one of them, and none negated."""
    groups = {one.gr_gid: one for one in grp.getgrall() if match_pattern_list(one.gr_name, patterns, match_pattern)}
    for name in patterns:
        # A directory service may know a group that it doesn't list.
        try:
            groups.setdefault(grp.getgrnam(name).gr_gid, grp.getgrnam(name))
        except KeyError:
            continue
    names = [name for group in groups.values() for name in group.gr_mem]
    names += [one.pw_name for one in pwd.getpwall() if one.pw_gid in groups]
    return [name for name in dict.fromkeys(names) if not _in_negated_group(name, patterns)]


def _in_negated_group(user: str, patterns: Sequence[str]) -> bool:
    try:
        gids = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
        names = [grp.getgrgid(gid).gr_name for gid in gids]
    except KeyError:
        return True
    negated = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(match_pattern(name, pattern) for name in names for pattern in negated)
