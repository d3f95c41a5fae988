from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.operations import keys
from bot.store import conversations, migrate
from bot.store.crypto import UnreadableError, keyring
from bot.store.database import Database, open_engine
from bot.store.models import Conversation, Person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    engine = open_engine(f"sqlite:///{tmp_path / 'bot.sqlite'}")
    migrate.upgrade(engine)
    return Database(engine)


def _names(database: Database) -> list[str | None]:
    return database.work(lambda s: list(s.scalars(select(Person.first_name).order_by(Person.id))))


def test_old_words_are_read_with_an_old_key_and_rewritten_with_the_new_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 2)
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keyring.load([old])

    def meet(number: int, name: str) -> None:
        def unit(session: object) -> None:
            conversations.begin_conversation(session, number, number, "it", NOW).person.first_name = name  # type: ignore[arg-type]

        database.work(unit)

    for number, name in enumerate(["Ada", "Bea", "Carla", "Dora", "Elsa"], 1):
        meet(number, name)
    keyring.load([new, old])
    assert _names(database) == ["Ada", "Bea", "Carla", "Dora", "Elsa"]
    meet(6, "Franca")
    for table in keys.sealed_tables():
        place: keys.Place | None = keys.Place(table)
        while place is not None:
            place = database.work(lambda s, p=place: keys.reseal(s, p))
    keyring.load([new])
    assert _names(database) == ["Ada", "Bea", "Carla", "Dora", "Elsa", "Franca"]
    assert len(database.work(lambda s: list(s.scalars(select(Conversation.state))))) == 6
    keyring.load([old])
    with pytest.raises(UnreadableError):
        _names(database)
    database.close()
