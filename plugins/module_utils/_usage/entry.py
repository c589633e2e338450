# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entry of a log: when which process said what, and whether it is known to be sshd's."""

import re
from typing import Any, Callable, Mapping, NamedTuple, Optional

from .._config.files import decode
from . import message, moment
from .process import NAMES

SYSLOG_MOST = 500  # octets of a message that log.c gives to syslog(3): behind them it is cut off
OWN_MOST = 1020  # and that it writes to a file of its own, less what the last escape may lack
REPEATED = re.compile(r"message repeated (\d{1,9}) times: \[ (.*)\]\Z")  # as rsyslog has it with RepeatedMsgReduction
LINE = re.compile(
    r"(?P<time>%s) \S+ (?:[a-z0-9]+\.[a-z]+ )?(?:%s)\[(?P<pid>\d{1,10})\]: (?P<text>.*)\Z" % (moment.STAMP, "|".join(NAMES))
)


class Entry(NamedTuple):
    """When which process said what."""

    time: Optional[float]  # since the epoch, None where the log has none
    pid: Optional[int]  # None where the log has none
    uid: Optional[int]  # whose process it is by the kernel's word, None where nobody vouches for it
    text: Optional[str]  # the message, None where it is not to be counted
    times: int = 1  # how often it was said


def of_line(line: bytes, latest: float) -> Optional[Entry]:
    """Return the Entry of a ``line``, in octets, of the system's log; None where it is no sshd's or isn't complete.

    ``latest`` is a moment after which none was written.
    """
    found = LINE.match(decode(line).rstrip("\r\n"))
    if not found:
        return None
    time = moment.stamped(found.group("time"), latest)
    said, times = found.group("text"), 1
    repeated = REPEATED.match(said)
    if repeated:
        times, said = int(repeated.group(1)), repeated.group(2)
    return Entry(time, int(found.group("pid")), None, whole(said, SYSLOG_MOST), times)


def of_own_line(line: bytes) -> Entry:
    """Return the Entry of a ``line``, in octets, of a file that sshd itself writes, with neither time nor process."""
    return Entry(None, None, None, whole(decode(line).rstrip("\r\n"), OWN_MOST))


def of_journal(fields: Mapping[str, Any], is_sshd: Callable[[str], bool]) -> Entry:
    """Return the Entry of a journal entry's ``fields``. ``is_sshd(path)`` says whether a program is an sshd of root's.

    Fields whose name begins with an underscore are the kernel's and journald's word, the others the sender's.
    """
    time, pid, uid = (_number(fields.get(name)) for name in ("__REALTIME_TIMESTAMP", "_PID", "_UID"))
    path, name, text = fields.get("_EXE"), fields.get("_COMM"), fields.get("MESSAGE")
    if isinstance(text, list) and all(isinstance(octet, int) for octet in text):
        text = decode(bytes(text))
    # journald knows no path where it may not look, as in a container, and neither of a process that was gone already.
    vouched = is_sshd(path) if path else name in NAMES or (name is None and uid == 0)
    if not vouched or None in (time, pid, uid) or not isinstance(text, str):
        text = None
    return Entry(time and time / 1e6, pid, uid, text and whole(text, SYSLOG_MOST))


def whole(text: str, most: int) -> Optional[str]:
    """Return ``text`` if all of it can be there, None where sshd has cut it off, maybe behind what somebody chose.

    Of the message that a session began whose command a key forces, its beginning is enough.
    """
    if len(text) < most:
        return text
    return message.FORCED if text.startswith(message.FORCED) else None


def _number(text: Any) -> Optional[int]:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 20 else None
