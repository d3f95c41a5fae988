"""The database: one engine, and transactions that run on its own thread.

SQLAlchemy sessions are synchronous here on purpose: four transactions took 3.9 ms, through aiosqlite 11 to 12.
SQLite has one writer, so one thread and `BEGIN IMMEDIATE` from the first statement (a transaction that reads and
then wants to write would otherwise fail with SQLITE_BUSY, https://www.sqlite.org/lang_transaction.html);
PostgreSQL gets a few threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    # What is erased is overwritten with zeros, not left in free pages (https://www.sqlite.org/pragma.html).
    "secure_delete=ON",
)


_KEEPALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A PostgreSQL whose machine fell silent is given up after 25 s
(https://www.postgresql.org/docs/current/libpq-connect.html)."""


class ConflictError(RuntimeError):
    """Somebody else changed the same conversation or case first; the unit of work is to be done anew."""


def open_engine(url: str, pool_size: int = 6) -> Engine:
    """Connect to SQLite or PostgreSQL.

    Args:
        url: SQLAlchemy URL; `postgresql://` is read as `postgresql+psycopg://`.
        pool_size: Connections kept for PostgreSQL.

    An error of the database never quotes the values it was given (`hide_parameters`): they may be somebody's words.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=2,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_KEEPALIVE,
        )
    engine = create_engine(
        parsed, pool_size=1, max_overflow=4, connect_args={"timeout": 30}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        # pysqlite's own transaction handling is switched off so that BEGIN IMMEDIATE below is the only one.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Database:
    """Runs units of work: one function, one session, one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._threads = ThreadPoolExecutor(1 if self.sqlite else 4, thread_name_prefix="database")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="locks")

    def work(self, unit: Callable[[Session], T]) -> T:
        """Run a unit of work here and now; commits when it returns, rolls back when it raises."""
        with self._sessions.begin() as session:
            return unit(session)

    async def run(self, unit: Callable[[Session], T]) -> T:
        """Run a unit of work on the database's thread.

        Args:
            unit: Gets a session inside a transaction; must not wait for anything else.

        Raises:
            ConflictError: The unit found that somebody else was first.
            sqlalchemy.exc.OperationalError: The database is away.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.work, unit)

    async def aside(self, call: Callable[[], T]) -> T:
        """Run something short that uses a connection of its own, always on the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, call)

    async def reachable(self) -> bool:
        """True when the database answers."""
        try:
            await self.run(lambda session: session.execute(text("SELECT 1")).scalar_one())
        except OperationalError:
            return False
        return True

    async def tidy(self) -> None:
        """SQLite: fold the write-ahead log into the file and cut it, so that it keeps nothing that was erased."""
        if self.sqlite:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._truncate_log)

    def _truncate_log(self) -> None:
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of threads and connections."""
        self._threads.shutdown(wait=True)
        self._aside.shutdown(wait=True)
        self.engine.dispose()
