#!/usr/bin/python
# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what MaxSessions is in force, who runs into it, and what would be enough."""

DOCUMENTATION = r"""
module: max_sessions_info
short_description: See who runs into sshd's MaxSessions, what is in force, and what would be enough
version_added: 2.0.0
description:
  - Asks sshd what C(MaxSessions) is in force and tells which line gives it.
  - Looks at the connections that are open now, and reads in sshd's log which sessions were refused since a time and how
    many sessions connections really had at once.
  - Works out what ends first, and how many clones would be enough.
  - Changes nothing. What it may not read is V(null) and said in RV(notes), never V(0).
extends_documentation_fragment:
  - multiplex.sshd.sshd
options:
  contexts:
    description:
      - Connections to ask sshd about beside one that no particular Match block is about.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description: The user who logs in.
        type: str
        required: true
      host:
        description: The client's name. Without it, O(contexts[].addr).
        type: str
      addr:
        description: The client's address. Without it, one that is nobody's.
        type: str
      laddr:
        description: The address of the server that the client connects to. Without it, one that is nobody's.
        type: str
      lport:
        description: The port of the server that the client connects to. Without it, the first that sshd listens on.
        type: int
  since:
    description:
      - How far back the log is read. A span such as V(12h), V(7d) or V(4w), or a moment as V(2026-01-31) or
        V(2026-01-31T12:00:00), in UTC.
    type: str
    default: 7d
  logs:
    description:
      - Log files to read in place of the journal and of the files where sshd usually logs. Those that a log
        rotation made of each, compressed ones too, are read with it.
    type: list
    elements: path
attributes:
  check_mode:
    description: Reads the same.
    support: full
  diff_mode:
    description: There is no text to show.
    support: none
notes:
  - Runs as root to see all of it. Others are shown no log, and not who is at the other end of a connection.
  - Entries of the journal carry who wrote them, vouched for by the kernel. A plain log file takes lines from anyone who
    may write to the system's log, and what was counted in one is marked as C(log.forgeable).
  - sshd logs the sessions of a connection at C(LogLevel VERBOSE) only.
seealso:
  - module: multiplex.sshd.max_sessions
  - module: multiplex.sshd.reload
  - module: multiplex.sshd.clone_probe
"""

EXAMPLES = r"""
- name: See how MaxSessions does on this host
  multiplex.sshd.max_sessions_info:
  register: sessions

- name: Ask for two people in particular, and look four weeks back
  multiplex.sshd.max_sessions_info:
    contexts:
      - {user: alice, addr: 203.0.113.7}
      - {user: deploy}
    since: 4w

- name: Set what would be enough
  multiplex.sshd.max_sessions:
    clone_depth: "{{ sessions.recommended_clone_depth }}"
    policy: at_least
    verify: true
  when: sessions.recommended_clone_depth is not none
"""

