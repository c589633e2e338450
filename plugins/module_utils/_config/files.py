# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a configuration is read from, as they are or as they would be."""

import os
from typing import Dict, List, Mapping, Optional

from .._errors import reading
from . import glob


class Files:
    """The file system with ``edits`` made: path -> the text that it shall have, None where it shall be gone."""

    def __init__(self, edits: Optional[Mapping[str, Optional[str]]] = None) -> None:
        self.edits: Dict[str, Optional[str]] = dict(edits or {})
        # One file may be included by several names.
        self._real_edits = {os.path.realpath(path): text for path, text in self.edits.items()}

    def text(self, path: str) -> str:
        """Return the text of ``path``; bytes that are no UTF-8 come back the same from ``encode``. Raises Error."""
        edited = self._real_edits.get(os.path.realpath(path)) if self.edits else None
        if edited is not None:
            return edited
        with reading(path), open(path, "rb") as file:
            return decode(file.read())

    def expand(self, pattern: str) -> List[str]:
        """Return the paths that ``pattern`` names to sshd, sorted by their bytes.

        A directory is none of them: sshd reads nothing from it.
        """
        return glob.expand(pattern, self._real_edits)


def decode(octets: bytes) -> str:
    """Return ``octets`` as text that ``encode`` turns into the same octets again."""
    return octets.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the octets of a ``text`` from ``decode``."""
    return text.encode("utf-8", "surrogateescape")
