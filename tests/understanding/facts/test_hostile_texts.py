from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.types import FactId
from bot.understanding.facts import FactReader

HOSTILE = {
    "nothing": "",
    "spaces": "   \n\t ",
    "emoji": "😀🏳️‍🌈" * 5_000,
    "null bytes": "\x00ho un bar\x00 in Isola\x00",
    "right to left": "\u202eho un bar\u202c \u200fin Isola مرحبا",
    "markup": "<b>ho</b> {{ bar }} /intent{...} &amp; [x](y)",
    "one endless word": "a" * 200_000,
    "endless commas": "sito, " * 33_000,
    "endless cues": "non ho " * 28_000,
    "endless gaps": "ho un un un vendo faccio " * 8_000,
    "lone surrogate": "ciao \ud800 bar",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("asked", ["", "zona", "persone", "nome"])
def test_any_text_is_read_without_harm(reader: FactReader, text: str, asked: str) -> None:
    for fact in reader.read(text, asked, "it"):
        assert isinstance(fact.fact, FactId)
        assert fact.value


def test_null_bytes_and_direction_marks_do_not_hide_a_fact(reader: FactReader) -> None:
    for text in (HOSTILE["null bytes"], HOSTILE["right to left"]):
        assert "Isola" in [f.value for f in reader.read(text, "", "it")]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=300),
    asked=st.sampled_from(["", *FactId]),
    language=st.sampled_from(["it", "en", "es", "xx"]),
)
def test_whatever_is_typed_gets_facts_of_the_sheet_or_none(
    reader: FactReader, text: str, asked: str, language: str
) -> None:
    for fact in reader.read(text, asked, language):
        assert fact.words
        assert 0 < fact.certainty <= 1
