# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration as sshd reads it: which directives stand where, across the main file and its Includes.

It locates and explains. What is valid and what wins is sshd's to say.
"""

import os
import re
from collections import OrderedDict, namedtuple

from ansible_collections.multiplex.sshd.plugins.module_utils import _syntax
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error, LineError
from ansible_collections.multiplex.sshd.plugins.module_utils._sessions import DEFAULT

DEEPEST = 16  # SERVCONF_MAX_DEPTH in servconf.c
DIRECTORY = "/etc/ssh"  # SSHDIR: what a relative Include means, wherever the main file is

# match: the Match criteria around the line, outermost first, () where it is global.
Directive = namedtuple("Directive", "path line keyword arguments match")
# files: path -> text, each once. includes: (path, line) -> the paths that the Include there reads, in order.
Tree = namedtuple("Tree", "main files directives includes")


def read(main, files):
    """Return the Tree that starts at path ``main``.

    ``files.text(path)`` gives a file's text and ``files.expand(pattern)`` the paths that an Include's argument names.
    """
    tree = Tree(main, OrderedDict(), [], {})
    _read(tree, files, main, (), 0)
    return tree


def _read(tree, files, path, around, depth):
    if path not in tree.files:
        tree.files[path] = files.text(path)
    match = around
    for number, text in enumerate(_syntax.lines(tree.files[path]), 1):
        if "\0" in text:
            raise LineError(path, number, "a NUL byte, behind which sshd misses the next line: remove it")
        keyword, arguments = _syntax.parse(text) or ("", [])
        if keyword == "match":
            match = around + (" ".join(arguments),)
        if keyword in ("match", "maxsessions", "port"):
            tree.directives.append(Directive(path, number, keyword, arguments, match))
        elif keyword == "include":
            tree.directives.append(Directive(path, number, keyword, arguments, match))
            found = [item for word in arguments for item in files.expand(os.path.join(DIRECTORY, word))]
            tree.includes[path, number] = found
            if found and depth == DEEPEST:
                raise LineError(path, number, "Include nested more than %d deep: does it include itself?" % DEEPEST)
            for item in found:
                _read(tree, files, item, match, depth + 1)


def limits(tree):
    """Return the MaxSessions directives in reading order."""
    return [one for one in tree.directives if one.keyword == "maxsessions"]


def globals_of(tree):
    """Return the MaxSessions directives outside every Match, of which sshd takes the first."""
    return [one for one in limits(tree) if not one.match]


def value(directive):
    """Return a MaxSessions directive's number, or None where sshd takes it for none."""
    # Up to 8.6 a comment may touch the number; later sshd refuses the line, and so the whole file.
    text = directive.arguments[0].partition("#")[0] if directive.arguments else ""
    return int(text) if re.match(r"[ \t]*[+]?[0-9]+\Z", text) else None


def always(directive):
    """Say whether every connection is under the directive's Match blocks; a global one stands in none."""
    return all(criteria.lower() == "all" for criteria in directive.match)


def winner(tree, effective):
    """Return the directive that gives the ``effective`` MaxSessions, None where it is sshd's default.

    Where several Match blocks could have given it, the first in reading order is named. Raises Error where no line
    gives it: then sshd reads something that is not read here.
    """
    found = limits(tree)
    forced = [one for one in found if one.match and always(one)]
    plain = globals_of(tree)
    some = [one for one in found if one.match and not always(one)]
    for one in forced[:1] + plain[:1] + some:
        if value(one) == effective:
            return one
    if effective == DEFAULT and not plain and not forced:
        return None
    raise Error(
        "sshd says MaxSessions %d of %s, but no line that was found there sets it. "
        "Is its configuration directory another than %s?" % (effective, tree.main, DIRECTORY)
    )


def where(directive):
    """Return ``PATH:LINE`` of a directive, None of None."""
    return directive and "%s:%d" % (directive.path, directive.line)
