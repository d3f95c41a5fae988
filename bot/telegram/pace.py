"""Pacing: how soon the next call to a chat may leave.

Telegram's published limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about
one message per second in one chat, 20 a minute in one group, about 30 a second over all; an album counts as its messages.
Ours is a token bucket per private chat, one for all, and for a group a window of a minute that never holds more than it
may: a 429 would keep alarms waiting behind cards. A call counts from before it leaves until a minute after its answer,
since nobody knows when between the two Telegram counted it. A 429 holds back only the chat that it came from.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.store.models import Priority

FREE = frozenset(
    {"answerCallbackQuery", "sendChatAction", "setMessageReaction", "deleteMessages", "deleteForumTopic"}
)
"""Methods that show nothing new and are not counted."""

RESERVE = {Priority.ALARM: 0, Priority.RELAY: 6, Priority.CARD: 8, Priority.SERVICE: 10}
"""Messages of the group's minute that must be left for more important calls: of 20, cards and services may use 12,
words of claimed cases 14, and six are always there for alarms."""

FLIGHT = 0.2
"""Seconds until it is looked again whether a call under way has been answered."""

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

    def wait(self, now: float, weight: int = 1) -> float:
        """Seconds until `weight` tokens can be taken; 0 when they can be now. More than `size` count as `size`."""
        if self.rate <= 0:
            return 0.0
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return max(0.0, (min(float(weight), self.size) - self.tokens) / self.rate)

    def take(self, weight: int = 1) -> None:
        """Use tokens."""
        self.tokens -= weight


class Window:
    """At most `size` in any minute; 0 is no limit."""

    def __init__(self, size: float) -> None:
        self._size = int(size)
        self._flying = 0
        self._landed: deque[float] = deque()

    def wait(self, now: float, reserve: int = 0, weight: int = 1) -> float:
        """Seconds until `weight` may leave while `reserve` more still could; 0 when they can now."""
        while self._landed and self._landed[0] <= now - MINUTE:
            self._landed.popleft()
        most = self._size - min(reserve, self._size - 1)
        excess = self._flying + len(self._landed) + min(weight, most) - most
        if not self._size or excess <= 0:
            return 0.0
        if excess > len(self._landed):
            return FLIGHT
        return self._landed[excess - 1] + MINUTE - now

    def take(self, weight: int = 1) -> None:
        """So many leave."""
        self._flying += weight

    def land(self, weight: int, now: float, *, left: bool = True) -> None:
        """So many were answered; without `left`, they never went."""
        self._flying = max(0, self._flying - weight)
        if left and self._size:
            self._landed.extend([now] * weight)


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

    def wait(self, chat_id: int, method: str, priority: str, now: float, weight: int = 1) -> float:
        """Seconds until this call may leave; when it is 0 the tokens are taken, until `landed` says how it went.

        Args:
            chat_id: Negative for groups.
            method: Bot API method.
            priority: A `Priority`.
            now: Monotonic seconds.
            weight: As how many messages Telegram counts it.
        """
        held = self._held.get(chat_id, 0.0) - now
        if held > 0:
            return held
        if method in FREE:
            return 0.0
        if chat_id < 0:
            window = self._window(chat_id)
            wait = max(window.wait(now, RESERVE[Priority(priority)], weight), self._all.wait(now, weight))
            if wait <= 0:
                window.take(weight)
                self._all.take(weight)
            return wait
        bucket = self._chats.get(chat_id) or self._new(chat_id, now)
        wait = max(bucket.wait(now, weight), self._all.wait(now, weight))
        if wait <= 0:
            bucket.take(weight)
            self._all.take(weight)
        return wait

    def landed(self, chat_id: int, method: str, now: float, weight: int = 1, *, left: bool = True) -> None:
        """A call that was let go has been answered, or (without `left`) did not leave after all."""
        if chat_id < 0 and method not in FREE:
            self._window(chat_id).land(weight, now, left=left)

    def remember(self, chat_id: int, method: str, at: float, weight: int = 1) -> None:
        """A call of before this start, answered at `at` (monotonic seconds): Telegram still counts it."""
        if chat_id < 0 and method not in FREE:
            self._window(chat_id).land(weight, at)

    def _window(self, chat_id: int) -> Window:
        return self._groups.setdefault(chat_id, Window(self._group))

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
