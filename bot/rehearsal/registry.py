"""The methods that this Telegram speaks, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.rehearsal.args import Args
from bot.rehearsal.local import LocalTelegram

Handler = Callable[[LocalTelegram, Args], Any | Awaitable[Any]]
METHODS: dict[str, tuple[str, Handler]] = {}
"""Name in lower case (Telegram does not mind case) -> the name as documented, and what answers it."""


Registered = TypeVar("Registered", bound=Handler)


def method(name: str) -> Callable[[Registered], Registered]:
    """Register a function as a Bot API method."""

    def register(handler: Registered) -> Registered:
        METHODS[name.lower()] = (name, handler)
        return handler

    return register
