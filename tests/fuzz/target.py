# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run libFuzzer on one target: ``target.py NAME`` and libFuzzer's own words."""

import sys

import atheris

with atheris.instrument_imports(include=["ansible_collections.multiplex.sshd.plugins"]):
    from targets import TARGETS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
