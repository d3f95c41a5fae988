"""The house's time: the machine's, or the local Telegram's when both run on loopback."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx


class Clock(Protocol):
    """Tells the time; never anything else in the house does."""

    def now(self) -> datetime:
        """The time, UTC, timezone-aware."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC)


class FollowedClock:
    """The machine's clock plus the offset by which the local Telegram's runs ahead.

    Args:
        url: Answers `{"now": seconds since 1970}` to GET.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._offset = timedelta()

    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.now(UTC) + self._offset

    async def follow(self, every: float = 0.25) -> None:
        """Ask for the time for ever, every `every` seconds; an unreachable clock keeps the last offset."""
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                await self.synchronise(client)
                await asyncio.sleep(every)

    async def synchronise(self, client: httpx.AsyncClient) -> None:
        """Ask for the time once."""
        try:
            seconds = (await client.get(self._url)).json()["now"]
        except (httpx.HTTPError, ValueError, KeyError):
            return
        offset = datetime.fromtimestamp(seconds, UTC) - datetime.now(UTC)
        # Below a tenth of a second it is the request's own time, not the clock's.
        self._offset = offset if abs(offset) > timedelta(seconds=0.1) else timedelta()
