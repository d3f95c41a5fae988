"""With Telegram's limits on: what had to wait for what, by the store's own times."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from bot.store.models import Priority
from bot.telegram.pace import MINUTE, RESERVE

LOOK = 3.0
"""Seconds in which delivery may have looked at the outbox before an alarm was written into it."""

KEPT = RESERVE[Priority.RELAY]
"""Calls of the group's minute that are always there for alarms: who waits longer waits for other alarms."""


@dataclass(frozen=True)
class _Left:
    """A call that left: when it could, when it did, and what it was."""

    ready: float
    begun: float
    priority: str
    chat: int
    purpose: str
    lane: str
    again: bool

    @property
    def waited(self) -> float:
        return max(0.0, self.begun - self.ready)


@dataclass(frozen=True)
class Calm:
    """Waits in seconds from when a message could leave (the one before it in its lane was answered) to when it did.

    Attributes:
        alarms: Into the group, with alarm priority: topic, card, alert, and what the person in danger writes.
        alerts: Of these the loud words alone.
        cards: Into the group, cards and service.
        relays: Into the group, words of claimed cases.
        private: To anybody's private chat.
        calls: To those on call, in private.
        overtaken: Cards, service messages and relays that left to the group while an alarm was ready to leave.
        kept_waiting: Alarms that waited although fewer alarms than are kept room for had left in their minute.
    """

    alarms: list[float]
    alerts: list[float]
    cards: list[float]
    relays: list[float]
    private: list[float]
    calls: list[float]
    overtaken: int
    kept_waiting: int

    @property
    def clean(self) -> bool:
        """Alarms waited for alarms alone, and nobody's private chat as the group does."""
        in_private = max((*self.private, *self.calls), default=0)
        return bool(self.alarms) and not self.overtaken and not self.kept_waiting and in_private < 10

    def __str__(self) -> str:
        """The figures."""
        named = {
            "calls to the rota, in private": self.calls,
            "alarms into the group": self.alarms,
            "of these the alert itself": self.alerts,
            "words into topics": self.relays,
            "cards": self.cards,
            "private chats": self.private,
        }
        parts = [
            f"  {name}: median {median(waits):.1f} s, longest {max(waits):.1f} s ({len(waits)})"
            for name, waits in named.items()
            if waits
        ]
        ends = (
            f"  left to the group before a ready alarm: {self.overtaken}; "
            f"alarms that waited with fewer than {KEPT} alarms in their minute: {self.kept_waiting}"
        )
        return "\n".join(["waits:", *parts, ends])


def calm_of(database: Path) -> Calm:
    """Read the waits from the outbox."""
    left = _read(database)
    group = [c for c in left if c.chat < 0]
    alarms = [c for c in group if c.priority == Priority.ALARM]
    others = [c for c in group if c.priority != Priority.ALARM]
    relays = [c for c in others if c.priority == Priority.RELAY]
    overtaken = sum(1 for c in others if any(a.ready + LOOK < c.begun < a.begun for a in alarms))
    kept = [a for a in alarms if a.waited > LOOK and not a.again and _in_its_minute(a, alarms) < KEPT]
    return Calm(
        alarms=[c.waited for c in alarms],
        alerts=[c.waited for c in alarms if c.lane.startswith("alert:")],
        cards=[c.waited for c in others if c not in relays],
        relays=[c.waited for c in relays],
        private=[c.waited for c in left if c.chat > 0 and c.purpose != "alert"],
        calls=[c.waited for c in left if c.chat > 0 and c.purpose == "alert"],
        overtaken=overtaken,
        kept_waiting=len(kept),
    )


def _in_its_minute(alarm: _Left, alarms: list[_Left]) -> int:
    return sum(alarm.begun - MINUTE - LOOK < other.begun < alarm.begun for other in alarms)


def _read(database: Path) -> list[_Left]:
    with sqlite3.connect(database) as rows:
        sent = rows.execute(
            "SELECT lane, priority, chat_id, purpose, due_at, created_at, begun_at, finished_at, attempts FROM outbox"
            " WHERE begun_at IS NOT NULL AND method NOT IN ('answerCallbackQuery', 'setMessageReaction',"
            " 'deleteMessages', 'sendChatAction') ORDER BY id"
        ).fetchall()
    before: dict[str, float] = {}
    found: list[_Left] = []
    for lane, priority, chat, purpose, due, created, begun, finished, attempts in sent:
        # An alarm that Telegram sent away for a while waits all the same; others have their reasons to be due later.
        since = _seconds(created if priority == Priority.ALARM else due)
        ready = max(since, before.get(lane, 0.0))
        found.append(_Left(ready, _seconds(begun), priority, chat, purpose, lane, attempts > 1))
        before[lane] = max(before.get(lane, 0.0), _seconds(finished) if finished else 0.0)
    return found


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
