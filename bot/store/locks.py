"""Who processes which chat: one at a time, first in first out, also when several workers share a PostgreSQL.

PostgreSQL: session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS)
on one connection of their own; when a worker dies its connection ends and its locks are free at once. SQLite has
one process, so a set is enough.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database

_NAMESPACE = 0x5B17 << 48
"""Keeps chats' locks apart from other users of advisory locks on the same database."""


class ChatLocks:
    """The chats (or lanes) that this process works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mine: set[int] = set()
        self._connection: Connection | None = None

    async def take(self, number: int) -> bool:
        """Try to get a chat; False when it is being processed, here or elsewhere."""
        if number in self._mine:
            return False
        self._mine.add(number)
        if self._database.sqlite:
            return True
        if await self._database.aside(lambda: self._ask("pg_try_advisory_lock", number)):
            return True
        self._mine.discard(number)
        return False

    async def free(self, number: int) -> None:
        """Let a chat go."""
        if not self._database.sqlite:
            await self._database.aside(lambda: self._ask("pg_advisory_unlock", number))
        self._mine.discard(number)

    def _ask(self, function: str, number: int) -> bool:
        key = (number ^ _NAMESPACE) & 0x7FFF_FFFF_FFFF_FFFF
        try:
            if self._connection is None:
                connection = self._database.engine.connect()
                self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            answer = self._connection.execute(text(f"SELECT {function}(:key)"), {"key": key})
            return bool(answer.scalar_one())
        except DBAPIError:
            # The database went away and every lock with it: begin again with a new connection.
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
            self._connection = None
            return function == "pg_advisory_unlock"

    def close(self) -> None:
        """Give everything back."""
        if self._connection is not None:
            self._connection.close()
        self._mine.clear()
