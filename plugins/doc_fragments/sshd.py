# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every module which works on an sshd takes."""


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  config:
    description:
      - Path of sshd's main file on the target.
    type: path
    default: /etc/ssh/sshd_config
  sshd:
    description:
      - Path of the sshd program on the target.
      - Without it, C(sshd) is looked up in E(PATH) and in the directories for system programs.
    type: path
attributes:
  async:
    description: Can be used with C(async).
    support: full
  become:
    description: Can be used with C(become).
    support: full
  platform:
    description: What the target may be.
    support: full
    platforms: linux
seealso:
  - name: sshd_config(5), MaxSessions
    description: What the limit is about.
    link: https://man.openbsd.org/sshd_config#MaxSessions
notes:
  - Wants to be root on the target, C(become=true), as sshd's files and its listener are root's. An sshd that somebody runs
    as an ordinary user is theirs.
author:
  - multiplex.sshd contributors (@multiplex-sshd)
requirements:
  - OpenSSH 8.0 or later on the target
  - Python 3.6 or later on the target, nothing but its standard library. An older one is told so in one sentence.
"""
