# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe's outcome means to a person: whether the promise was kept, and if not, the likely reason."""

from ansible_collections.multiplex.sshd.plugins.plugin_utils import _mux

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
        "If other connections work, sshd dropped this one: MaxStartups, PerSourceMaxStartups or PerSourcePenalties.",
    ),
    (
        "Connection closed",
        "If other connections work, sshd dropped this one: MaxStartups, PerSourceMaxStartups or PerSourcePenalties.",
    ),
    (
        "not connected and logged in",
        "The server is slow, or something between drops its answers: raise the option timeout if it is only slow.",
    ),
)


def unreached(host, words):
    """Say that there was no connection, with ssh's words and what to look at."""
    hint = next((advice for part, advice in UNREACHED if part in words), "Try the same with ssh by hand.")
    return "No connection to %s, so no clone was tried. ssh said: %s. %s" % (host, words.rstrip("."), hint)


def complaint(outcome, clone_depth=None, exact=False):
    """Return why ``outcome`` breaks the promise of ``clone_depth`` clones, or None when it is kept."""
    if outcome.lost:
        return "%s Then: %s. %s" % (
            _so_far(outcome, clone_depth),
            outcome.lost,
            "Either the session's sshd on the server ended, or it or the network was too slow: see sshd's log there, "
            "and raise the option timeout if it was only slow.",
        )
    if clone_depth is None:
        return None
    if outcome.reached < 1 + clone_depth:
        return "%s %s" % (_so_far(outcome, clone_depth), _why(outcome))
    if exact and outcome.opened > 1 + clone_depth:
        return (
            "%d clones opened, as promised, but the next one was let in too: MaxSessions is above %d for this user. "
            "On the server, %s shows its value." % (clone_depth, 1 + clone_depth, _ask_sshd(outcome))
        )
    return None


def summary(outcome, clone_depth=None):
    """Say what was counted, for an outcome without a complaint."""
    if outcome.refusal is None:
        least = "At least " if clone_depth is None else ""
        return "%s%s: all %d sessions opened on one connection." % (
            least,
            _count(outcome.clones, "clone"),
            outcome.asked,
        )
    return "%s on one connection; session %d was refused%s (%s)." % (
        _count(outcome.clones, "clone"),
        outcome.refusal.session,
        "" if clone_depth is None else " as it must be",
        _words(outcome.refusal),
    )


def _count(number, noun):
    return "%d %s%s" % (number, noun, "" if number == 1 else "s")


def _words(refusal):
    if refusal.reason_code is None:
        return refusal.text
    return "%s, reason %d %s" % (
        refusal.text or "no text",
        refusal.reason_code,
        _mux.REASONS.get(refusal.reason_code, "unknown"),
    )


def _so_far(outcome, clone_depth):
    wanted = outcome.asked if clone_depth is None else 1 + clone_depth
    return "%d of %s opened on one connection to %s." % (
        min(outcome.reached, wanted),
        _count(wanted, "session"),
        "%(user)s@%(host)s port %(port)s" % outcome.connection,
    )


def _ask_sshd(outcome):
    return "`sshd -T -C user=%s,host=HOST,addr=ADDR,laddr=LADDR,lport=%d | grep -i maxsessions`" % (
        outcome.connection["user"],
        outcome.connection["port"],
    )


def _why(outcome):
    refusal = outcome.refusal
    refused = "The server refused session %d: %s." % (refusal.session, _words(refusal))
    if refusal.request == "open":
        if refusal.reason_code not in (1, 2):
            return "%s That is not how sshd refuses for MaxSessions: see its log." % refused
        return (
            "%s So MaxSessions is %d on this connection. Either sshd was not reloaded since the value was raised (reload "
            "it; connections that are open keep the old value), or a Match block sets it for this user or address: %s "
            "on the server shows it." % (refused, outcome.opened, _ask_sshd(outcome))
        )
    if refusal.request == "pty-req":
        return (
            "%s It was let in, so MaxSessions is not the reason: PermitTTY no, no_pty on the key, kernel.pty.max, or the "
            "open-files limit of this user's sshd process, which at 1024 ends near 338 sessions." % refused
        )
    return (
        "%s It was let in, so MaxSessions is not the reason: most likely the open-files limit of this user's sshd "
        "process, which at 1024 ends near 338 sessions (`Max open files` in its /proc/PID/limits), or the processes "
        "that this user may have." % refused
    )
