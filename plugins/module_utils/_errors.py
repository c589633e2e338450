# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one family of errors that this collection raises for a person to read."""


class Error(Exception):
    """What is wrong and what to do next, in one text; ``details`` are further values for the module's result."""

    def __init__(self, message, **details):
        super().__init__(message)
        self.details = details


class LineError(Error):
    """An Error about one line: ``PATH line N: what is wrong``, as sshd says it."""

    def __init__(self, path, line, message):
        super().__init__("%s line %d: %s" % (path, line, message))
