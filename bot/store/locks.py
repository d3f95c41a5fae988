"""Who processes which chat: one at a time, first in first out, also when several workers share a PostgreSQL.

PostgreSQL: session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS)
on one connection of their own; when a worker dies its connection ends and its locks are free at once. The same
connection holds the worker's name, so that others can tell a dead worker from a busy one, and, in one worker, the
right to poll. SQLite has one process, so a set is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database

T = TypeVar("T")

_NAMESPACE = 0x5B17 << 48
"""Keeps chats' locks apart from other users of advisory locks on the same database."""

_POSITIVE = 0x7FFF_FFFF_FFFF_FFFF

_HELD_BY_SOMEBODY = """
    SELECT count(*) > 0 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid::bigint = :high AND objid::bigint = :low
"""
"""A 64-bit key is shown in two halves (https://www.postgresql.org/docs/current/view-pg-locks.html)."""


def _named(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") & _POSITIVE


class ChatLocks:
    """The chats that this process works on, and the names it goes by.

    Args:
        database: Where the locks live.
        worker: This process's name, held for as long as it lives; "" = none.
    """

    def __init__(self, database: Database, worker: str = "") -> None:
        self._database = database
        self._worker = worker
        self._mine: set[int] = set()
        self._leads: set[str] = set()
        self._connection: Connection | None = None

    async def take(self, number: int) -> bool:
        """Try to get a chat; False when it is being processed, here or elsewhere."""
        if number in self._mine:
            return False
        self._mine.add(number)
        taken = self._database.sqlite
        try:
            taken = taken or await self._aside(lambda: self._try(self._key(number)), False)
        finally:
            if not taken:
                self._mine.discard(number)
        return taken

    async def free(self, number: int) -> None:
        """Let a chat go."""
        try:
            if not self._database.sqlite:
                await self._aside(
                    lambda: self._ask("SELECT pg_advisory_unlock(:key)", key=self._key(number)), True
                )
        finally:
            self._mine.discard(number)

    async def lead(self, what: str) -> bool:
        """Try to be, or to remain, the one worker that does `what`; True while it is this one."""
        if self._database.sqlite:
            return True
        return await self._aside(lambda: self._lead(what), False)

    async def dead(self, workers: Iterable[str]) -> set[str]:
        """Which of these workers hold their name no more.

        A name that is free for a moment may be that of a worker whose connection broke: look twice.
        """
        others = {name for name in workers if name != self._worker}
        if self._database.sqlite or not others:
            return others
        return await self._aside(lambda: {name for name in others if not self._lives(name)}, set())

    def _lead(self, what: str) -> bool:
        # The question also finds out whether the connection, and the lock with it, is still there.
        self._ask("SELECT true")
        if what not in self._leads and self._try(_named(what)):
            self._leads.add(what)
        return what in self._leads

    def _lives(self, worker: str) -> bool:
        key = _named(worker)
        return self._ask(_HELD_BY_SOMEBODY, high=key >> 32, low=key & 0xFFFF_FFFF)

    def _try(self, key: int) -> bool:
        return self._ask("SELECT pg_try_advisory_lock(:key)", key=key)

    @staticmethod
    def _key(number: int) -> int:
        return (number ^ _NAMESPACE) & _POSITIVE

    async def _aside(self, call: Callable[[], T], away: T) -> T:
        return await self._database.aside(lambda: self._reaching(call, away))

    def _reaching(self, call: Callable[[], T], away: T) -> T:
        """Ask; when the database went away, every lock went with it: begin again with a new connection."""
        try:
            if self._connection is None:
                connection = self._database.engine.connect()
                self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                if self._worker:
                    self._try(_named(self._worker))
            return call()
        except SQLAlchemyError:
            self._drop()
            return away

    def _ask(self, query: str, **values: int) -> bool:
        assert self._connection is not None
        return bool(self._connection.execute(text(query), values).scalar_one())

    def _drop(self) -> None:
        self._leads.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Give everything back; the pool must not hand out a connection that still holds locks."""
        self._drop()
        self._mine.clear()