RETURN = r"""
effective:
  description: What sshd says is in force for a connection that no particular Match block is about.
  type: int
  returned: success
  sample: 4
clones:
  description: How many sessions can be cloned with it from a connection's first one.
  type: int
  returned: success
  sample: 3
defined_at:
  description: The line that gives it, as C(PATH:LINE). Null where it is sshd's own default.
  type: str
  returned: success
  sample: /etc/ssh/sshd_config.d/50-redhat.conf:2
shadowed:
  description: Lines that set C(MaxSessions) for everyone to no effect, because another comes first.
  type: list
  elements: dict
  returned: success
  sample: [{path: /etc/ssh/sshd_config, line: 33, max_sessions: 20, match: null}]
overridden_by:
  description: Lines under a Match block, written by somebody else, that give those whom it matches another value.
  type: list
  elements: dict
  returned: success
  sample: [{path: /etc/ssh/sshd_config, line: 90, max_sessions: 1, match: Group sftponly}]
contexts:
  description: What sshd says is in force for each of O(contexts), in their order.
  type: list
  elements: dict
  returned: success
  contains:
    user: {description: As asked., type: str, returned: success}
    host: {description: As asked., type: str, returned: success}
    addr: {description: As asked., type: str, returned: success}
    laddr: {description: As asked., type: str, returned: success}
    lport: {description: As asked., type: int, returned: success}
    max_sessions: {description: What is in force., type: int, returned: success}
    defined_at: {description: 'The line that gives it, as C(PATH:LINE), null for the default.', type: str, returned: success}
  sample:
    - {user: bob, host: 203.0.113.7, addr: 203.0.113.7, laddr: 192.0.2.2, lport: 22, max_sessions: 1,
       defined_at: "/etc/ssh/sshd_config:90"}
sshd:
  description: The sshd program that was asked. C(version) is null where it doesn't tell.
  type: dict
  returned: success
  sample: {path: /usr/sbin/sshd, version: "OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.1 1 Jul 2025", log_level: VERBOSE}
listener:
  description:
    - The sshd that listens for this configuration. Null where none does.
    - C(pid) is null where an init listens in its stead and starts one for the next connection.
    - C(reloaded) is when it last read the configuration, C(started) when the process began. Null where it can't be seen.
    - C(outdated) is whether the files were touched since, and it may not know what stands there now. Null where that
      can't be seen.
  type: dict
  returned: success
  sample: {pid: 812, unit: ssh.service, activated: false, listening: ["0.0.0.0:22", "[::]:22"],
    command: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", started: "2026-01-05T06:00:11Z",
    reloaded: "2026-01-30T09:12:44Z", outdated: false}
connections:
  description:
    - The connections of people who are logged in now, oldest first. Null where the host hides other users' processes.
    - C(sessions) is how many sessions are open on it as its processes show it. C(certainty) says how sure that is.
      V(counted), it was counted by its terminals and pipes, which only root can; V(at_least), by its terminals and
      processes, where a session that has none left goes unseen. Nobody can see a session that was opened and asked for
      nothing yet.
    - C(max_sessions) is what the files give such a connection, C(outdated) whether it may still be under an older
      limit, since it began before sshd read what the files say now. Null where that can't be seen.
    - C(peer) is the client's C(ADDRESS:PORT), null where it can't be seen.
  type: list
  elements: dict
  returned: success
  sample:
    - {pid: 4242, user: alice, peer: "203.0.113.7:50122", local: "192.0.2.10:22", since: "2026-01-31T08:01:12Z",
       sessions: 4, ptys: 3, certainty: counted, max_sessions: 4, outdated: false}
    - {pid: 3011, user: bob, peer: "203.0.113.9:41822", local: "192.0.2.10:22", since: "2026-01-29T17:40:03Z", sessions: 1,
       ptys: 1, certainty: counted, max_sessions: 1, outdated: true}
log:
  description:
    - What was read for RV(refusals) and RV(usage).
    - C(source) is V(journal), V(files) or V(journal and files), null where no log may be read. C(first) is the moment from
      which on there is something to read, which may be later than C(since).
    - C(forgeable) is whether others than sshd could have written what was counted.
    - C(lines) is how many of sshd's lines were read, C(rejected) how many of them were not counted because it wasn't sshd
      that wrote them, or they were cut off. C(logins) is how many users logged in by them.
  type: dict
  returned: success
  sample: {source: journal, paths: [], since: "2026-01-24T12:00:00Z", first: "2026-01-24T12:03:19Z", forgeable: false,
    lines: 8210, rejected: 0, logins: 212}
refusals:
  description:
    - The sessions that sshd refused since O(since) because C(MaxSessions) were open. Null where no log may be read.
    - C(by) has them by user and client address, most first; null where the log doesn't tell whose. C(max_sessions) is what
      is in force for such a connection, null where sshd can't be asked.
    - C(other) counts what else ended sessions or connections, by the name that it has in RV(limits), V(terminals) where a
      session got none, for want of terminals or open files, V(pam) for logins that PAM refused, and V(penalties) for
      clients that sshd kept out.
  type: dict
  returned: success
  sample:
    count: 12
    first: "2026-01-28T09:14:02Z"
    last: "2026-01-31T11:47:30Z"
    by:
      - {user: alice, peer: 203.0.113.7, count: 9, first: "2026-01-28T09:14:02Z", last: "2026-01-31T11:47:30Z",
         max_sessions: 4}
      - {user: bob, peer: null, count: 3, first: "2026-01-30T16:00:01Z", last: "2026-01-30T16:02:55Z", max_sessions: 4}
    other:
      - {name: open_files, count: 2, first: "2026-01-29T10:00:00Z", last: "2026-01-29T10:00:01Z"}
usage:
  description:
    - How many sessions connections had at once since O(since), by the log. Null where no log may be read, and where sshd
      logs no sessions.
    - C(connections) is the number of connections that had a session. Of their greatest numbers of sessions at once,
      C(median) is what half of them stayed within, C(p95) what 95 of 100 did, and C(most) the greatest. Null of none.
    - C(by_user) has the same for each user, most first. C(max_sessions) is what is in force for such a connection, of those
      that one had its most sessions on, null where sshd can't be asked.
  type: dict
  returned: success
  sample:
    connections: 210
    median: 1
    p95: 4
    most: 4
    by_user:
      - {user: alice, connections: 40, median: 3, p95: 4, most: 4, max_sessions: 4}
      - {user: bob, connections: 170, median: 1, p95: 1, most: 2, max_sessions: 4}
limits:
  description:
    - What ends sessions and connections, what ends first on one connection before the others.
    - C(name) is one of V(max_sessions), V(open_files) of the connection's sshd, V(processes) of the user, V(tasks) of a
      control group, V(ptys), V(logins) of pam_limits, V(startups) and V(startups_per_source).
    - C(ends) is V(sessions) of a connection, or new V(connections).
    - C(limit) is the number as it is set, C(in_use) how much of it is taken now, C(sessions) at how many sessions on one
      connection it ends. Null where it can't be seen, or ends none.
    - C(of) says whose it is, C(lift) what to do about it.
  type: list
  elements: dict
  returned: success
  sample:
    - {name: max_sessions, ends: sessions, limit: 4, in_use: null, sessions: 4, of: "/etc/ssh/sshd_config:33",
       lift: Set it with multiplex.sshd.max_sessions}
    - {name: open_files, ends: sessions, limit: 1024, in_use: 21, sessions: 338, of: process 4242 of alice,
       lift: "Raise 'nofile' in /etc/security/limits.conf, or LimitNOFILE of sshd's service, and connect anew"}
    - {name: tasks, ends: sessions, limit: 10813, in_use: 31, sessions: 10786, of: user-1000.slice,
       lift: "Raise TasksMax of user-1000.slice, or the limit of the container"}
    - {name: startups, ends: connections, limit: 10, in_use: null, sessions: null, of: "MaxStartups 10:30:100",
       lift: "Raise MaxStartups in sshd_config"}
bottleneck:
  description: The one of RV(limits) that ends first on one connection. Null where none is known.
  type: dict
  returned: success
  sample: {name: max_sessions, sessions: 4}
recommended_clone_depth:
  description:
    - The clone depth that would be enough by what was seen of those whom RV(effective) is about. Null without evidence.
    - Sessions that were refused before this collection set what is in force ask for no more than that.
  type: int
  returned: success
  sample: 7
recommendation:
  description: From what evidence RV(recommended_clone_depth) comes, or why there is none, in one sentence.
  type: str
  returned: success
  sample: >-
    12 sessions were refused at MaxSessions 4 since 2026-01-24T12:00:00Z, and how many more would have been opened no log
    tells: double it, and look again
conflicts:
  description:
    - Baselines that ask for less than what is in force or recommended.
    - C(at_most) is what the baseline allows, C(effective) and C(recommended) whether that is above it.
  type: list
  elements: dict
  returned: success
  sample:
    - {baseline: Lynis SSH-7408, at_most: 2, effective: true, recommended: true}
notes:
  description: What could not be seen, and what would make it seen.
  type: list
  elements: str
  returned: success
  sample:
    - "The connection of bob may be under an older limit: it began before sshd read what the files say now"
msg:
  description: The outcome in one sentence.
  type: str
  returned: always
  sample: "MaxSessions is 4: one connection carries the first session and 3 clones of it; 12 sessions were refused"
"""

