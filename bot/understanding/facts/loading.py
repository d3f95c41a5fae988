"""The reader of facts with its second opinion, ready for use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.understanding.facts.reader import FactReader
from bot.understanding.facts.vocabulary import load_vocabulary


def load_facts(root: Path, progress: Callable[[str], None] | None = None) -> FactReader:
    """Rules from `nlu/vocabulary`, the second opinion trained from `nlu/facts` (kept under `nlu/models`).

    Args:
        root: The project's folder.
        progress: Told in Italian when the second opinion has to be trained first.

    Raises:
        VocabularyError, ExampleError: With every fault of the files.
    """
    from bot.understanding.facts.second import load_second

    second = load_second(root / "nlu" / "facts", root / "nlu" / "models", progress)
    return FactReader(load_vocabulary(root / "nlu" / "vocabulary"), second)


def train_facts(root: Path, progress: Callable[[str], None] | None = None) -> None:
    """Train the second opinion where its examples have changed (part of `bot train`).

    Raises:
        ExampleError: Faults in the examples.
    """
    from bot.understanding.facts.second import train_second

    if any((root / "nlu" / "facts").rglob("*.yml")):
        train_second(root / "nlu" / "facts", root / "nlu" / "models", progress)
