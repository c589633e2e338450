# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that are known and not mended yet."""

import contextlib


@contextlib.contextmanager
def known(_laid, _options):
    yield


KNOWN = {}
