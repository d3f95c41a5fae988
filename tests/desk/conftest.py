from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.conversation import Library, load_library
from bot.store.crypto import keyring

from .local_house import House


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(Path(__file__).parents[2] / "dialogues")


@pytest.fixture
def house(tmp_path: Path, library: Library) -> Iterator[House]:
    keyring.load([Fernet.generate_key().decode()])
    found = House(tmp_path, library, on_call=(11, 12))
    yield found
    found.close()
