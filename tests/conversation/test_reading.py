"""Both parsers of the files that staff edit read the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import reading
from bot.conversation.reading import Source, read_text

DIALOGUES = Path(__file__).parents[2] / "dialogues"
FILES = sorted(DIALOGUES.rglob("*.yml"))
PIECES = (
    "a: 1\n",
    "- b\n",
    "  c: sì\n",
    '"',
    "|\n",
    "    testo\n",
    "&x ",
    "*x",
    "!t ",
    "{",
    "}",
    ": ",
    "\t",
    "😊",
    "#",
    "---\n",
    "\x00",
)


def _exactly(text: str, monkeypatch: pytest.MonkeyPatch) -> Source | None:
    with monkeypatch.context() as patched:
        patched.setattr(reading, "CParser", None)
        return read_text(text, "prova.yml")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DIALOGUES)))
def test_a_file_is_read_alike_by_the_quick_parser_and_the_exact_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = file.read_text(encoding="utf-8")
    quick = reading._quickly(text, "prova.yml")
    assert (quick is None) == (max(text) > "\uffff")  # emoji are for the exact one
    if quick is not None:
        assert quick == _exactly(text, monkeypatch)


@settings(max_examples=150, deadline=None)
@given(text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_the_quick_parser_accepts_the_exact_one_reads_alike(text: str) -> None:
    quick = reading._quickly(text, "prova.yml")
    if quick is not None:
        with pytest.MonkeyPatch.context() as patched:
            assert quick == _exactly(text, patched)
