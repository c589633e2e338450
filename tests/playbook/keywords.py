# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play or a command line may say around the role."""

from collections import namedtuple

ROLE = "multiplex.sshd.max_sessions"

# play: keywords; role: keywords of the role's entry in roles, None: included by a task; apply: of the included role;
# arguments: of ansible-playbook; real: whether it is a real run, not a prediction.
Case = namedtuple("Case", "play role apply arguments real")


def case(*arguments, role=None, apply=None, real=True, **play):
    return Case(play, role, apply, arguments, real)


CASES = {
    "nothing": case(),
    "ignore_errors": case(ignore_errors=True),
    "ignore_errors of the role": case(role={"ignore_errors": True}),
    "ignore_errors of what is included": case(apply={"ignore_errors": True}),
    "ignore_unreachable": case(ignore_unreachable=True, ignore_errors=True),
    "--check": case("--check", real=False),
    "--check --diff": case("--check", "--diff", real=False),
    "check_mode": case(check_mode=True, real=False),
    "check_mode of the role": case(role={"check_mode": True}, real=False),
    "check_mode of what is included": case(apply={"check_mode": True}, real=False),
    "--check, check_mode: false": case("--check", check_mode=False),
    "--check, check_mode: false of the role": case("--check", role={"check_mode": False}, ignore_errors=True),
    "--check, check_mode: false of what is included": case("--check", apply={"check_mode": False}, ignore_errors=True),
    "check_mode: false": case(check_mode=False),
    "--check, check_mode": case("--check", check_mode=True, real=False),
    "--start-at-task": case("--start-at-task", f"{ROLE} : Set MaxSessions"),
    "--step": case("--step"),
    "--tags": case("--tags", "sessions", role={"tags": ["sessions"]}, ignore_errors=True),
    "--skip-tags": case("--skip-tags", "proof"),
    "timeout": case(timeout=60, ignore_errors=True),
    "throttle": case(throttle=1),
    "any_errors_fatal": case(any_errors_fatal=True),
    "any_errors_fatal: false": case(any_errors_fatal=False, ignore_errors=True, max_fail_percentage=100),
    "strategy: free": case(strategy="free", ignore_errors=True),
    "strategy: host_pinned": case(strategy="host_pinned", ignore_errors=True),
    "serial": case(serial=1),
    "run_once": case(run_once=True, ignore_errors=True),
    "become": case(become=True, ignore_errors=True),
    "no_log": case(no_log=True, ignore_errors=True),
    "force_handlers": case("--force-handlers", force_handlers=True),
    "module_defaults": case(
        module_defaults={ROLE: {"verify": "false", "reload": False}, "multiplex.sshd.clone_probe": {"limit": 0}}
    ),
    "debugger": case(debugger="never", ignore_errors=True),
    "without pipelining": case("-e", "ansible_pipelining=false"),
}


def play(one, variables):
    """Return the keywords of a play that runs the role as Case ``one`` says, with ``variables``."""
    if one.apply is None:
        return {"roles": [{"role": ROLE, **(one.role or {})}], "vars": variables, **one.play}
    include = {"name": "Set", "ansible.builtin.include_role": {"name": ROLE, "apply": one.apply}}
    return {"tasks": [include], "vars": variables, **one.play}
