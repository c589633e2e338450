#!/usr/bin/python
# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set sshd's MaxSessions from the number of clones that people need."""

DOCUMENTATION = r"""
module: max_sessions
short_description: Set how many sessions can be cloned from one SSH connection
version_added: 1.0.0
description:
  - People open one SSH connection and clone sessions from it. sshd allows C(MaxSessions) sessions on a connection,
    10 unless told otherwise; past it a clone fails, or the client silently opens a second connection.
  - This module computes C(MaxSessions) from the number of clones, writes it where it wins, and leaves everyone
    else's lines alone. Before a file is touched, sshd itself has accepted a copy of the whole configuration
    (C(sshd -t)) and has said that the wanted value is in force there (C(sshd -T -C)). After the files were replaced
    sshd is asked once more, and if it says anything else the old files are put back.
  - sshd honours the new value for new connections, once it is reloaded. With O(reload) that is part of the same call.
  - With O(verify) the task keeps a promise - no change stays that was not proven over a real connection, whatever the
    keywords of a play, a failure, or the end of the controller do to the task.
extends_documentation_fragment:
  - multiplex.sshd.sshd
options:
  clone_depth:
    description:
      - How many sessions can be cloned from one connection, beside the one that it opened with.
      - C(MaxSessions = 1 + clone_depth + extra_sessions).
      - Exactly one of O(clone_depth) and O(max_sessions) is needed with O(state=present), unless only O(rules) are given.
    type: int
  extra_sessions:
    description:
      - Sessions on the same connection beside the clones, such as an sftp tab or an editor's helper.
    type: int
    default: 0
  max_sessions:
    description:
      - C(MaxSessions) itself, from 0 to 2147483647.
      - V(1) lets in the first session and no clone of it. V(0) lets in no session at all, Ansible's included, leaves
        only port forwarding, and needs O(lock_out).
    type: int
  lock_out:
    description:
      - Whether V(0) may come to be in force for everyone, or for the user whom Ansible connects as. Ansible gets no
        session over SSH then, and nothing of it can be proven.
    type: bool
    version_added: 2.0.0
    default: false
  policy:
    description:
      - V(exact) sets the number. V(at_least) never lowers one - where a higher one is in force already, be it by somebody
        else's line or by sshd's default of 10, it stays. sshd is asked about everyone whom a rule or a Match is about,
        before and after.
      - With V(at_least) a rule of an earlier run that O(rules) leave out stays too, behind those that they have. Rules for
        the same people in two plays so don't take turns.
    type: str
    choices: [exact, at_least]
    default: exact
  rules:
    description:
      - The same for those whom Match criteria select, in the order of precedence - the first rule that matches wins.
      - They become Match blocks behind the limit for everyone, and come before Match blocks of others. Each is proven with
        a connection for everyone whom it is about, as far as another Match makes a difference, such as each of the users
        in a group who have a Match of their own. Where nobody is known, it is written with a warning.
      - The list is the whole list - a rule that is left out is removed, unless O(policy=at_least).
      - C(match) V(all) comes before somebody's C(Match all), and before a C(-o MaxSessions) that sshd was started with.
    type: list
    elements: dict
    suboptions:
      match:
        description:
          - Match criteria as sshd_config(5) writes them, C(Group dba) or C(User deploy Address 10.0.0.0/8).
        type: str
        required: true
      clone_depth:
        description: As O(clone_depth), for those.
        type: int
      extra_sessions:
        description: As O(extra_sessions), for those.
        type: int
        default: 0
      max_sessions:
        description: As O(max_sessions), for those.
        type: int
      ceiling:
        description: As O(ceiling), for those. Without it, O(ceiling) holds for the rule too.
        type: int
  ceiling:
    description:
      - Refuse to write a C(MaxSessions) above it, such as the 10 of a hardening baseline. Nothing is changed then.
    type: int
  state:
    description:
      - V(absent) removes all that this module wrote and nothing else.
      - V(confirmed) and V(reverted) settle a change that was made with O(confirm_within). V(reverted) puts the old files
        back and reloads sshd. Nothing pending is no error, but V(confirmed) with a number that is not in force is, since
        the change was reverted before. Somebody else's change is not confirmed.
    type: str
    choices: [present, absent, confirmed, reverted]
    default: present
  reload:
    description:
      - Reload sshd in the same call, if something changed now or in an earlier run that ended before its reload, the way
        M(multiplex.sshd.reload) does. If sshd does not come back, the old files are put back and read.
    type: bool
    version_added: 2.0.0
    default: false
  verify:
    description:
      - With V(true), once sshd was reloaded the clones are opened from the controller over a fresh connection, as
        M(multiplex.sshd.clone_probe) does with the settings that the inventory gives this host. If they open the change is
        confirmed. If they don't it is taken back, and the task fails. V(always) opens them at each run, but in check mode.
      - It needs O(reload), and switches it on.
      - Where O(clone_depth) or O(max_sessions) is not given, the connection and its first session are the proof.
      - A host whose sshd runs and that Ansible does not reach over SSH is refused before anything is touched. Where no sshd
        runs, as in an image that is being built, there is nothing to prove.
    type: str
    version_added: 2.0.0
    choices: ["false", "true", always]
    default: "false"
  confirm_within:
    description:
      - Within how many seconds the change must be settled. If it isn't, the host itself restores the old files and reloads
        sshd, whatever became of the controller and of the connection. V(0) changes for good.
      - With O(reload) or O(verify) this task settles the change itself, and it is V(60) unless given. Without them it is
        V(0) unless given, and it is you who settles it with O(state=confirmed).
      - Only one change at a time can be pending. What is, is told by C(record.json) in a hidden directory beside the main
        file, and by C(systemctl list-timers) where systemd runs.
    type: int
  location:
    description:
      - Where to write. V(drop_in) is a file of its own in a directory that the main file includes, V(main) a marked
        block at the top of the main file.
      - With O(rules) the block in the main file includes a file beside it, C(sshd_config.multiplex), that has the limit
        and the rules, for what is appended to the main file would else be the last rule's. Where sshd doesn't take that
        (before OpenSSH 8.4), the rules stand before the first Match of the main file, or at its end.
      - V(auto) takes the drop-in if it wins there, and the main file where there is no Include, or something in front
        of it sets C(MaxSessions) first.
    type: str
    choices: [auto, drop_in, main]
    default: auto
  drop_in:
    description:
      - Path of the drop-in. It must be one that an Include reads.
      - Without it, C(0-multiplex.conf) in the first included directory.
    type: path
  unprovable:
    description:
      - Not for tasks, where it is refused as an unknown option is. The action plugin says with it why clones can't be opened
        from where Ansible runs, and what would have to be proven is then refused where an sshd runs.
    type: str
    version_added: 2.0.0
  backup:
    description:
      - Keep a dated copy of each file that is replaced or removed, next to the main file.
    type: bool
    default: false
attributes:
  action:
    description: Has a part that runs on the controller.
    support: full
  async:
    support: partial
    details: Not with O(verify).
  check_mode:
    description: Does everything, the proof on a copy of the configuration included, but replaces no file.
    support: full
  diff_mode:
    description: Shows each file that is changed, and under its name what it makes sshd do.
    support: full
notes:
  - Where sshd was never started there may be no host key and no privilege separation directory, without which it tests
    no configuration. The module then lends it both for the time of the test and takes them back.
  - The role C(multiplex.sshd.max_sessions) is one task of this module, with O(reload) and O(verify).
seealso:
  - module: multiplex.sshd.max_sessions_info
  - module: multiplex.sshd.reload
  - module: multiplex.sshd.clone_probe
"""

