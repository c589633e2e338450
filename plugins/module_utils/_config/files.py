# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a configuration is read from, as they are or as they would be."""

import fnmatch
import glob
import os
from typing import Dict, List, Mapping, Optional

from .._errors import reading


class Files:
    """The file system with ``edits`` made: path -> the text that it shall have, None where it shall be gone."""

    def __init__(self, edits: Optional[Mapping[str, Optional[str]]] = None) -> None:
        self.edits: Dict[str, Optional[str]] = dict(edits or {})

    def text(self, path: str) -> str:
        """Return the text of ``path``; bytes that are no UTF-8 come back the same from ``encode``. Raises Error."""
        edited = self.edits.get(path)
        if edited is not None:
            return edited
        with reading(path), open(path, "rb") as file:
            return decode(file.read())

    def expand(self, pattern: str) -> List[str]:
        """Return the paths that ``pattern`` names to sshd, sorted as glob(3) does in the C locale.

        A directory is none of them: sshd reads nothing from it.
        """
        pattern = pattern.replace("[^", "[!")
        paths = {path for path in glob.glob(pattern) if not os.path.isdir(path)}
        paths -= set(self.edits)
        paths |= {path for path, text in self.edits.items() if text is not None and glob_match(path, pattern)}
        return sorted(paths, key=os.fsencode)


def glob_match(path: str, pattern: str) -> bool:
    """Say whether glob(3) would name ``path`` for ``pattern``: no wildcard meets a slash or a leading dot."""
    names, patterns = path.split("/"), pattern.split("/")
    return len(names) == len(patterns) and all(
        fnmatch.fnmatchcase(name, wild) and (not name.startswith(".") or wild.startswith("."))
        for name, wild in zip(names, patterns)
    )


def decode(octets: bytes) -> str:
    """Return ``octets`` as text that ``encode`` turns into the same octets again."""
    return octets.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the octets of a ``text`` from ``decode``."""
    return text.encode("utf-8", "surrogateescape")
