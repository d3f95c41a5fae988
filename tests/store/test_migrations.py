"""The schema goes up and down, with data in it, and ends where the models are."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select

from bot.store import conversations, migrate
from bot.store.database import Database, open_engine
from bot.store.models import Base, Person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_the_migrations_lead_to_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_with_people_in_it_goes_down_and_up_again(database: Database) -> None:
    database.work(lambda session: conversations.begin_conversation(session, 7, 7, "it", NOW) and None)
    migrate.downgrade(database.engine, "base")
    assert "people" not in inspect(database.engine).get_table_names()
    migrate.upgrade(database.engine)
    assert database.work(lambda session: list(session.scalars(select(Person)))) == []


def test_upgrading_twice_changes_nothing(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    before = migrate.revisions(engine)
    migrate.upgrade(engine)
    assert migrate.revisions(engine) == before
    assert before[0] == before[1] == migrate.newest_version()
    engine.dispose()