EXAMPLES = r"""
- name: Let everyone clone five windows from one connection, proven or taken back
  multiplex.sshd.max_sessions:
    clone_depth: 5
    verify: true

- name: Five clones, an sftp tab and an editor's helper
  multiplex.sshd.max_sessions:
    clone_depth: 5
    extra_sessions: 2
    verify: true

- name: One session a connection, no clone
  multiplex.sshd.max_sessions:
    max_sessions: 1
    verify: true

- name: Two sessions for everyone, ten clones for the database administrators
  multiplex.sshd.max_sessions:
    max_sessions: 2
    rules:
      - match: Group dba
        clone_depth: 10
    verify: true

- name: Keep to the baseline's 10, whatever the inventory asks for, but for the deployment user from one network
  multiplex.sshd.max_sessions:
    clone_depth: 9
    ceiling: 10
    rules:
      - match: User deploy Address 10.0.0.0/8
        clone_depth: 49
        ceiling: 50
    verify: true

- name: Room for 20 forks that delegate to this host over one ControlPersist connection, lowering nothing
  multiplex.sshd.max_sessions:
    clone_depth: 39
    policy: at_least
    verify: true

- name: Step by step - change, and have the host take it back by itself unless it is confirmed in a minute
  multiplex.sshd.max_sessions:
    clone_depth: 7
    confirm_within: 60

- name: Let sshd read it
  multiplex.sshd.reload:

- name: Prove it over a fresh connection - if this fails the play ends here, and the host takes the change back
  multiplex.sshd.clone_probe:
    clone_depth: 7

- name: Confirm what was proven
  multiplex.sshd.max_sessions:
    clone_depth: 7
    state: confirmed

- name: Take out what this module wrote
  multiplex.sshd.max_sessions:
    state: absent
    reload: true
"""

