"""A voice message on its way: fetched over the Bot API, given up in time, shown to the speaker; others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from telegram import Bot

from bot.store import inbox
from bot.store.database import Database
from bot.store.inbox import Incoming
from bot.store.locks import ChatLocks
from bot.telegram import voices
from bot.telegram.clock import SystemClock
from bot.telegram.dispatch import AT_ONCE, Dispatcher
from bot.telegram.updates import MaskedText
from bot.telegram.voices import Voices
from bot.understanding.masking import mask
from bot.understanding.port import Transcript
from tests.telegram.conftest import Town

WAIT_S = 20.0


class Ears:
    """Writes down what the test says, when the test says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.go = asyncio.Event()
        self.heard: list[bytes] = []

    async def listen(self, audio: bytes, languages: tuple[str, ...], seconds: float) -> Transcript | None:
        self.heard.append(audio)
        await self.go.wait()
        return Transcript(self.text, languages[0])


def _hidden(text: str) -> MaskedText:
    masked = mask(text)
    return MaskedText(masked.text, masked.kinds)


async def _nothing() -> None:
    return None


async def _spoken(town: Town, bot: Bot, **message: object) -> tuple[int, str]:
    """Somebody who sent a voice message: their chat, and the recording."""
    person = await town.person()
    await town.http.post(f"/phone/users/{person}/send", json={"voice": "sample", **message})
    updates = await bot.get_updates(timeout=1)
    sound = next(u.message.voice for u in updates if u.message and u.message.voice)
    return person, sound.file_id


async def _words(made: Voices, chat: int, file_id: str, notice: Callable[[], Awaitable[None]] = _nothing):  # type: ignore[no-untyped-def]
    return await made.words(chat, file_id, ("it", "en"), quietly=False, takes_long=notice)


async def test_the_sound_is_fetched_and_its_words_are_masked(town: Town, bot: Bot) -> None:
    chat, sound = await _spoken(town, bot)
    ears = Ears("la carta è 4111 1111 1111 1111")
    ears.go.set()
    words = await _words(Voices(bot, ears, _hidden, WAIT_S), chat, sound)
    assert ears.heard[0].startswith(b"OggS")
    assert words.kinds == ("carta",)
    assert "4111" not in words.text


async def test_the_speaker_sees_that_somebody_listens_and_is_told_when_it_takes_long(
    town: Town, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "LONG_AFTER_S", 0.01)
    chat, sound = await _spoken(town, bot)
    ears, told = Ears("ho un bar"), []

    async def notice() -> None:
        told.append(chat)
        ears.go.set()

    assert await _words(Voices(bot, ears, _hidden, WAIT_S), chat, sound, notice) == MaskedText("ho un bar")
    assert told == [chat]
    log = (await town.http.get("/log")).text
    assert "sendChatAction" in log


async def test_one_that_takes_too_long_has_no_words(town: Town, bot: Bot) -> None:
    chat, sound = await _spoken(town, bot)
    assert await _words(Voices(bot, Ears("mai"), _hidden, 0.2), chat, sound) is None


async def test_a_telegram_that_is_away_for_a_moment_is_asked_again_and_a_file_that_is_gone_is_not(
    town: Town, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "AGAIN_S", 0.01)
    chat, sound = await _spoken(town, bot)
    ears = Ears("ho un bar")
    ears.go.set()
    made = Voices(bot, ears, _hidden, WAIT_S)
    await town.fault("500", method="getFile")
    assert await _words(made, chat, sound) == MaskedText("ho un bar")
    assert await _words(made, chat, "gone") is None
    assert len(ears.heard) == 1


async def test_chats_that_wait_for_a_voice_keep_nobody_else_waiting(database: Database) -> None:
    many, done, everybody = AT_ONCE + 4, asyncio.Event(), asyncio.Event()
    listening: set[int] = set()

    async def take(chat: int) -> datetime | None:
        if chat == 999:
            done.set()
            return None
        listening.add(chat)
        if len(listening) == many:
            everybody.set()
        await done.wait()
        database.work(lambda session: inbox.forget_chat(session, chat))
        return None

    rows = [
        Incoming(n, chat, "{}", gather=False, urgent=False)
        for n, chat in enumerate([*range(1, many + 1), 999])
    ]
    database.work(lambda session: inbox.accept(session, 1, rows, datetime.now(UTC)))
    dispatcher = Dispatcher(database, ChatLocks(database), take, SystemClock(), lambda: len(listening))
    task = asyncio.create_task(dispatcher.run())
    try:
        await asyncio.wait_for(done.wait(), WAIT_S)
        assert everybody.is_set()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
