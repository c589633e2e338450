# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that is live and armed: proven, and then confirmed or taken back. Nothing but this confirms one."""

from ansible_collections.multiplex.sshd.plugins.module_utils._errors import Error
from ansible_collections.multiplex.sshd.plugins.plugin_utils._channels import MOST


def kept(answer, request, prove, confirm, take_back):
    """Return the task's result from the module's ``answer``, a success, to a Request that asks for proof.

    ``prove(clone_depth, session, limit)`` returns what clone_probe does, ``confirm(words)`` runs the command that confirms
    the change, ``take_back()`` returns what the module does with state reverted. All of them may raise Error.
    """
    rule = answer.pop("own_rule", None)
    if not _to_prove(answer, request):
        return answer
    # What was not asked for was promised to nobody, who comes in here least of all: then a first session has to open.
    depth, session = (answer["clones"], "exec") if request.promises else (0, "open")
    if rule:
        depth, session = min(rule["clones"], MOST), "exec"
    proof, complaint = _tried(prove, depth, session, 0)
    answer["probe"] = proof
    if complaint and not rule:
        complaint += _by_own_rule(answer, proof)
    if not complaint:
        try:
            return _confirmed(answer, confirm, rule)
        except Error as error:
            complaint = f"The clones opened, and then the change could not be confirmed: {error}"
    return _taken_back(answer, complaint, prove, take_back)


def _to_prove(answer, request):
    """Say whether there is something to prove: what is pending, what was reloaded, or what is to be proven each time."""
    if answer["max_sessions"] == 0:
        return False
    return bool(answer["pending"] or _is_live(answer["reload"]) or request.verify == "always")


def _is_live(reload):
    return bool(reload) and reload["method"] != "none"


def _tried(prove, depth, session, limit):
    """Return ``(proof, complaint)``: either may be None."""
    try:
        proof = prove(depth, session, limit)
    except Error as error:
        return None, str(error)
    return proof, proof["msg"] if proof.pop("failed") else None


def _by_own_rule(answer, proof):
    """Say which of the task's own rules allows as many sessions as opened: that the module could not see it is rare."""
    for rule in answer["rules"]:
        if proof and rule["max_sessions"] == proof["opened"]:
            return f" Or it is this task's own rule 'Match {rule['match']}': let Ansible connect as somebody else."
    return ""


def _confirmed(answer, confirm, rule):
    whose = f" for 'Match {rule['match']}'" if rule else ""
    said = f"{answer['msg']}. Proven{whose}: {answer['probe']['msg']}"
    if answer["pending"]:
        confirm([*answer["pending"]["confirm"], answer["pending"]["id"]])
        answer.update(changed=True, pending=None, settled="confirmed")
    return {**answer, "msg": said}


def _taken_back(answer, complaint, prove, take_back):
    """Return the failure that ``complaint`` tells of, with the old state back and proven where that can be had."""
    answer["failed"] = True
    if not answer["pending"]:
        return {**answer, "msg": f"{complaint} {_left(answer['written'])}"}
    until = answer["pending"]["until"]
    try:
        back = take_back()
        if back.get("failed"):
            raise Error(back["msg"])
    except Error as error:
        unable = f"It could not be taken back from here: {str(error).rstrip('.')}. The host itself takes it back at {until}."
        return {**answer, "msg": f"{complaint} {unable}"}
    number = back["max_sessions"]
    answer.update(pending=None, effective={**answer["effective"], "after": number})
    if not back["changed"]:
        return {**answer, "msg": f"{complaint} There is nothing to take back any more: MaxSessions is {number}."}
    old, unreached = _tried(prove, None, "open", min(number, MOST))
    words = unreached or old["msg"]
    answer.update(changed=False, settled="reverted", reload_needed=back["reload_needed"])
    done = back["msg"][:1].upper() + back["msg"][1:]
    return {**answer, "msg": f"{complaint} {done}, MaxSessions is {number} again. Now: {words}"}


def _left(written):
    if not written:
        return "There is nothing to take back: this run has changed no file."
    return f"What was written stays ({', '.join(written)}): nothing is pending, so no old files are kept to go back to."