RETURN = r"""
max_sessions:
  description: C(MaxSessions) that was asked for, or with O(state=absent) the one that is then in force.
  type: int
  returned: success
  sample: 6
clones:
  description: How many sessions can be cloned with it from a connection's first one.
  type: int
  returned: success
  sample: 5
effective:
  description:
    - What sshd says is in force, before and after for the same connection - one that no particular Match block is about.
    - In check mode C(after) is what sshd says on the copy.
  type: dict
  returned: success
  sample: {before: 2, after: 6}
rules:
  description:
    - What became of each of O(rules). C(effective) is for a connection that meets its criteria, and no rule's before it,
      null where none is known.
  type: list
  elements: dict
  returned: success
  sample: [{match: Group dba, max_sessions: 11, clones: 10, effective: {before: 2, after: 11}}]
written:
  description: Paths of the files that were written or removed, or in check mode would be. None with O(state=reverted).
  type: list
  elements: str
  returned: success
  sample: [/etc/ssh/sshd_config.d/0-multiplex.conf]
backup_files:
  description: The copies that were kept, by the path that they were made from.
  type: dict
  returned: success
defined_at:
  description:
    - The line that gives the value in force, as C(PATH:LINE), or C(command line of) the process or unit that was started
      with it. Null where it is sshd's own default.
  type: str
  returned: success
  sample: /etc/ssh/sshd_config.d/0-multiplex.conf:4
shadowed:
  description: Lines that set C(MaxSessions) for everyone to no effect, because another comes first.
  type: list
  elements: dict
  returned: success
  sample: [{path: /etc/ssh/sshd_config, line: 33, max_sessions: 2, match: null}]
overridden_by:
  description:
    - Lines under a Match block, written by somebody else, that give somebody another value. A line that another one
      precedes for all whom it is known to be about is none of them.
  type: list
  elements: dict
  returned: success
  sample: [{path: /etc/ssh/sshd_config, line: 90, max_sessions: 1, match: Group sftponly}]
validation:
  description: sshd's verdict on the configuration, as it is left or as it would be.
  type: dict
  returned: always, once sshd was asked
  sample: {command: /usr/sbin/sshd -t -f /tmp/multiplex-sshd-x1/0, rc: 0, stderr: ""}
reload_needed:
  description: Whether sshd still has to be reloaded, be it for this change or for one of an earlier run.
  type: bool
  returned: success
reload:
  description: What M(multiplex.sshd.reload) returns, where O(reload) had sshd reloaded, else null.
  type: dict
  returned: success
  sample:
    changed: true
    msg: "ssh.service was reloaded: new connections get the new configuration, open ones keep the old"
    method: systemd
    unit: ssh.service
    pid: 812
    listening: ["0.0.0.0:22"]
    answered: true
    validation: {command: /usr/sbin/sshd -t -f /etc/ssh/sshd_config, rc: 0, stderr: ""}
probe:
  description: What M(multiplex.sshd.clone_probe) returns. Null where no connection was opened.
  type: dict
  returned: success
  sample:
    msg: "5 clones on one connection: 6 of 6 sessions started a command."
    clones: 5
    opened: 6
    refused: 0
    refusal: null
    ended: null
    seconds: 0.142
    connection: {user: admin, host: db1.example.com, port: 22}
settled:
  description: Whether a change was V(confirmed) or V(reverted), null where none was or it is left pending.
  type: str
  returned: success
  sample: confirmed
pending:
  description:
    - The change that waits for its confirmation. Null where none does.
    - C(confirm) is a command that confirms on the host what is pending there, without Ansible. Given C(id) as an
      argument, it confirms this change or none.
  type: dict
  returned: success
  sample:
    id: 5c0f2a3de1b94c76
    who: alice
    until: "2026-01-31 12:01:00 +0000"
    before: 2
    directory: /etc/ssh/.sshd_config.pending
    confirm: [/usr/bin/python3, -I, -S, -B, /etc/ssh/.sshd_config.pending/confirm]
msg:
  description: The outcome in one sentence.
  type: str
  returned: always
"""

