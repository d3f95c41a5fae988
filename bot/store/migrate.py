"""Migrations: the schema is brought to where this version wants it, at every start and before anything else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

_LOCK = 0x5B17_0001
"""PostgreSQL advisory lock: two workers that start together must not migrate together."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
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
        command.upgrade(_config(connection), revision)
        connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the schema back to an earlier revision (`base` empties it)."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision the database is at, and the one this version wants."""
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(_config(connection))
        return MigrationContext.configure(connection).get_current_revision(), script.get_current_head()


def draft(engine: Engine, message: str) -> None:
    """Write a new version file from the difference between models and database (for developers)."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
