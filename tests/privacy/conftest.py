"""A small house with real turns, the desk's own, for what the law asks of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation import Library, load_library
from bot.store.crypto import keyring
from bot.store.models import Base
from tests.desk.house import House


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(Path(__file__).parents[2] / "dialogues")


@pytest.fixture
def house(tmp_path: Path, library: Library) -> Iterator[House]:
    keyring.load([Fernet.generate_key().decode()])
    found = House(tmp_path, library, on_call=(11, 12))
    yield found
    found.close()


def everything(session: Session) -> list[tuple[str, str, Any]]:
    """Every value of every column of every table, sealed ones opened: (table, column, value)."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            found += [(table.name, name, value) for name, value in row.items() if value is not None]
    return found


def naming(house: House, *needles: object) -> list[str]:
    """Where the database still says one of these, as `table.column`."""
    values = house.database.work(everything)
    words = [str(needle).casefold() for needle in needles]
    return sorted({f"{t}.{c}" for t, c, v in values if any(word in str(v).casefold() for word in words)})