import contextlib
import sys

if sys.version_info < (3, 6):  # noqa: UP036 - Python 2.7 gets as far as here: it reads this file, and none that is imported below
    import json

    said = "multiplex.sshd needs Python 3.6 or later on the host, %s is %s: install python3 there, and have %s name it"
    said %= sys.executable, sys.version.split()[0], "ansible_python_interpreter"
    sys.stdout.write(json.dumps({"failed": True, "msg": said}))
    raise SystemExit(1)

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _report
from ..module_utils._change import leftovers, pending
from ..module_utils._change.lock import Lock
from ..module_utils._change.signals import undone_by_signals
from ..module_utils._config import block, plan, sessions, tree
from ..module_utils._config.configuration import Configuration
from ..module_utils._config.files import Files, os_path, readable
from ..module_utils._config.limits import desired_limits, require_under_ceilings
from ..module_utils._errors import ChangedMeanwhile, Error
from ..module_utils._proof import proof
from ..module_utils._proof.sshd import Sshd
from ..module_utils._service import listener, not_reloaded

LIMIT = dict(
    clone_depth=dict(type="int"),
    extra_sessions=dict(type="int", default=0),
    max_sessions=dict(type="int"),
    ceiling=dict(type="int"),
)
SPECIFICATION = dict(
    argument_spec=dict(
        LIMIT,
        policy=dict(choices=["exact", "at_least"], default="exact"),
        rules=dict(
            type="list",
            elements="dict",
            options=dict(LIMIT, match=dict(type="str", required=True)),
            mutually_exclusive=[("clone_depth", "max_sessions")],
            required_one_of=[("clone_depth", "max_sessions")],
        ),
        state=dict(choices=["present", "absent", "confirmed", "reverted"], default="present"),
        lock_out=dict(type="bool", default=False),
        reload=dict(type="bool", default=False),
        verify=dict(choices=["false", "true", "always"], default="false"),
        confirm_within=dict(type="int"),
        location=dict(choices=["auto", "drop_in", "main"], default="auto"),
        drop_in=dict(type="path"),
        backup=dict(type="bool", default=False),
        config=dict(type="path", default="/etc/ssh/sshd_config"),
        sshd=dict(type="path"),
        unprovable=dict(type="str"),
    ),
    mutually_exclusive=[("clone_depth", "max_sessions")],
    required_if=[("state", "present", ("clone_depth", "max_sessions", "rules"), True)],
    supports_check_mode=True,
)


def main():
    module = AnsibleModule(**SPECIFICATION)
    params, check_mode = module.params, module.check_mode
    program = params["sshd"] or module.get_bin_path("sshd") or "/usr/sbin/sshd"
    if params["confirm_within"] is None:
        params["confirm_within"] = 60 if is_whole(params) else 0
    try:
        require_request(params)
        configuration, desired = Configuration.at(params["config"]), desired_limits(params)
        asked = Sshd(os_path(program), module.run_command, listener.finder(configuration))
        with undone_by_signals() as commit, asked as sshd, Lock(configuration) as lock:
            act = settle if params["state"] in ("confirmed", "reverted") else change
            result = act(sshd, configuration, desired, params, lock, commit, check_mode)
            result["pending"] = pending.summary(configuration)
    except Error as error:
        for warning in still_kept(params):
            module.warn(readable(warning))
        module.fail_json(**readable(dict(error.details, msg=str(error))))
    for warning in result.pop("warnings"):
        module.warn(readable(warning))
    module.exit_json(**readable(result))


