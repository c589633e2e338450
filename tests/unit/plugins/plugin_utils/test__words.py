# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.multiplex.sshd.plugins.plugin_utils import _words

KEX = "debug1: kex.c:kex_exchange_identification():1456 (pid=5277): "

SAID = [  # (what ssh wrote, what is told)
    ("", ""),
    ("Maintenance until 14:00\nask ops\n\nConnection closed by h port 22\r\n",
     "Maintenance until 14:00; ask ops; Connection closed by h port 22"),
    (f"{KEX}Local version string SSH-2.0-x\n{KEX}banner line 0: Exceeded MaxStartups\nand so on\n",
     "Exceeded MaxStartups; and so on"),
    ("kex.c:kex_exchange_identification():1383 (pid=1): Connection closed by remote host\r\n",
     "kex_exchange_identification: Connection closed by remote host"),
    ("Warning: Permanently added 'h' (ED25519) to the list of known hosts.\r\nu@h: Permission denied.\n",
     "u@h: Permission denied."),
    ("** WARNING: connection is not using a post-quantum key exchange algorithm.\n** See x\nno\n", "no"),
    ("@@@@@@@@@@@\n@  IT IS POSSIBLE  @\n@@@@@@@@@@@\n", "@ IT IS POSSIBLE @"),
    ("\x1b]0;title\x07 \tred\x1b[31m\x00\u202e", "]0;title red[31m"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "told"), SAID)
def test_told(said, told):
    words = _words.Words()
    for at in range(0, len(said.encode()), 7):
        words.feed(said.encode()[at : at + 7])
    assert words.line() == told


SECRETS = [  # (secret, what the server says)
    ("hunter2", "Password hunter2 has expired."),
    ("hunter2", "hun\x07ter2"),
    ("two  words", "say two  words twice: two words"),
    ("mütter\\1", "m\\303\\274tter\\\\1 or mütter\\1"),
    ("a", "banana"),
]


@pytest.mark.parametrize(("secret", "said"), SECRETS)
def test_no_secret(secret, said):
    words = _words.Words([secret, ""])
    words.feed(said.encode())
    assert secret not in words.line() and "hunter2" not in words.line() and "words" not in words.line()
    assert "303" not in words.line() and words.line().count(_words.HIDDEN) >= 1


def test_of_much_the_end_is_kept_and_no_half_a_secret():
    words = _words.Words(["hunter2"])
    for _line in range(2000):
        words.feed(b"hunter2" * 10 + b"\n")
    words.feed(b"the end")
    assert len(words.said) == _words.KEPT
    assert words.line().endswith("the end") and len(words.line()) == _words.LONGEST + 2
    assert "unter" not in words.line() and words.line().startswith("… ")
