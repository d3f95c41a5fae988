"""The page that teaches staff the script language teaches what the program reads."""

from __future__ import annotations

import re

from bot.conversation.reading import read_text
from bot.conversation.script import Script
from bot.conversation.templates import FILTERS
from bot.conversation.transcript import Transcript

from .conftest import DIALOGUES

PAGE = (DIALOGUES / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_of_the_page_is_a_script() -> None:
    source, problems = read_text(BLOCKS[0], "README.md")
    assert source is not None
    assert problems == ()
    summary = {key: "Prova." for key in ("opening", "unsure", "thin", "question")}
    script = Script.model_validate({**source.data, "summary": {**summary, "parts": [{"text": "Prova."}]}})
    assert list(script.steps) == ["che_cosa_succede", "com_e_andata"]


def test_the_conversation_of_the_page_is_a_transcript() -> None:
    source, problems = read_text(BLOCKS[1], "README.md")
    assert source is not None
    assert problems == ()
    Transcript.model_validate(source.data)


def test_the_page_names_every_filter() -> None:
    assert {name for name in FILTERS if name not in PAGE} <= {"zona"}  # another name of `dove`