def change(sshd, configuration, desired, params, lock, commit, check_mode, chances=2):
    """Bring ``desired`` into force; return the module's result. All is decided on this line. Raises Error."""
    undone = clear_way(sshd, configuration, desired, params, lock, check_mode)
    drop_in = params["drop_in"] and os_path(params["drop_in"])
    policy = "exact" if params["state"] == "absent" else params["policy"]
    try:
        before = proof.current(sshd, lambda: plan.read(configuration.main, drop_in), desired, policy)
        limits = raised(desired, before, params) if policy == "at_least" else desired
        candidates = plan.candidates(before.tree, limits, params["location"], drop_in)
        proposal = proof.proposed(sshd, before, candidates, policy)
        require_sessions(sshd, configuration, proposal, limits, params)
        require_way_to_prove(sshd, configuration, proposal, params)
        # Told before it is made: once it is kept, nothing may fail.
        result = _report.change(proposal, desired, limits, undone, check_mode=check_mode)
        result["warnings"] += leftovers.warnings(configuration, before.tree) + out_of_reach(proposal, desired)
        if check_mode:
            require_writable(configuration, proposal)
        else:
            result["backup_files"] = apply(sshd, configuration, proposal, desired, params, lock, commit)
    except ChangedMeanwhile:
        if not chances:
            raise
        again = change(sshd, configuration, desired, params, lock, commit, check_mode, chances - 1)
        return dict(again, changed=again["changed"] or bool(undone), warnings=undone + again["warnings"])
    result = complete(sshd, configuration, params, result, lock, check_mode)
    if desired[1:] and not check_mode and is_to_be_proven(configuration, params, result):
        result["own_rule"] = own_rule(sshd, configuration, desired)
    return result


def still_kept(params):
    """Return what a person should know of old files that could not be put back, where all else fails."""
    with contextlib.suppress(Error):
        configuration = Configuration.at(params["config"])
        return leftovers.warnings(configuration, tree.read(configuration.main, Files()))
    return []


def require_request(params):
    """Raise Error where nothing is asked for, which a null is to us and not to AnsibleModule, or what can't be had."""
    if params["state"] == "present" and all(params[name] is None for name in ("clone_depth", "max_sessions", "rules")):
        raise Error("None of clone_depth, max_sessions and rules has a value: give one of them, or state 'absent'")
    if params["verify"] != "false" and not params["confirm_within"]:
        raise Error(
            "confirm_within is 0, which changes for good at once, and verify is to prove the change before it is for good: "
            "leave one of them out"
        )
    pending.require_seconds(params["confirm_within"])


def is_whole(params):
    """Say whether the rest of the promise is asked for in the same call."""
    return params["reload"] or params["verify"] != "false"


def raised(desired, before, params):
    """Return what to write so that nobody is lowered. Raises Error where that is above a ceiling."""
    limits = proof.not_lowering(desired, before)
    require_under_ceilings(params, limits, block.written(before.tree))
    return limits


def require_sessions(sshd, configuration, proposal, limits, params):
    """Raise Error where nobody would get a session any more, or Ansible none, and that was not asked for."""
    if not proposal.edits or params["lock_out"]:
        return
    whom = ""
    if proposal.before.effective and not proposal.after.effective:
        whom = "nobody gets a session any more, Ansible neither"
    elif any(limit.max_sessions == 0 for limit in limits[1:]):
        from ..module_utils._service import own_connection  # noqa: PLC0415

        rule = own_connection.rule(sshd, configuration, limits)
        if rule and not rule.max_sessions:
            whom = "Ansible, which '%s' is about, gets no session any more" % rule.match
    if whom:
        raise Error(
            "Nothing was changed: with MaxSessions 0 %s, and SSH is no way to undo it. If that is what you want, say so "
            "with 'lock_out'" % whom
        )


# What most runs don't need is loaded by those that do.


def clear_way(sshd, configuration, desired, params, lock, check_mode):
    """Undo a pending change that nobody can confirm any more; return what a person should know of it. Raises Error."""
    if pending.read_record(configuration) is None:
        return []
    from ..module_utils._change import settlement  # noqa: PLC0415

    if not check_mode:
        lock.take()
    record = pending.read_record(configuration)
    if record is None:
        return []
    return settlement.clear_way(sshd.run, record, desired, params["confirm_within"], check_mode=check_mode)


def require_way_to_prove(sshd, configuration, proposal, params):
    """Raise Error where there would be something to prove and no way to."""
    obstacle, verify = params["unprovable"], params["verify"]
    waiting = not_reloaded.is_marked(configuration) or pending.read_record(configuration)
    if verify != "false" and (proposal.edits or waiting or verify == "always"):
        from ..module_utils._change import completion  # noqa: PLC0415
        from ..module_utils._service import own_connection  # noqa: PLC0415

        completion.require_proof(sshd, configuration, obstacle or own_connection.obstacle(sshd, configuration))


