"""What staff change is live for the next message; what they break changes nothing but is reported."""

from __future__ import annotations

import asyncio
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.conversation import LiveLibrary, check_library, mermaid, vocabulary
from bot.conversation.library import unwrapped, variants
from bot.conversation.loader import Checked
from bot.conversation.schema import schema, written

from .conftest import DIALOGUES
from .talking import Talk

ENGINE = Path(__file__).parents[2] / "bot" / "conversation"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "dialogues"
    shutil.copytree(DIALOGUES, target)
    return target


async def test_a_changed_sentence_is_live_and_a_broken_file_keeps_the_last_good_one(copy: Path) -> None:
    live = LiveLibrary(copy)
    talk = Talk(live.library).agree()
    loaded: asyncio.Queue[Checked] = asyncio.Queue()
    stop = asyncio.Event()
    watching = asyncio.create_task(live.watch(loaded.put, stop))
    path = copy / "it" / "shared.yml"
    good = path.read_text(encoding="utf-8").replace(
        "text: Non costa niente, né adesso né dopo", "text: È gratis davvero, né adesso né dopo"
    )

    async def written_until_seen(text: str) -> Checked:
        # The watcher may not be listening yet at the first write: write until it is heard.
        while True:
            path.write_text(text, encoding="utf-8")
            try:
                return await asyncio.wait_for(loaded.get(), 2)
            except TimeoutError:
                continue

    checked = await written_until_seen(good)
    assert checked.errors == ()
    talk.library = live.library
    talk.order("privacy")
    talk.say("quanto costa?", act=__import__("bot.conversation.types", fromlist=["Act"]).Act.QUANTO_COSTA)
    assert "È gratis davvero" in talk.text

    version = live.library.version
    checked = await written_until_seen(good.replace("lines:", "line:", 1))
    while not checked.errors:
        checked = await asyncio.wait_for(loaded.get(), 20)
    assert any(p.file == "dialogues/it/shared.yml" for p in checked.errors)
    assert live.library.version == version
    stop.set()
    await watching


def test_reading_again_after_one_change_takes_well_under_a_second(copy: Path) -> None:
    live = LiveLibrary(copy)
    path = copy / "it" / "primo-ascolto.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Il tempo stringe.", "Il tempo è poco."), encoding="utf-8"
    )
    assert live.reload().library is live.library


def test_the_schema_for_editors_is_current() -> None:
    stored = (DIALOGUES / "schema.json").read_text(encoding="utf-8")
    assert stored == written(), "python -m bot.conversation.schema"


def test_the_schema_explains_every_key_in_the_editor() -> None:
    for name in ("Step", "Script", "Reflection", "Summary", "Variant"):
        properties = schema()["$defs"][name]["properties"]
        assert all(p.get("description") for p in properties.values()), name


def test_the_diagram_shows_every_step_and_condition(talk: Talk) -> None:
    script = talk.library.scripts["it"]["primo-ascolto"]
    text = mermaid(script)
    assert all(f"  {name}[" in text for name in script.steps)
    assert "nome: unknown" in text


def test_help_lines_verified_long_ago_are_a_warning() -> None:
    old = check_library(DIALOGUES, today=date(2030, 1, 1)).warnings
    assert any("più di un anno fa" in p.message for p in old)


def test_every_name_the_engine_uses_is_in_the_vocabulary() -> None:
    """A line that the code says and no file must have would be silence in front of a person."""
    code = "\n".join(p.read_text(encoding="utf-8") for p in ENGINE.glob("*.py"))
    said = set(re.findall(r"x\.(?:say|ask)\(\s*\"([a-z_0-9]+)\"", code))
    buttons = set(re.findall(r"x\.button\(\"([a-z_]+)\"", code))
    words = set(re.findall(r"x\.word\(\"([a-z_]+)\"", code))
    assert said <= set(vocabulary.LINES), said - set(vocabulary.LINES)
    assert buttons <= vocabulary.BUTTONS, buttons - vocabulary.BUTTONS
    assert words <= vocabulary.WORDS, words - vocabulary.WORDS


def test_lines_that_answer_the_same_thing_again_have_several_ways(talk: Talk) -> None:
    shared = talk.library.shared["it"]
    for name in ("not_understood_1", "skip_ok", "no_matter", "waiting_more", "repeat_intro", "off_topic"):
        assert len(variants(unwrapped(shared.lines[name]))) >= 3, name
