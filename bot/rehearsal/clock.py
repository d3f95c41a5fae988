"""Telegram's own time: the machine's clock plus what `POST /clock` has advanced it by."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, movable forwards.

    Everything that Telegram dates or counts in time (message dates, the 48 hours for deletions, flood windows, the age of a callback
    query) reads this clock; waits that hold a connection open use real seconds.
    """

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Return Telegram's time in seconds since the epoch."""
        return time.time() + self.offset

    def date(self) -> int:
        """Return Telegram's time as the Bot API writes dates, in whole seconds."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        """Move the clock forwards by ``seconds``."""
        self.offset += seconds
