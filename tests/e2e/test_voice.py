"""A shopkeeper speaks instead of writing: whole processes, real sound, a real Whisper."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.house import House, Phone, bot_texts, until
from tests.understanding.voice.speech import need_voice, said, whisper_base

pytestmark = [pytest.mark.e2e, pytest.mark.voice]

STORY = "Il tempo non basta mai per seguire Instagram, e ho pagato un sito che non ho mai visto."
HEARD = "un sito che non ho mai visto"
DANGER = "Voglio morire, non ce la faccio più."


def _speak(phone: Phone, text: str) -> int:
    sound = {"name": "voice.ogg", "mime": "audio/ogg", "data": base64.b64encode(said(text)).decode()}
    return phone.send(voice=sound)


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    need_voice()
    model = whisper_base(tmp_path_factory.getbasetemp() / "whisper-base")
    made = House(tmp_path_factory.mktemp("voice"), {"VOICE_MODEL": str(model), "VOICE_SECONDS": "100"})
    try:
        made.open()
        made.start_bot()
        yield made
    finally:
        made.close()


def _agreed(house: House, name: str) -> Phone:
    phone = house.newcomer(name)
    phone.say("/start")
    phone.tap("Sì, va bene")
    until(lambda: len(bot_texts(phone.messages())) >= 3, "the first question")
    return phone


def _ears(house: House) -> list[int]:
    """The processes that listen, children of the bot."""
    assert house.bot is not None
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return [int(p) for p, parent, args in rows if int(parent) == house.bot.pid and "voice.child" in args]


def test_a_voice_is_read_back_and_its_words_stand_beside_the_sound_in_the_topic(listening: House) -> None:
    phone = _agreed(listening, "Carla")
    _speak(phone, STORY)
    shown = phone.sees("Ho capito così: «")
    assert HEARD in shown["text"]
    assert shown["text"].endswith("giusto?")
    typing = [line for line in listening.log() if line.get("method") == "sendChatAction"]
    assert typing, "the speaker saw that somebody listens"
    phone.tap("Sì, giusto")
    phone.say("/persona")
    topic = listening.topic_of("Carla")
    sound = until(lambda: next((m for m in topic.messages() if m.get("voice")), None), "the sound")
    card = topic.sees(HEARD)
    assert "🎙" in card["text"], "the card says that a program wrote these words down"
    beside = until(
        lambda: next((m for m in topic.after(sound["message_id"]) if HEARD in m.get("text", "")), None),
        "the words beside the sound",
    )
    assert "🎙" in beside["text"]


def test_said_before_the_consent_it_waits_and_counts_after_it(listening: House) -> None:
    phone = listening.newcomer("Dina")
    _speak(phone, STORY)
    phone.sees("Posso ascoltarla?")
    assert HEARD not in " ".join(bot_texts(phone.messages()))
    phone.tap("Sì, va bene")
    phone.sees(HEARD)


def test_danger_said_aloud_in_the_first_message_sounds_the_alarm(listening: House) -> None:
    phone = listening.newcomer("Elsa")
    _speak(phone, DANGER)
    phone.sees("Telefono Amico")
    assert "Ho capito così" not in " ".join(bot_texts(phone.messages())), "in danger nothing is read back"


def test_killed_in_the_middle_the_message_is_heard_after_the_restart(listening: House) -> None:
    phone = _agreed(listening, "Fabio")
    until(lambda: _ears(listening), "the child")
    for pid in _ears(listening):
        os.kill(pid, signal.SIGSTOP)  # it will not answer before the bot dies
    _speak(phone, STORY)
    until(
        lambda: any(line.get("method") == "getFile" and line["ok"] for line in listening.log()[-40:]),
        "the sound fetched",
    )
    other = _agreed(listening, "Gina")
    assert other.say("ho un banco di fiori al mercato"), "the others are answered meanwhile"
    phone.sees("Sto ascoltando")
    orphans = _ears(listening)
    listening.kill_bot()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), "the child gone with the bot")
    listening.start_bot()
    phone.sees(HEARD)
    texts = bot_texts(phone.messages())
    assert sum("Ho capito così" in text for text in texts) == 1
    assert sum("Sto ascoltando" in text for text in texts) == 1


def test_nothing_that_was_said_is_in_the_log(listening: House) -> None:
    log = listening.output.read_text(encoding="utf-8", errors="replace").lower()
    assert "instagram" not in log
    assert "morire" not in log
    assert listening.info["token"] not in log
