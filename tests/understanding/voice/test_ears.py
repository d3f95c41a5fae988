"""The child that listens, with a real Whisper and real sound."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.understanding.voice.child import choose_language
from bot.understanding.voice.ears import WhisperEars
from tests.understanding.voice.speech import need_voice, said, silence, whisper_base

HOUSE = ("it", "en", "es", "ar", "zh")
STORY = "Il tempo non basta mai per seguire Instagram, e ho pagato un sito che non ho mai visto."


@pytest_asyncio.fixture
async def ears(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WhisperEars]:
    need_voice()
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    model = whisper_base(tmp_path_factory.getbasetemp() / "whisper-base")
    kept = WhisperEars(str(model), model.parent / "downloaded", first_pause=0.05)
    kept.start()
    assert await kept.wait_ready(60), "the model was not loaded"
    yield kept
    await kept.stop()


@pytest.mark.voice
async def test_italian_is_written_down_and_whoever_speaks_english_is_heard_in_english(
    ears: WhisperEars,
) -> None:
    heard = await ears.listen(said(STORY), HOUSE, 60)
    assert heard is not None
    assert heard.language == "it"
    assert "pagato un sito che non ho mai visto" in heard.text
    english = "I have a flower shop in Milan and I would like to sell my flowers on the internet."
    heard = await ears.listen(said(english, "en-gb"), HOUSE, 60)
    assert heard is not None
    assert heard.language == "en"
    assert "flower" in heard.text


@pytest.mark.voice
async def test_silence_is_no_words_and_what_is_no_sound_is_none(ears: WhisperEars) -> None:
    heard = await ears.listen(silence(4), HOUSE, 60)
    assert heard is not None
    assert heard.text == ""
    assert await ears.listen(b"this is no sound at all", HOUSE, 60) is None
    assert await ears.listen(b"", HOUSE, 60) is None
    assert ears.starts == 1, "a message that cannot be read does not cost the child"


@pytest.mark.voice
async def test_one_that_takes_too_long_is_given_up_and_the_next_is_heard(ears: WhisperEars) -> None:
    assert await ears.listen(said(STORY), HOUSE, 0.01) is None
    heard = await ears.listen(said(STORY), HOUSE, 60)
    assert heard is not None
    assert "un sito" in heard.text


@pytest.mark.voice
@pytest.mark.skipif(os.name == "nt", reason="signals")
async def test_a_child_that_dies_over_a_message_is_started_again_and_the_message_is_given_up(
    ears: WhisperEars,
) -> None:
    first = ears.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    asked = asyncio.create_task(ears.listen(said(STORY), HOUSE, 60))
    while not ears.busy:  # noqa: ASYNC110  # it is the test that looks, nobody else needs to be told
        await asyncio.sleep(0.01)
    os.kill(first, signal.SIGKILL)
    assert await asked is None
    assert await ears.wait_ready(60)
    assert (ears.starts, ears.pid != first) == (2, True)
    heard = await ears.listen(said(STORY), HOUSE, 60)
    assert heard is not None
    assert "un sito" in heard.text


@pytest.mark.voice
async def test_the_child_knows_none_of_our_secrets(ears: WhisperEars) -> None:
    assert ears.pid is not None
    names = _environment_of(ears.pid)
    assert "PATH" in names
    assert "BOT_TOKEN" not in names


def _environment_of(pid: int) -> list[str]:
    environment = Path(f"/proc/{pid}/environ")
    if not environment.exists():
        pytest.skip("no /proc here")
    return [part.split(b"=")[0].decode() for part in environment.read_bytes().split(b"\0") if part]


@pytest.mark.middle
async def test_without_a_model_every_message_is_given_up_in_its_time(tmp_path: Path) -> None:
    nothing = tmp_path / "empty"
    nothing.mkdir()
    kept = WhisperEars(str(nothing), tmp_path, first_pause=0.05)
    kept.start()
    assert await kept.listen(b"anything", HOUSE, 0.3) is None
    await kept.stop()
    assert kept.pid is None


def test_the_persons_own_language_is_believed_unless_another_is_plain() -> None:
    short = {"pl": 0.36, "it": 0.2, "en": 0.3}
    assert choose_language(short, list(HOUSE)) == "it"
    assert choose_language({"en": 0.95, "it": 0.02}, list(HOUSE)) == "en"
    assert choose_language({}, ["es", "it"]) == "es"
