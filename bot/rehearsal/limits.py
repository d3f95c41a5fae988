"""Telegram's flood limits: about one message a second in a chat, 20 a minute in a group, 30 a second in all.

Source: core.telegram.org/bots/faq, "My bot is hitting limits, how do I avoid this?", which also says that short bursts may be let
through; here a private chat lets three go at once.
"""

from __future__ import annotations

import math
from collections import deque

PRIVATE_BURST = 3
PRIVATE_PER_S = 1.0
GROUP_PER_MIN = 20
OVERALL_PER_S = 30


class FloodLimits:
    """Counts what was sent, by Telegram's clock; ``enabled`` can be switched at any time."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._private: dict[int, tuple[float, float]] = {}
        self._group: dict[int, deque[float]] = {}
        self._all: deque[float] = deque()

    def wait_for(self, chat_id: int, *, private: bool, now: float, weight: int = 1) -> int:
        """Count ``weight`` messages to a chat, or return in how many whole seconds to try again (0 = they may go)."""
        if not self.enabled:
            return 0
        waits = [_window_wait(self._all, now, 1.0, OVERALL_PER_S, weight)]
        tokens = 0.0
        if private:
            tokens, since = self._private.get(chat_id, (float(PRIVATE_BURST), now))
            tokens = min(float(PRIVATE_BURST), tokens + max(0.0, now - since) * PRIVATE_PER_S)
            # An album counts as its messages, but a full one may always go when nothing went before it.
            if tokens < min(weight, PRIVATE_BURST):
                waits.append((min(weight, PRIVATE_BURST) - tokens) / PRIVATE_PER_S)
        else:
            waits.append(
                _window_wait(self._group.setdefault(chat_id, deque()), now, 60.0, GROUP_PER_MIN, weight)
            )
        wait = max(waits)
        if wait > 0:
            return max(1, math.ceil(wait))
        if private:
            self._private[chat_id] = (tokens - weight, now)
        else:
            self._group[chat_id].extend([now] * weight)
        self._all.extend([now] * weight)
        return 0


def _window_wait(sent: deque[float], now: float, length_s: float, most: int, weight: int) -> float:
    """Return how long until ``weight`` more fit into a window of ``length_s`` seconds that holds ``most``."""
    while sent and sent[0] <= now - length_s:
        sent.popleft()
    excess = len(sent) + min(weight, most) - most
    if excess <= 0:
        return 0.0
    return sent[excess - 1] + length_s - now
