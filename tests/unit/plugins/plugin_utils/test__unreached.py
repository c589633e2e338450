# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _unreached

SAID = [  # (ssh's words, part of the hint)
    ("u@h: Permission denied (publickey).", "Authentication failed"),
    ('Load key "/k": invalid format; u@h: Permission denied (publickey).', "not one that this ssh can read"),
    ("no such identity: /k: No such file or directory; u@h: Permission denied (publickey).", "not on the controller"),
    ("Host key verification failed.", "known_hosts"),
    ("Exceeded MaxStartups; kex_exchange_identification: Connection closed by remote host", "less often at once"),
    ("Not allowed at this time; kex_exchange_identification: Connection closed by remote host", "PerSourcePenalties"),
    ("kex_exchange_identification: read: Connection reset by peer; Connection reset by h port 22", "MaxStartups"),
    ("kex_exchange_identification: Connection closed by remote host; Connection closed by h port 22", "MaxStartups"),
    ("kex_exchange_identification: Connection closed by remote host; Connection closed by UNKNOWN port 65535", "ProxyJump"),
    ("Unable to negotiate with h port 22: no matching host key type found. Their offer: ssh-rsa", "no algorithm"),
    ("Connection timed out during banner exchange; Connection to h port 22 timed out", "says nothing"),
    ("Your account has expired; Connection closed by h port 22", "chage -l"),
    ("Connection closed by h port 22", "/etc/nologin, pam_access"),
    ("Connection reset by h port 22", "died"),
    ("Received disconnect from h port 22:2: Too many authentication failures", "IdentitiesOnly"),
    ("ssh: connect to host h port 1: Connection refused", "Nothing listens"),
    ("not connected and logged in after 20 seconds; ssh asks: Verification code:", "Nobody can answer"),
    ("something new", "by hand"),
]


@pytest.mark.parametrize(("words", "hint"), SAID)
def test_unreached(words, hint):
    said = _unreached.unreached("h", words)
    assert said.startswith(f"No connection to h, so no clone was tried. ssh said: {words.rstrip('.')}. ") and hint in said
    assert ".." not in said and said[-1] in ".?"
