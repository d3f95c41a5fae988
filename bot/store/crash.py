"""Named places at which a rehearsal may let the process die, to see that nothing is lost there.

Armed by `CRASH_AT=name:count` and only while Telegram is on loopback; otherwise every place is an empty call.
"""

from __future__ import annotations

import os
import signal

PLACES = (
    "inbox.before_commit",
    "inbox.after_commit",
    "turn.before_commit",
    "turn.after_commit",
    "send.after_begin",
    "send.after_answer",
    "send.before_booked",
    "send.after_booked",
    "timer.before_commit",
)

_armed: dict[str, int] = {}


def arm(order: str) -> None:
    """Let the process die (SIGKILL) when it passes a place for the count-th time.

    Args:
        order: `name:count`; "" disarms.

    Raises:
        ValueError: There is no such place.
    """
    _armed.clear()
    if not order:
        return
    name, _, count = order.partition(":")
    if name not in PLACES or not (count or "1").isdigit():
        raise ValueError(f"CRASH_AT: there is no place {name!r}; there are: {', '.join(PLACES)}")
    _armed[name] = int(count or "1")


def passing(name: str) -> None:
    """The process passes a place."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
