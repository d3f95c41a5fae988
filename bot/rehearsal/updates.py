"""The queue of updates for the bot: numbered, kept until acknowledged, filtered by `allowed_updates`."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    ]
)
"""Names of the optional fields of Update."""
DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
"""What a bot gets that never said (Bot API, getUpdates, allowed_updates)."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One update, already written as JSON, and the chat or person whose order it must keep."""

    id: int
    lane: Hashable
    body: bytes


@dataclass
class Webhook:
    """Where updates are posted to, and how it has gone (Bot API, WebhookInfo)."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str | None = None
    has_custom_certificate: bool = False
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass
class UpdateQueue:
    """Updates in the order in which they happened."""

    next_id: int = 724_000_001
    waiting: OrderedDict[int, Queued] = field(default_factory=OrderedDict)
    allowed: frozenset[str] = DEFAULT
    webhook: Webhook = field(default_factory=Webhook)
    on_new: Callable[[Queued], None] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the listener behind: it belongs to a running server."""
        return {**self.__dict__, "on_new": None}

    def add(self, kind: str, payload: Any, lane: Hashable) -> None:
        """Queue an update of ``kind``, unless the bot did not ask for that kind."""
        if kind not in self.allowed:
            return
        update = Queued(self.next_id, lane, json.dumps({"update_id": self.next_id, kind: payload}).encode())
        self.next_id += 1
        self.waiting[update.id] = update
        if self.on_new is not None:
            self.on_new(update)

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which kinds the bot wants: None leaves it as it was, an empty list means the defaults."""
        if kinds is None:
            return
        wanted = frozenset(kind.lower() for kind in kinds) & KINDS
        self.allowed = wanted or DEFAULT

    def take(self, offset: int, limit: int) -> list[Queued]:
        """Forget updates below ``offset`` and return up to ``limit`` of the rest.

        A negative offset keeps only that many from the end (Bot API, getUpdates, offset).
        """
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popitem(last=False)
        elif offset:
            while self.waiting and next(iter(self.waiting)) < offset:
                self.waiting.popitem(last=False)
        taken: list[Queued] = []
        for update in self.waiting.values():
            if len(taken) == limit:
                break
            taken.append(update)
        return taken

    def done(self, update_id: int) -> None:
        """Forget one update: the webhook took it."""
        self.waiting.pop(update_id, None)

    def clear(self) -> None:
        """Forget all (drop_pending_updates)."""
        self.waiting.clear()
