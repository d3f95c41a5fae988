"""Pacing: how soon the next call to a chat may leave.

Telegram's published limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about
one message per second in one chat, 20 a minute in one group, about 30 a second over all. Ours is a token bucket
per private chat, one for all, and for a group a window of a minute that never holds more than it may: a 429 would
keep alarms waiting behind cards. A 429 holds back only the chat that it came from.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.store.models import Priority

FREE = frozenset({"answerCallbackQuery", "sendChatAction", "setMessageReaction", "deleteMessages"})
"""Methods that show nothing new and are not counted."""

_RESERVE = {Priority.ALARM: 0.0, Priority.RELAY: 5.0, Priority.CARD: 7.0, Priority.SERVICE: 9.0}
"""Tokens that must be left for more important calls of the same group."""

MINUTE = 60.5
"""Seconds of a group's window: Telegram's minute, and a little for the way there."""


@dataclass(slots=True)
class Bucket:
    """`rate` tokens a second up to `size`; a rate of 0 is no limit."""

    rate: float
    size: float
    tokens: float = field(init=False)
    at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Begin full."""
        self.tokens = self.size

    def wait(self, now: float) -> float:
        """Seconds until a token can be taken; 0 when it can be now."""
        if self.rate <= 0:
            return 0.0
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def take(self) -> None:
        """Use one token."""
        self.tokens -= 1.0


class Window:
    """At most `size` in any minute; 0 is no limit."""

    def __init__(self, size: float) -> None:
        self._size = int(size)
        self._left: deque[float] = deque()

    def wait(self, now: float, reserve: float = 0.0) -> float:
        """Seconds until one may leave while `reserve` more still could; 0 when it can now."""
        while self._left and self._left[0] <= now - MINUTE:
            self._left.popleft()
        most = self._size - min(int(reserve), self._size - 1)
        excess = len(self._left) + 1 - most
        return self._left[excess - 1] + MINUTE - now if self._size and excess > 0 else 0.0

    def take(self, now: float) -> None:
        """One leaves."""
        if self._size:
            self._left.append(now)


class Pace:
    """All buckets of this process.

    Args:
        private_per_second: Messages per second to one private chat; 0 = no limit.
        group_per_minute: Messages per minute to one group; 0 = no limit.
        overall_per_second: Messages per second in all; 0 = no limit.
    """

    def __init__(self, private_per_second: float, group_per_minute: float, overall_per_second: float) -> None:
        self._private = private_per_second
        self._group = group_per_minute
        self._all = Bucket(overall_per_second, max(1.0, overall_per_second))
        self._chats: dict[int, Bucket] = {}
        self._groups: dict[int, Window] = {}
        self._held: dict[int, float] = {}

    def wait(self, chat_id: int, method: str, priority: str, now: float) -> float:
        """Seconds until this call may leave; when it is 0 the tokens are taken.

        Args:
            chat_id: Negative for groups.
            method: Bot API method.
            priority: A `Priority`.
            now: Monotonic seconds.
        """
        held = self._held.get(chat_id, 0.0) - now
        if held > 0:
            return held
        if method in FREE:
            return 0.0
        if chat_id < 0:
            window = self._groups.setdefault(chat_id, Window(self._group))
            wait = max(window.wait(now, _RESERVE[Priority(priority)]), self._all.wait(now))
            if wait <= 0:
                window.take(now)
                self._all.take()
            return wait
        bucket = self._chats.get(chat_id) or self._new(chat_id, now)
        wait = max(bucket.wait(now), self._all.wait(now))
        if wait <= 0:
            bucket.take()
            self._all.take()
        return wait

    def hold(self, chat_id: int, seconds: float, now: float) -> None:
        """Telegram asked to leave this chat alone for a while (429)."""
        self._held[chat_id] = now + seconds

    def _new(self, chat_id: int, now: float) -> Bucket:
        if len(self._chats) > 10_000:
            self._chats.clear()
        # Telegram tolerates a short burst in a private chat; two messages of one turn should arrive together.
        bucket = Bucket(self._private, 3.0)
        bucket.at = now
        self._chats[chat_id] = bucket
        return bucket
