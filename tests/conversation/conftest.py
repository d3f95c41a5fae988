from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation import Library, load_library

from .talking import Talk

DIALOGUES = Path(__file__).parents[2] / "dialogues"


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(DIALOGUES)


@pytest.fixture
def talk(library: Library) -> Talk:
    return Talk(library)