import sys

if sys.version_info < (3, 6):  # noqa: UP036 - Python 2.7 gets as far as here: it reads this file, and none that is imported below
    import json

    said = "multiplex.sshd needs Python 3.6 or later on the host, %s is %s: install python3 there, and have %s name it"
    said %= sys.executable, sys.version.split()[0], "ansible_python_interpreter"
    sys.stdout.write(json.dumps({"failed": True, "msg": said}))
    raise SystemExit(1)

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._config.configuration import Configuration
from ..module_utils._config.files import os_path, readable
from ..module_utils._errors import Error
from ..module_utils._proof.sshd import Sshd
from ..module_utils._service import listener
from ..module_utils._usage.survey import survey

CONTEXT = dict(
    user=dict(type="str", required=True),
    host=dict(type="str"),
    addr=dict(type="str"),
    laddr=dict(type="str"),
    lport=dict(type="int"),
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            contexts=dict(type="list", elements="dict", options=CONTEXT, default=[]),
            since=dict(type="str", default="7d"),
            logs=dict(type="list", elements="path"),
            config=dict(type="path", default="/etc/ssh/sshd_config"),
            sshd=dict(type="path"),
        ),
        supports_check_mode=True,
    )
    params = module.params
    program = params["sshd"] or module.get_bin_path("sshd") or "/usr/sbin/sshd"
    try:
        configuration = Configuration.at(params["config"])
        with Sshd(os_path(program), module.run_command, listener.finder(configuration)) as sshd:
            result = survey(sshd, configuration, params, module.run_command)
    except Error as error:
        module.fail_json(**readable(dict(error.details, msg=str(error))))
    module.exit_json(**readable(result))


if __name__ == "__main__":
    main()
