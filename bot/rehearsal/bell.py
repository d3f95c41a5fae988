"""Waking those who wait: long polls, held requests and event streams."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable


class Bell:
    """Lets coroutines wait for one of several keys to be rung, without polling and without walking all waiters."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, set[asyncio.Future[None]]] = {}
        self.closed = False

    def ring(self, key: Hashable) -> None:
        """Wake everyone who waits for ``key``."""
        for waiter in self._waiting.pop(key, ()):
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Wake everyone, now and from now on: the server is going down."""
        self.closed = True
        for key in list(self._waiting):
            self.ring(key)

    async def wait(self, keys: Iterable[Hashable], timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` seconds for any of ``keys``; return whether one was rung."""
        if self.closed or timeout_s <= 0:
            return False
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watched = list(keys)
        for key in watched:
            self._waiting.setdefault(key, set()).add(waiter)
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError:
            return False
        finally:
            for key in watched:
                others = self._waiting.get(key)
                if others is not None:
                    others.discard(waiter)
                    if not others:
                        del self._waiting[key]
        return True
