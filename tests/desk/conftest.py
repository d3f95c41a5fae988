from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.conversation import Library, load_library
from bot.store.crypto import keyring

from .local_house import House, Phone


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(Path(__file__).parents[2] / "dialogues")


@pytest.fixture
def house(tmp_path: Path, library: Library) -> Iterator[House]:
    keyring.load([Fernet.generate_key().decode()])
    found = House(tmp_path, library, on_call=(11, 12))
    yield found
    found.close()


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    """An angel, and the shopkeeper whose case she has taken."""
    anna = house.angel(11, "Anna")
    anna.says("/start", private=True)
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    return anna, maria
