# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task of multiplex.sshd.max_sessions asks for, its mistakes named as the user wrote them. Pure: no Ansible."""

import decimal
import difflib

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import MOST

OPTIONS = (
    "backup", "ceiling", "clone_depth", "config", "confirm_within", "drop_in", "extra_sessions", "location", "lock_out",
    "max_sessions", "policy", "reload", "rules", "sshd", "state", "verify",
)  # fmt: skip
# The role's variables are these under its prefix, but for what it always asks for itself.
VARIABLES = tuple(name for name in OPTIONS if name != "reload")
RULE = ("ceiling", "clone_depth", "extra_sessions", "match", "max_sessions")
# The role's prefix begins these too: what it registers, and what people call that which the module of this name returns.
NO_OPTIONS = ("result", "info")
YES = ("1", "1.0", "on", "t", "true", "y", "yes")
NO = ("0", "0.0", "f", "false", "n", "no", "off")


class Request:
    """What is asked for: ``args`` are the module's, ``verify`` is "false", "true" or "always".

    ``prefix`` is what the user wrote before an option's name. ``promises`` says whether a number of sessions for everyone is
    asked for; which one it is the module says, for only what that makes of a text is what it sets.
    """

    def __init__(self, args, prefix="", variables=()):
        """Take a task's ``args`` and the names of the host's ``variables``; raise Error."""
        self.prefix = prefix
        if prefix:
            self._check_variables(variables)
        for name in args:
            if name not in OPTIONS:
                raise Error(f"{name} is no option of max_sessions: {_nearest(name, OPTIONS)}")
            if _nothing(args[name]):
                raise Error(f"{prefix}{name} is given and empty (null): give it a value, or leave it out altogether.")
        self.verify = self._verify(args)
        self.args = {**args, "verify": self.verify}
        self.state = args.get("state", "present")
        if self.state == "present":
            self._check_numbers(args)
        self._check_rules(args.get("rules"))
        self.promises = self.state == "present" and bool({"clone_depth", "max_sessions"} & set(args))
        if self.verify != "false":
            self._check_proof(args)

    def name(self, option):
        """Return ``option`` as the user writes it."""
        return self.prefix + option

    def _check_variables(self, variables):
        known = [self.prefix + name for name in VARIABLES]
        passed = {*known, *(self.prefix + name for name in NO_OPTIONS)}
        for name in sorted(map(str, variables)):
            if name == self.prefix + "reload":
                raise Error(f"{name} is no variable of the role, which reloads sshd whenever that is needed: leave it out.")
            if name.startswith(self.prefix) and name not in passed:
                raise Error(f"{name} is no variable of the role: {_nearest(name, known)}")

    def _verify(self, args):
        word = _word(args.get("verify", False))
        if word == "always":
            return word
        if word in YES + NO:
            return "true" if word in YES else "false"
        raise Error(f"{self.name('verify')} is '{args['verify']}': it can be true, false or always.")

    def _check_numbers(self, args):
        depth, number, rules = (self.name(option) for option in ("clone_depth", "max_sessions", "rules"))
        if "clone_depth" in args and "max_sessions" in args:
            raise Error(f"{depth} and {number} are both given: leave one of them out.")
        if not {"clone_depth", "max_sessions", "rules"} & set(args):
            raise Error(
                f"None of {depth}, {number} and {rules} is given: say how many sessions people clone, or set "
                f"{self.name('state')} to absent to take out what was written."
            )

    def _check_rules(self, rules):
        for number, rule in enumerate(rules if isinstance(rules, (list, tuple)) else (), 1):
            where = f"{self.name('rules')}: rule {number}:"
            if not isinstance(rule, dict):
                raise Error(f"{where} it must have keys, such as match and clone_depth, and is '{rule}'.")
            for key in rule:
                if key not in RULE:
                    raise Error(f"{where} {key} is no key of a rule: {_nearest(str(key), RULE)}")
                if _nothing(rule[key]):
                    raise Error(f"{where} {key} is given and empty (null): give it a value, or leave it out altogether.")
            given = {"clone_depth", "max_sessions"} & set(rule)
            if "match" not in rule or len(given) != 1:
                missing = "match" if "match" not in rule else "clone_depth or max_sessions"
                said = "clone_depth and max_sessions are both given: leave one of them out."
                raise Error(f"{where} {said if len(given) > 1 else missing + ' is missing.'}")

    def _check_proof(self, args):
        verify = self.name("verify")
        if self.state in ("confirmed", "reverted"):
            raise Error(f"{verify} is for what is to be changed: state {self.state} proves nothing, so leave {verify} out.")
        if _word(args.get("reload", True)) in NO:
            raise Error(f"{verify} needs {self.name('reload')}: without it there is nothing new to prove. Drop one of them.")
        if _integer(args.get("confirm_within", 1)) == 0:
            raise Error(
                f"{self.name('confirm_within')} is 0, which changes for good at once, and {verify} is to prove the change "
                "before it is for good: leave one of them out."
            )
        clones = _clones(args) if self.promises else None
        if clones is not None and clones > MOST:
            raise Error(
                f"{clones} clones can't be proven, no more than {MOST} can be opened on one connection: ask for fewer, or "
                f"set {verify} to false."
            )


def _clones(args):
    """Return how many clones for everyone ``args`` ask for, None where only the module can tell."""
    given = ("max_sessions",) if "max_sessions" in args else ("clone_depth", "extra_sessions")
    numbers = [_integer(args.get(name, 0)) for name in given]
    return None if None in numbers else sum(numbers) - (len(given) == 1)


def _integer(value):
    """Return the integer that AnsibleModule makes of ``value``, None where it may refuse it."""
    try:
        number = decimal.Decimal(int(value) if isinstance(value, bool) else str(value).strip())
        return int(number) if number == int(number) else None
    except (ArithmeticError, ValueError):
        return None


def _word(value):
    return str(value).strip().lower()


def _nothing(value):
    # Up to ansible-core 2.18 a template makes an empty text of null.
    return value is None or (isinstance(value, str) and not value.strip())


def _nearest(name, known):
    return f"is {difflib.get_close_matches(name, known, 1, 0)[0]} meant?"
