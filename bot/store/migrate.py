"""Migrations: the schema is brought to where this version wants it, at every start and before anything else.

Alembic is imported only where there is something to do: its import costs a fifth of the time until the first answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x5B17_0001
"""PostgreSQL advisory lock: two workers that start together must not migrate together."""


_MIGRATIONS = Path(__file__).parent / "migrations"


def newest_version() -> str:
    """This version's own revision: the number that the newest file of `versions/` begins with."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _at_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
        newest_version()
    ]


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up.

    Args:
        engine: The database.
        revision: Where to; `head` is this version's own.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if revision == "head" and _at_newest(connection):
            connection.rollback()
            return
        from alembic import command

        command.upgrade(_config(connection), revision)
        connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the schema back to an earlier revision (`base` empties it)."""
    from alembic import command

    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision the database is at, and the one this version wants."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with engine.connect() as connection:
        script = ScriptDirectory.from_config(_config(connection))
        return MigrationContext.configure(connection).get_current_revision(), script.get_current_head()


def draft(engine: Engine, message: str) -> None:
    """Write a new version file from the difference between models and database (for developers)."""
    from alembic import command

    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
