"""Every conversation that staff wrote down under `tests/dialogues/<script>/` is played, and must go as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation import Library, load_library
from bot.conversation.transcript import play

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.yml"))


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(HERE.parents[1] / "dialogues")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_conversation_goes_as_it_is_written(library: Library, path: Path) -> None:
    problems = play(library, path, str(path.relative_to(HERE.parents[1])))
    assert not problems, "\n" + "\n".join(map(str, problems))


def test_there_are_conversations_to_play() -> None:
    assert len(FILES) >= 6


def test_what_goes_otherwise_is_reported_with_its_line(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "prova.yml"
    path.write_text(
        "title: prova\ntalk:\n  - start: Carla\n    bot: questo non lo dice\n  - tap: Non c'è\n",
        encoding="utf-8",
    )
    problems = [str(p) for p in play(library, path, "prova.yml")]
    assert problems[0].startswith("prova.yml:4:10: il bot non dice «questo non lo dice»")
    assert problems[1].startswith("prova.yml:5:10: il pulsante «Non c'è» qui non c'è")
