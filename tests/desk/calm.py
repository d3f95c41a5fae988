"""With Telegram's limits on: what had to wait for what, by the store's own times."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from bot.store.models import Priority

LOOK = 3.0
"""Seconds in which delivery may have looked at the outbox before an alarm was written into it."""


@dataclass(frozen=True)
class Calm:
    """Waits in seconds from when a message could leave (the one before it in its lane was answered) to when it did.

    Attributes:
        alarms: Into the group, with alarm priority.
        cards: Into the group, cards and service.
        relays: Into the group, words of claimed cases.
        private: To anybody's private chat.
        calls: To those on call, in private.
        overtaken: Cards and service messages that left to the group while an alarm was ready to leave.
    """

    alarms: list[float]
    cards: list[float]
    relays: list[float]
    private: list[float]
    calls: list[float]
    overtaken: int

    @property
    def clean(self) -> bool:
        """No card went before an alarm, and nobody's private chat waited as the group does."""
        return bool(self.alarms) and not self.overtaken and max(self.private, default=0) < 10

    def __str__(self) -> str:
        """The figures."""
        named = {
            "alarms into the group": self.alarms,
            "calls to the rota": self.calls,
            "words into topics": self.relays,
            "cards and receipts": self.cards,
            "private chats": self.private,
        }
        parts = [
            f"{name}: median {median(waits):.1f} s, longest {max(waits):.1f} s ({len(waits)})"
            for name, waits in named.items()
            if waits
        ]
        return f"waits, {'; '.join(parts)}; cards that left before a ready alarm: {self.overtaken}"


def calm_of(database: Path) -> Calm:
    """Read the waits from the outbox."""
    with sqlite3.connect(database) as rows:
        sent = rows.execute(
            "SELECT id, lane, priority, chat_id, purpose, method, due_at, begun_at, finished_at FROM outbox"
            " WHERE begun_at IS NOT NULL AND method NOT IN ('answerCallbackQuery', 'setMessageReaction',"
            " 'deleteMessages', 'sendChatAction') ORDER BY id"
        ).fetchall()
    before: dict[str, float] = {}
    ready: list[tuple[float, float, str, int, str]] = []
    for _id, lane, priority, chat, purpose, _method, due, begun, finished in sent:
        at = max(_seconds(due), before.get(lane, 0.0))
        ready.append((at, _seconds(begun), priority, chat, purpose))
        before[lane] = max(before.get(lane, 0.0), _seconds(finished) if finished else 0.0)
    group = [r for r in ready if r[3] < 0]
    alarms = [r for r in group if _alarm(r[2])]
    low = [r for r in group if not _alarm(r[2]) and not _relay(r[2])]
    overtaken = sum(1 for c in low if any(a[0] + LOOK < c[1] < a[1] for a in alarms))

    def waits(found: list[tuple[float, float, str, int, str]]) -> list[float]:
        return [max(0.0, begun - at) for at, begun, *_ in found]

    return Calm(
        waits(alarms),
        waits(low),
        waits([r for r in group if _relay(r[2])]),
        waits([r for r in ready if r[3] > 0 and r[4] != "alert"]),
        waits([r for r in ready if r[4] == "alert"]),
        overtaken,
    )


def _alarm(priority: object) -> bool:
    return priority == Priority.ALARM


def _relay(priority: object) -> bool:
    return priority == Priority.RELAY


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
