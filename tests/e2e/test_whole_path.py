"""The whole path with real processes: a shopkeeper talks, is heard, and an angel takes over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.house import ROOT, House, Phone, bot_texts, until

pytestmark = pytest.mark.e2e

JUDGE = ROOT.parent / "shared" / "telegram" / "check.py"


def _agreed(house: House, name: str = "Carla") -> Phone:
    phone = house.newcomer(name)
    phone.say("/start")
    phone.tap("Sì, va bene")
    until(lambda: len(bot_texts(phone.messages())) >= 3, "the first question")
    return phone


def _wants_a_person(house: House, name: str = "Carla") -> tuple[Phone, Phone]:
    phone = _agreed(house, name)
    phone.say("ho un panificio a Lambrate, siamo io e mio marito, vorrei farmi trovare su google")
    phone.say("/persona")
    return phone, house.topic_of(name)


def _judged(house: House, folder: Path) -> None:
    """Every recorded request and answer is valid against the Bot API, where its description is at hand."""
    if not JUDGE.exists():
        return
    log = folder / "traffic.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in house.log()), encoding="utf-8")
    verdict = subprocess.run(
        [sys.executable, str(JUDGE), str(log)], capture_output=True, text=True, check=False
    )
    assert verdict.returncode == 0, verdict.stdout[-2000:]


def test_the_first_two_messages_say_what_must_be_said_before_anything_else(house: House) -> None:
    phone = house.newcomer()
    phone.say("/start")
    until(lambda: len(bot_texts(phone.messages())) == 2, "two messages")
    said = " ".join(bot_texts(phone.messages()))
    for words in ("programma automatico", "Confcommercio Milano", "crittografia", "Posso ascoltarla?"):
        assert words in said


def test_a_talk_ends_in_a_card_a_claim_a_talk_both_ways_and_a_close(house: House, tmp_path: Path) -> None:
    phone, topic = _wants_a_person(house)
    card = topic.sees("Lambrate")
    assert "panificio" in card["text"]
    assert topic.tap("Me ne occupo")["answered"]
    topic.sees("Se ne occupa Anna")
    topic.send("Buongiorno Carla, sono Anna: ho letto tutto.")
    phone.sees("ho letto tutto")
    phone.send("che bello, grazie")
    topic.sees("che bello, grazie")
    phone.send(photo="sample", caption="la vetrina")
    until(lambda: any(m.get("photo") for m in topic.messages()), "the photo in the topic")
    topic.tap("Chiudi")
    topic.tap("Risolto")
    until(lambda: any("Carla" in t["name"] and t["closed"] for t in house.topics()), "the topic closed")
    _judged(house, tmp_path)


def test_while_an_angel_has_the_case_the_bot_is_silent(house: House) -> None:
    phone, topic = _wants_a_person(house)
    topic.tap("Me ne occupo")
    topic.sees("Se ne occupa Anna")
    before = len(bot_texts(phone.messages()))
    for text in ("ci sei?", "ho anche un dubbio sul pos"):
        phone.send(text)
        topic.sees(text)
    assert len(bot_texts(phone.messages())) == before


def test_given_back_the_bot_is_present_again(house: House) -> None:
    phone, topic = _wants_a_person(house)
    topic.tap("Me ne occupo")
    topic.sees("Se ne occupa Anna")
    topic.tap("Ridai al bot")
    assert phone.say("eccomi di nuovo, il tempo è poco")


def test_a_second_angel_who_taps_claim_sees_who_has_it(house: House) -> None:
    _phone, topic = _wants_a_person(house)
    message_id, data = until(lambda: topic.find("Me ne occupo"), "the claim button")
    topic.tap("Me ne occupo")
    second = house.http.post(
        f"/phone/users/{house.info['angels'][1]}/tap",
        json={"chat_id": house.info["group"], "message_id": message_id, "data": data},
    ).json()
    assert "Anna" in second["text"]


def test_nothing_reaches_the_angels_before_the_person_agrees(house: House) -> None:
    phone = _agreed(house)
    phone.say("ho un bar in Isola e sono da solo")
    assert house.topics() == []


def test_an_alarm_reaches_the_rota_without_waiting_for_a_consent(house: House) -> None:
    phone = house.newcomer("Bruno")
    phone.say("/start")
    answer = phone.say("non ce la faccio più, voglio morire")
    assert any("112" in text or "02 2327 2327" in text for text in bot_texts(answer)) or phone.sees(
        "02 2327 2327"
    )
    private = Phone(house.http, house.info["angels"][0])
    until(lambda: any("allarme" in t.lower() for t in bot_texts(private.messages())), "the alarm in private")


def test_killed_in_the_middle_and_started_again_each_message_is_seen_once(house: House) -> None:
    phone = _agreed(house)
    phone.say("ho un panificio a Lambrate")
    phone.send("siamo io e mio marito")
    house.kill_bot()
    phone.send("vorrei farmi trovare su google")
    house.start_bot()
    last = phone.send("il tempo non c'è mai")
    until(lambda: bot_texts(phone.after(last)), "an answer after the restart")
    said = bot_texts(phone.messages())
    assert len(said) == len(set(said))
    phone.say("/persona")
    card = house.topic_of("Carla").sees("Lambrate")
    for words in ("2-5", "due", "Google"):
        if words in card["text"]:
            break
    else:
        raise AssertionError(card["text"])


def test_everything_of_a_person_goes_when_they_ask(house: House) -> None:
    phone, _topic = _wants_a_person(house)
    phone.say("/cancella")
    phone.tap("cancelli tutto")
    until(lambda: house.topics() == [], "the topic deleted")
    rows = subprocess.run(
        [sys.executable, "-m", "bot.cli", "forget", str(phone.user)],
        cwd=ROOT,
        env=house.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "non c'è nulla" in rows.stdout


def test_no_word_token_or_name_is_in_the_log(house: House) -> None:
    phone, _topic = _wants_a_person(house, "Ermenegilda")
    phone.say("il mio segreto è la pasta madre")
    said = house.output.read_text(encoding="utf-8")
    for secret in (house.info["token"], "Ermenegilda", "pasta madre", "Lambrate"):
        assert secret not in said


def test_outbox_lines_tell_what_was_sent(house: House) -> None:
    phone = _agreed(house)
    lines = subprocess.run(
        [sys.executable, "-m", "bot.cli", "deliveries", "--json"],
        cwd=ROOT,
        env=house.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [json.loads(line) for line in lines.stdout.splitlines()]
    assert {"key", "chat_id", "thread_id", "message_id", "state"} == set(rows[0])
    seen = {m["message_id"] for m in phone.messages() if m["from"]["is_bot"]}
    assert seen <= {row["message_id"] for row in rows if row["state"] == "sent"}
