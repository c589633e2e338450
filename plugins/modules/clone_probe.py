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
      - It does not matter which session a clone was cloned from. A clone of a clone draws on the same pool.
    type: int
  exact:
    description:
      - Ask for one session more, which the server must refuse. Needs O(clone_depth).
    type: bool
    default: false
  session:
    description:
      - How far each session goes, and so what it proves. All of them are open at one time.
      - V(open) proves that the server let it in. That is a slot, and all that C(MaxSessions) decides. Nothing runs in it.
      - V(exec) proves that the server also started a process for a command in it (C(cat), which stays until the probe ends).
        Open files and processes suffice. Whose command runs there is not looked at, so a nologin shell, a C(ForceCommand),
        a C(command=) on the key or a C(ChrootDirectory) without a shell count as well.
      - V(shell) proves that the server gave it a terminal, and started a login shell on it with all that the user's profile
        costs. Sessions that end within a second are told in RV(ended) and C(msg), as under a nologin shell, and are no
        failure. A C(ForceCommand) that stays is not noticed.
      - V(answer) proves that a person could work in it. The server gave it a terminal, and the account's own shell ran a
        command on it that says a marker which nobody can guess. All accounts fail that have a slot and no shell, those
        with an expired password too, and C(msg) has what the session said instead. The login profile is not run, so that
        no shell's history is written.
    type: str
    choices: [open, exec, shell, answer]
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
        What a session says is no answer with O(session=answer), unless the marker is in it.
      - The connection's own timeout when not given, or 10. At most 3600.
    type: float
notes:
  - Runs on the controller and needs OpenSSH's C(ssh) 7.4 or later there. Nothing is copied to the target.
  - In check mode it probes as well, because it changes nothing, and returns RV(probed_in_check_mode).
  - Each session is logged by sshd as any other. After a refused one its log says C(no more sessions).
  - When nobody is let in, C(msg) has the words of C(ssh) and of the server, also a banner and what PAM says, with what to
    look at. Passwords and passphrases are taken out of all words.
attributes:
  action:
    description: Has a part that runs on the controller. It is all of it.
    support: full
  async:
    description: Can be used with C(async).
    support: none
  become:
    description: Can be used with C(become). Who logs in is O(user).
    support: none
  check_mode:
    description: Can run in check mode and return the same result.
    support: full
  diff_mode:
    description: Has nothing to show a difference of.
    support: none
  platform:
    description: What Ansible may run on. The target needs nothing but its sshd.
    platforms: linux
    support: full
seealso:
  - module: multiplex.sshd.max_sessions
  - module: multiplex.sshd.max_sessions_info
  - module: multiplex.sshd.reload
  - name: sshd_config(5), MaxSessions
    description: What the limit is about.
    link: https://man.openbsd.org/sshd_config#MaxSessions
"""

EXAMPLES = r"""
- name: Five windows can be cloned, and no sixth
  multiplex.sshd.clone_probe:
    clone_depth: 5
    exact: true

- name: Each of the six windows is one in which a person can work
  multiplex.sshd.clone_probe:
    clone_depth: 5
    session: answer

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
msg:
  description: What was counted, or what is wrong and what to look at.
  returned: always
  type: str
  sample: "5 clones on one connection; session 7 was refused, as it must be (open failed, reason 2 connect failed)."
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
  description: How many of those asked for were refused, or got not as far as O(session) says. V(1) after an O(exact=true)
    that held.
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
      description: At which step, V(open), V(exec), V(pty-req), V(shell), or V(answer) when it started and did not answer.
      type: str
      sample: open
    reason_code:
      description: The server's reason as in RFC 4254 section 5.1, V(null) after the opening.
      type: int
      sample: 2
    text:
      description: The server's words, or what the session said in place of an answer.
      type: str
      sample: open failed
ended:
  description: How many sessions started and were over within a second, as under a nologin shell. V(null) unless
    O(session=shell).
  returned: when connected
  type: int
  sample: 0
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
