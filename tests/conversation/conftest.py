from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from bot.conversation import Library, load_library

from .talking import Talk

settings.register_profile("conversation", deadline=None)  # a busy machine is not a fault
settings.load_profile("conversation")

DIALOGUES = Path(__file__).parents[2] / "dialogues"


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library(DIALOGUES)


@pytest.fixture
def talk(library: Library) -> Talk:
    return Talk(library)
