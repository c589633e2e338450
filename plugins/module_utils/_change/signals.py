# SPDX-FileCopyrightText: multiplex.sshd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signals that end a program, turned into what undoes its work."""

import contextlib
import signal
from typing import Callable, Iterator, List

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def undone_by_signals() -> Iterator[Callable[[], None]]:
    """Have SIGINT, SIGTERM and SIGHUP end the block as an exception does, so that all is undone.

    Gives ``commit``, to call once all is well: from then on they are ignored to the end of the block.
    """
    # Whoever ignores one, as nohup does, is left to.
    handlers = {number: signal.getsignal(number) for number in ENDINGS if signal.getsignal(number) != signal.SIG_IGN}
    ended: List[str] = []

    def end(number, _frame):
        ended.append("ended by signal %d" % number)
        commit()

    def commit():
        for one in handlers:
            signal.signal(one, signal.SIG_IGN)
        if ended:
            raise SystemExit(ended[0])

    for number in handlers:
        signal.signal(number, end)
    try:
        yield commit
        # What a handler raises is lost where Python ignores exceptions, as in what it calls after a fork.
        if ended:
            raise SystemExit(ended[0])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
