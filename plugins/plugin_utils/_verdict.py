# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe's outcome means to a person: whether the promise was kept, and if not, the likely reason."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

GOT = {"open": "opened", "exec": "started a command", "shell": "started a shell", "answer": "answered"}

REFUSED_FOR_MAX_SESSIONS = (1, 2)  # before OpenSSH 7.5, and since
NOT_MAX_SESSIONS = "It was let in, so MaxSessions is not the reason:"
OPEN_FILES = (
    "the open-files limit of this connection's sshd process, which at 1024 ends near 338 sessions (`Max open files` in "
    "its /proc/PID/limits)"
)


def result(outcome, clone_depth=None, exact=False):
    """Return what an Ansible result says of ``outcome``."""
    wrong = complaint(outcome, clone_depth, exact)
    return {
        "failed": bool(wrong),
        "msg": wrong or summary(outcome, clone_depth),
        "clones": outcome.clones,
        "opened": outcome.opened,
        "refused": outcome.refused,
        "refusal": outcome.refusal and vars(outcome.refusal),
        "ended": outcome.ended,
        "seconds": round(outcome.seconds, 3),
        "connection": outcome.connection,
    }


def complaint(outcome, clone_depth=None, exact=False):
    """Return why ``outcome`` breaks the promise of ``clone_depth`` clones, or None when it is kept."""
    if outcome.lost:
        return (
            f"{_so_far(outcome, clone_depth)} Then: {outcome.lost}. Either this connection's sshd on the server ended, "
            "or it or the network was too slow: see sshd's log there, and raise the option timeout if it was only slow."
        )
    if clone_depth is None:
        return None
    wanted = 1 + clone_depth
    if outcome.reached < wanted:
        return f"{_so_far(outcome, clone_depth)} {_why(outcome, wanted)}"
    if exact and outcome.opened > wanted:
        return (
            f"{_count(clone_depth, 'clone')} opened, as promised, but the next one was let in too: MaxSessions is "
            f"above {wanted} for this user. On the server, {_ask_sshd(outcome)} shows it."
        )
    return None


def summary(outcome, clone_depth=None):
    """Say what was counted, for an outcome without a complaint."""
    clones = f"{_count(outcome.clones, 'clone')} on one connection"
    refusal = outcome.refusal
    if refusal is None:
        least = "At least " if clone_depth is None else ""
        said = f"{least}{clones}: {outcome.reached} of {_count(outcome.asked, 'session')} {GOT[outcome.session]}."
    elif outcome.not_started:
        said = f"{clones}: {_count(outcome.opened, 'session')} opened{_some(outcome)}. {_not_started(outcome)}"
    else:
        as_it_must = "" if clone_depth is None else ", as it must be"
        said = f"{clones}; session {refusal.session} was refused{as_it_must} ({_words(refusal)})."
    return said + _at_once(outcome)


def _count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _words(refusal):
    if refusal.reason_code is None:
        return refusal.text
    reason = _mux.REASONS.get(refusal.reason_code, "unknown")
    return f"{refusal.text or 'no text'}, reason {refusal.reason_code} {reason}"


def _some(outcome):
    return "" if outcome.reached == outcome.opened else f", and {outcome.reached} of them {GOT[outcome.session]}"


def _so_far(outcome, clone_depth):
    """Say how many opened and, if they were to do more, how many did; the numbers are the result's."""
    at = outcome.connection
    where = f"on one connection to {at['user']}@{at['host']} port {at['port']}"
    wanted = outcome.asked if clone_depth is None else 1 + clone_depth
    if outcome.opened < wanted:
        return f"{outcome.opened} of {_count(wanted, 'session')} opened {where}{_some(outcome)}."
    return f"{_count(outcome.opened, 'session')} opened {where}{_some(outcome)}; {wanted} must."


def _ask_sshd(outcome):
    user, port = outcome.connection["user"], outcome.connection["port"]
    return f"`sshd -T -C user={user},host=HOST,addr=ADDR,laddr=LADDR,lport={port} | grep -i maxsessions`"


def _why(outcome, wanted):
    if outcome.opened >= wanted:
        return f"{_not_started(outcome)} {_why_not_started(outcome.not_started)}"
    refusal = outcome.not_opened
    refused = f"The server refused session {refusal.session}: {_words(refusal)}."
    if refusal.reason_code not in REFUSED_FOR_MAX_SESSIONS:
        refused += " That is not how sshd refuses for MaxSessions: see its log."
    else:
        refused += (
            f" So MaxSessions is {outcome.opened} on this connection. Either sshd was not reloaded since the "
            "value was raised (reload it; connections that are open keep the old value), or a Match block sets it for "
            f"this user or address: {_ask_sshd(outcome)} on the server shows it."
        )
    return f"{refused} {_not_started(outcome)}" if outcome.not_started else refused


def _not_started(outcome):
    refusal = outcome.not_started
    verb = "answer" if refusal.request == "answer" else "start"
    return f"Session {refusal.session} was the first that did not {verb}: {refusal.text}."


def _why_not_started(refusal):
    if refusal.request == "pty-req":
        reason = f"PermitTTY no, no-pty on the key, kernel.pty.max, or {OPEN_FILES}."
    elif refusal.request == "answer":
        reason = (
            "a nologin shell, a ForceCommand or a command= on the key, a ChrootDirectory without a shell, an expired "
            "password, or a limit of PAM's. `ssh -t` by hand shows what a person gets."
        )
    else:
        reason = f"most likely {OPEN_FILES}, or the processes that this user may have."
    return f"{NOT_MAX_SESSIONS} {reason}"


def _at_once(outcome):
    if not outcome.ended:
        return ""
    return (
        f" But {outcome.ended} of {_count(outcome.reached, 'session')} ended at once {outcome.farewell}, as under a "
        "nologin shell or a ForceCommand: MaxSessions allows these clones, and a person gets no shell in them."
    )
