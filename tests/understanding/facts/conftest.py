from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.facts import FactReader, Vocabulary, load_vocabulary

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT / "nlu" / "vocabulary")


@pytest.fixture(scope="session")
def reader(vocabulary: Vocabulary) -> FactReader:
    return FactReader(vocabulary)
