# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that are known on the controller are those of the module, of the role's specification and of its task."""

import os

import pytest
import yaml
from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.modules.max_sessions import DOCUMENTATION, SPECIFICATION
from ansible_collections.multiplex.sshd.plugins.plugin_utils._request import OPTIONS, RULE, Request

ROLE = os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "roles", "max_sessions")
P = "max_sessions_"


def loaded(name):
    with open(os.path.join(ROLE, name)) as file:
        return yaml.safe_load(file)


def test_the_names_are_those_of_the_module():
    known = SPECIFICATION["argument_spec"]
    set_by_the_action_plugin = {"unprovable"}
    assert set(OPTIONS) == set(known) - set_by_the_action_plugin
    assert set(RULE) == set(known["rules"]["options"])
    assert set(RULE) == set(yaml.safe_load(DOCUMENTATION)["options"]["rules"]["suboptions"])


def test_the_role_takes_every_one_of_them_but_what_it_is_for():
    own = {"reload"}
    options = loaded("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert set(options) == {P + name for name in set(OPTIONS) - own}
    (task,) = loaded("tasks/main.yml")
    assert set(task["multiplex.sshd.max_sessions"]) == own
    assert set(loaded("defaults/main.yml")) <= set(options)


@pytest.mark.parametrize(("given", "verify"), [
    (None, "false"), (False, "false"), ("no", "false"), ("False", "false"), (0, "false"), (True, "true"), ("yes", "true"),
    ("TRUE", "true"), (1, "true"), ("always", "always"), ("Always", "always"),
])  # fmt: skip
def test_verify_as_people_write_it(given, verify):
    args = {"clone_depth": 5} if given is None else {"clone_depth": 5, "verify": given}
    assert Request(args).args == {"clone_depth": 5, "verify": verify}


@pytest.mark.parametrize("given", ["never", "sometimes", 2, [], {}])
def test_another_verify_is_refused(given):
    with pytest.raises(Error, match="it can be true, false or always"):
        Request({"clone_depth": 5, "verify": given})


@pytest.mark.parametrize(("args", "promises"), [
    ({"clone_depth": 5}, True), ({"clone_depth": "5.0"}, True), ({"max_sessions": 4}, True),
    ({"rules": [{"match": "User bob", "clone_depth": 5}]}, False), ({"state": "absent"}, False),
    ({"state": "absent", "clone_depth": 5}, False), ({"clone_depth": "five"}, True), ({"clone_depth": [5]}, True),
])  # fmt: skip
def test_whether_something_is_promised_to_everyone(args, promises):
    assert Request(args).promises is promises


@pytest.mark.parametrize("args", [
    {"clone_depth": 16001}, {"clone_depth": " 16001.0 "}, {"max_sessions": "16002"},
    {"clone_depth": 16000, "extra_sessions": "1"}, {"clone_depth": True, "extra_sessions": 16000},
], ids=str)  # fmt: skip
def test_more_than_can_be_proven_is_refused(args):
    with pytest.raises(Error, match=r"^16001 clones can't be proven"):
        Request({**args, "verify": True})


@pytest.mark.parametrize("given", [0, False, "0", "00", " 0 ", "0.0", 0.0, "-0"])
def test_to_change_for_good_and_prove_is_refused(given):
    with pytest.raises(Error, match="confirm_within is 0"):
        Request({"clone_depth": 5, "verify": True, "confirm_within": given})


@pytest.mark.parametrize("given", [False, "no", " Off ", 0, 0.0, "0.0"])
def test_a_proof_without_reload_is_refused(given):
    with pytest.raises(Error, match="verify needs reload"):
        Request({"clone_depth": 5, "verify": True, "reload": given})


def test_what_others_called_by_the_prefix_passes():
    variables = [P + "clone_depth", P + "result", P + "info", "max_sessionsdepth", "other"]
    Request({"clone_depth": 5}, P, variables)
    with pytest.raises(Error, match=r"^max_sessions_results is no variable of the role: is max_sessions_rules meant\?$"):
        Request({"clone_depth": 5}, P, [*variables, P + "results"])
