#!/usr/bin/python
# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented as an action plugin and runs on the controller.

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: clone_probe
short_description: Prove over one real SSH connection that cloned sessions open
version_added: 1.0.0
author:
  - multiplex.sshd contributors (@multiplex-sshd)
description:
  - Opens one fresh SSH connection from the controller to the host, then the first session and O(clone_depth) clones over
    it, and fails unless all of them open. With O(exact=true) the next one must be refused.
  - The connection is the user's own C(ssh) with the settings that the inventory gives the host. The sessions are asked for
    over its control socket, in OpenSSH's own protocol for that. A client's silent fallback to a second connection, which
    makes C(ssh) exit 0 when the server refused the clone, cannot happen.
  - It never uses the connection that Ansible keeps open with ControlPersist, because that one still has the limit that
    was in force when it was opened.
options:
  clone_depth:
    description:
      - How many sessions must open over the connection beside the first one.
      - Without it, clones are counted up to O(limit), and a refusal is no failure.
    type: int
  exact:
    description:
      - Ask for one session more, which the server must refuse. Needs O(clone_depth).
    type: bool
    default: false
  session:
    description:
      - How far each session goes.
      - V(open) stops when the server let it in, which is what C(MaxSessions) decides.
      - V(exec) starts a command (C(cat), which stays until the probe ends) in each.
      - V(shell) starts a login shell on a terminal in each, as a person's clone does, with what the user's profile costs.
      - A session counts as soon as the server says that it started, whatever a ForceCommand or a nologin shell does then.
    type: str
    choices: [open, exec, shell]
    default: exec
  limit:
    description:
      - How many clones are tried without O(clone_depth).
    type: int
    default: 100
  host:
    description:
      - Host to connect to in place of the inventory's C(ansible_host).
      - Needed when Ansible reaches this host by another connection plugin than P(ansible.builtin.ssh#connection).
      - A password in the inventory is only used for the inventory's own host, port and user.
    type: str
  port:
    description:
      - Port to connect to in place of the inventory's.
    type: int
  user:
    description:
      - User to log in as in place of the inventory's. C(become) plays no part.
    type: str
  private_key_file:
    description:
      - Private key to log in with in place of the inventory's.
    type: path
  ssh_args:
    description:
      - Arguments for C(ssh) in place of C(ansible_ssh_args), C(ansible_ssh_common_args) and C(ansible_ssh_extra_args).
    type: str
  timeout:
    description:
      - The longest silence in seconds, at each step. Reaching the server, logging in, and each further answer are steps.
      - The connection's own timeout when not given, or 10.
    type: float
notes:
  - Runs on the controller and needs OpenSSH's C(ssh) 7.4 or later there. Nothing is copied to the target.
  - In check mode it probes as well, because it changes nothing, and returns RV(probed_in_check_mode).
  - Each session is logged by sshd as any other. After a refused one its log says C(no more sessions).
attributes:
  check_mode:
    description: Can run in check mode and return the same result.
    support: full
  diff_mode:
    description: Has nothing to show a difference of.
    support: none
seealso:
  - name: sshd_config(5), MaxSessions
    description: What the limit is about.
    link: https://man.openbsd.org/sshd_config#MaxSessions
"""

EXAMPLES = r"""
- name: Five windows can be cloned, and no sixth
  multiplex.sshd.clone_probe:
    clone_depth: 5
    exact: true

- name: How many can this user clone now?
  multiplex.sshd.clone_probe:
    session: open
  register: counted

- name: Say it
  ansible.builtin.debug:
    msg: "{{ counted.clones }} clones of one connection"

- name: The same for another account, as whom Ansible does not log in
  multiplex.sshd.clone_probe:
    clone_depth: 20
    user: dba
    private_key_file: ~/.ssh/dba_ed25519

- name: A container that Ansible does not reach over SSH
  multiplex.sshd.clone_probe:
    clone_depth: 5
    host: 127.0.0.1
    port: 2222
    user: root
"""

RETURN = r"""
clones:
  description: How many sessions were proven, as far as O(session) says, beside the first one.
  returned: when connected
  type: int
  sample: 5
opened:
  description: How many sessions the server let in, the first one included. V(0) where MaxSessions is V(0).
  returned: when connected
  type: int
  sample: 6
refused:
  description: How many of those asked for were refused. V(1) after an O(exact=true) that held.
  returned: when connected
  type: int
  sample: 1
refusal:
  description: The first refusal, or V(null).
  returned: when connected
  type: dict
  contains:
    session:
      description: Which session it was, counted from 1.
      type: int
      sample: 7
    request:
      description: At which step, V(open), V(exec), V(pty-req) or V(shell).
      type: str
      sample: open
    reason_code:
      description: The server's reason as in RFC 4254 section 5.1, V(null) after the opening.
      type: int
      sample: 2
    text:
      description: The server's words.
      type: str
      sample: open failed
seconds:
  description: How long it took, connecting included.
  returned: when connected
  type: float
  sample: 0.163
connection:
  description: What C(ssh) made of the settings.
  returned: when connected
  type: dict
  contains:
    host:
      description: The host's name or address.
      type: str
      sample: db1.example.com
    port:
      description: The port.
      type: int
      sample: 22
    user:
      description: The user logged in as.
      type: str
      sample: dba
probed_in_check_mode:
  description: That check mode did not keep it from probing.
  returned: in check mode
  type: bool
  sample: true
"""