def require_writable(configuration, proposal):
    """Raise Error where the proposal's edits could not be made."""
    if proposal.edits:
        from ..module_utils._change import application  # noqa: PLC0415

        application.require_writable(configuration, proposal.edits)


def apply(sshd, configuration, proposal, desired, params, lock, commit):
    """Remove what killed runs have left, make the proposal's edits; return ``{path: its backup}``. Raises Error."""
    live = proposal.before.tree
    if not proposal.edits:
        if pending.read_record(configuration) and not lock.is_held:
            raise ChangedMeanwhile(configuration.pending)  # by another run, since clear_way() looked
        if leftovers.are_there(configuration, live):
            # Whoever works there now, or alone may write there, will remove them.
            with contextlib.suppress(Error):
                lock.take(0)
                leftovers.remove(configuration, live)
        return {}
    from ..module_utils._change import application  # noqa: PLC0415

    lock.take()
    leftovers.remove(configuration, live)
    return application.apply(sshd, configuration, proposal, desired, params, commit)


def complete(sshd, configuration, params, result, lock, check_mode):
    """Do the rest of the promise where it is asked for; return the ``result`` with what came of it. Raises Error."""
    due = bool(result["written"]) or not_reloaded.is_marked(configuration)
    waiting = pending.read_record(configuration) is not None
    if is_whole(params) and (due or waiting):
        from ..module_utils._change import completion  # noqa: PLC0415

        if not check_mode:
            lock.take()
        result["changed"] = result["changed"] or waiting
        # Of no session at all there is nothing to prove.
        verify = params["verify"] if result["max_sessions"] else "false"
        reloaded, confirmed = completion.complete(sshd, configuration, verify, due=due, check_mode=check_mode)
        result.update(_report.completion(result, reloaded, confirmed=confirmed))
    if not (is_whole(params) and check_mode):
        result["reload_needed"] = result["reload_needed"] or not_reloaded.is_marked(configuration)
    return result


def out_of_reach(proposal, desired):
    """Return what a person should know where something else ends sessions before those that are desired."""
    most = max(limit.max_sessions or 0 for limit in desired)
    if not proposal.edits or most <= sessions.DEFAULT:
        return []
    from ..module_utils._usage import reach  # noqa: PLC0415

    return reach.warnings(most)


def is_to_be_proven(configuration, params, result):
    """Say whether the action plugin will open the clones."""
    verify = params["verify"]
    return verify == "always" or (verify == "true" and bool(result["reload"] or pending.read_record(configuration)))


def own_rule(sshd, configuration, desired):
    """Return the rule that is about the user whom Ansible connects as, for the action plugin: so much is promised to him."""
    from ..module_utils._service import own_connection  # noqa: PLC0415

    rule = own_connection.rule(sshd, configuration, desired)
    # Of no session at all there is nothing to prove.
    return {"match": rule.match, "clones": sessions.clones(rule.max_sessions)} if rule and rule.max_sessions else None


def in_force(sshd, configuration, desired, params):
    """Return the State of what is there now. Raises Error."""
    return proof.current(sshd, lambda: tree.read(configuration.main, Files()), desired, params["policy"])


def settle(sshd, configuration, desired, params, lock, _commit, check_mode):
    """Confirm or revert what is pending; return the module's result. Raises Error."""
    from ..module_utils._change import settlement  # noqa: PLC0415

    state = params["state"]
    if not check_mode and pending.read_record(configuration):
        lock.take()
    # What sshd rejects by now is not confirmed; what it rejects may be mended by what is reverted.
    current = in_force(sshd, configuration, desired, params) if state == "confirmed" else None

    def require_in_force(why="something else changed it since. Look at what did, then settle it with state 'reverted'"):
        proof.require_in_force(desired, current, why, policy=params["policy"])

    record = settlement.settle(sshd.run, configuration, desired, state, require_in_force, check_mode=check_mode)
    sentence = settlement.sentence(record, state, check_mode=check_mode)
    try:
        current = current or in_force(sshd, configuration, desired, params)
    except Error as error:
        raise Error("%s; and now: %s" % (sentence, error), changed=record is not None, **error.details)  # noqa: B904
    if state == "confirmed" and record is None:
        require_in_force("it was reverted, by somebody or because it was not confirmed in time")
    result = _report.settlement(current, record and state, sentence=sentence)
    result["reload_needed"] = not_reloaded.is_marked(configuration)
    result["warnings"] += leftovers.warnings(configuration, current.tree)
    return result


if __name__ == "__main__":
    main()
