# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe's outcome means to a person: whether the promise was kept, and if not, the likely reason."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

DROPPED = "If other connections work, sshd dropped this one: MaxStartups, PerSourceMaxStartups or PerSourcePenalties."
REFUSED_FOR_MAX_SESSIONS = (1, 2)  # before OpenSSH 7.5, and since
NOT_MAX_SESSIONS = "It was let in, so MaxSessions is not the reason:"
OPEN_FILES = (
    "the open-files limit of this connection's sshd process, which at 1024 ends near 338 sessions (`Max open files` in "
    "its /proc/PID/limits)"
)

UNREACHED = (  # (part of ssh's words, what to look at), the first that fits
    (
        "Permission denied",
        "Authentication failed: try this user and key with ssh by hand; without a password in the inventory only keys, "
        "an agent and GSSAPI are tried.",
    ),
    (
        "Host key verification failed",
        "The host key is unknown or has changed: verify it and add it to known_hosts.",
    ),
    (
        "ssh asks",
        "Nobody can answer this question: give the password in the inventory, or use a key or an agent.",
    ),
    (
        "Connection refused",
        "Nothing listens there: is sshd running, and is this its port?",
    ),
    (
        "Could not resolve",
        "The name is unknown here: correct the option host, or ansible_host.",
    ),
    (
        "Connection timed out",
        "No answer from there: is the address right, does a firewall drop it, is a ProxyJump missing?",
    ),
    (
        "No route",
        "There is no way to that address from the controller: is a ProxyJump missing?",
    ),
    (
        "Connection reset",
        DROPPED,
    ),
    (
        "Connection closed",
        DROPPED,
    ),
    (
        "not connected and logged in",
        "The server is slow, or something between drops its answers: raise the option timeout if it is only slow.",
    ),
)


def unreached(host, words):
    """Say that there was no connection, with ssh's words and what to look at."""
    hint = next((advice for part, advice in UNREACHED if part in words), "Try the same with ssh by hand.")
    said = words.rstrip(".")
    return f"No connection to {host}, so no clone was tried. ssh said: {said}. {hint}"


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
    if outcome.reached < 1 + clone_depth:
        return f"{_so_far(outcome, clone_depth)} {_why(outcome)}"
    if exact and outcome.opened > 1 + clone_depth:
        return (
            f"{_count(clone_depth, 'clone')} opened, as promised, but the next one was let in too: MaxSessions is "
            f"above {1 + clone_depth} for this user. On the server, {_ask_sshd(outcome)} shows it."
        )
    return None


def summary(outcome, clone_depth=None):
    """Say what was counted, for an outcome without a complaint."""
    clones = _count(outcome.clones, "clone")
    refusal = outcome.refusal
    if refusal is None:
        least = "At least " if clone_depth is None else ""
        return f"{least}{clones}: all {_count(outcome.asked, 'session')} opened on one connection."
    as_it_must = "" if clone_depth is None else ", as it must be"
    return f"{clones} on one connection; session {refusal.session} was refused{as_it_must} ({_words(refusal)})."


def _count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _words(refusal):
    if refusal.reason_code is None:
        return refusal.text
    reason = _mux.REASONS.get(refusal.reason_code, "unknown")
    return f"{refusal.text or 'no text'}, reason {refusal.reason_code} {reason}"


def _so_far(outcome, clone_depth):
    wanted = outcome.asked if clone_depth is None else 1 + clone_depth
    at = outcome.connection
    return (
        f"{min(outcome.reached, wanted)} of {_count(wanted, 'session')} opened on one connection to "
        f"{at['user']}@{at['host']} port {at['port']}."
    )


def _ask_sshd(outcome):
    user, port = outcome.connection["user"], outcome.connection["port"]
    return f"`sshd -T -C user={user},host=HOST,addr=ADDR,laddr=LADDR,lport={port} | grep -i maxsessions`"


def _why(outcome):
    refusal = outcome.refusal
    refused = f"The server refused session {refusal.session}: {_words(refusal)}."
    if refusal.request == "open":
        if refusal.reason_code not in REFUSED_FOR_MAX_SESSIONS:
            return f"{refused} That is not how sshd refuses for MaxSessions: see its log."
        return (
            f"{refused} So MaxSessions is {outcome.opened} on this connection. Either sshd was not reloaded since the "
            "value was raised (reload it; connections that are open keep the old value), or a Match block sets it for "
            f"this user or address: {_ask_sshd(outcome)} on the server shows it."
        )
    if refusal.request == "pty-req":
        return f"{refused} {NOT_MAX_SESSIONS} PermitTTY no, no-pty on the key, kernel.pty.max, or {OPEN_FILES}."
    return f"{refused} {NOT_MAX_SESSIONS} most likely {OPEN_FILES}, or the processes that this user may have."
