# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why there was no connection, and what to look at."""

DROPPED = "If other connections work, sshd dropped this one: MaxStartups, PerSourceMaxStartups or PerSourcePenalties."
LOG = "sshd's log there says why"

HINTS = (  # (part of ssh's words, what to look at), the first that fits
    (
        "Exceeded MaxStartups",
        "More connections than MaxStartups are logging in there at this moment: connect to it less often at once, "
        "or raise MaxStartups.",
    ),
    (
        "Not allowed at this time",
        "sshd refuses this address for a while because of what came from it before: see PerSourcePenalties, and "
        "PerSourcePenaltyExemptList for the controller.",
    ),
    (
        "Too many authentication failures",
        "ssh offered more keys than MaxAuthTries allows, those of an agent too: give the one that is meant as "
        "private_key_file, and IdentitiesOnly=yes in the ssh arguments.",
    ),
    (
        "account has expired",
        "The account's time is over: `chage -l USER` on the server shows it.",
    ),
    (
        "UNPROTECTED PRIVATE KEY FILE",
        "ssh ignores a private key that others may read: chmod 600.",
    ),
    (
        "no such identity",
        "The private key's file is not on the controller: correct private_key_file.",
    ),
    (
        "Load key",
        "The private key's file is not one that this ssh can read: correct private_key_file.",
    ),
    (
        "Permission denied",
        "Authentication failed: try this user and key with ssh by hand; without a password in the inventory only keys, "
        "an agent and GSSAPI are tried. A user whom AllowUsers, DenyGroups or PermitRootLogin keeps out hears the same.",
    ),
    (
        "Host key verification failed",
        "The host key is unknown or has changed: verify it and add it to known_hosts.",
    ),
    (
        "Unable to negotiate",
        "This ssh and that server have no algorithm in common: one of them is too old, or restricted.",
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
        "during banner exchange",
        "Something accepts connections there and says nothing: is it sshd, and is it overloaded?",
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
        "UNKNOWN port",
        "The ProxyCommand or ProxyJump on the way ended: try it by hand.",
    ),
    (
        "kex_exchange_identification",
        DROPPED,
    ),
    (
        "Connection closed by",
        "The server ended the connection while it logged the user in; " + LOG + ". Usual are an account check of PAM's "
        "(/etc/nologin, pam_access, an expired account), a failing AuthorizedKeysCommand, and LoginGraceTime.",
    ),
    (
        "Connection reset by",
        "The connection was cut while the user was logged in: sshd's process for it died, or something between cut it; "
        + LOG + ".",
    ),
    (
        "not connected and logged in",
        "The server is slow, or something between drops its answers: raise the option timeout if it is only slow.",
    ),
)


def unreached(host, words):
    """Say that there was no connection, with ssh's words and what to look at."""
    hint = next((advice for part, advice in HINTS if part in words), "Try the same with ssh by hand.")
    said = words.rstrip(".")
    return f"No connection to {host}, so no clone was tried. ssh said: {said}. {hint}"
