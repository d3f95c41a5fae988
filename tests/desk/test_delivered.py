"""What becomes of an angel's message: arrived, perhaps, never; told once, and in words that are true."""

from __future__ import annotations

import pytest

from bot.desk.events import Lost, Refused
from bot.telegram.pace import FREE

from .local_house import House, Phone
from .test_relay import KINDS, people

__all__ = ["people"]  # the fixture


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (Lost(), "Telegram non ha risposto"),
        (Lost("server"), "un errore suo"),
        (Lost("stopped"), "il programma si è interrotto"),
    ],
)
def test_why_it_is_not_certain_is_told_as_it_is(
    house: House, people: tuple[Phone, Phone], lost: Lost, words: str
) -> None:
    anna, _maria = people
    house.wire.fault(lost, lambda call: call.chat_id == 1)
    anna.says("arrivo", case=1)
    assert "Non è certo che sia arrivato" in house.texts()
    assert words in house.texts()
    assert "rete" not in house.texts()


def test_a_block_is_told_once_and_marked_on_what_did_not_arrive(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    house.phones.set_blocked(maria.id, True)
    house.settle()
    numbers = [anna.says("c'è?", case=1), anna.says("ci risentiamo", case=1)]
    shown = [m for m in house.topic() if "ha bloccato il bot" in m.text]
    assert len(shown) == 1
    assert [house.message(n).reaction for n in numbers] == ["👎", "👎"]
    house.later(minutes=1)
    assert "Ha bloccato il bot" in house.card().text
    maria.says("/start")
    house.later(minutes=1)
    assert "Ha bloccato il bot" not in house.card().text


def test_a_block_that_a_message_finds_out_is_told_once_too(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    house.phones.set_blocked(maria.id, True)
    anna.says("c'è?", case=1)
    assert house.texts().count("ha bloccato il bot") == 1


def test_the_chat_so_far_says_what_never_arrived(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    house.wire.fault(Refused(400, "VOICE_MESSAGES_FORBIDDEN"), lambda call: call.chat_id == 1)
    anna.says("mai arrivato", case=1)
    house.wire.fault(Lost(), lambda call: call.chat_id == 1)
    anna.says("chissà", case=1)
    anna.says("questo sì", case=1)
    anna.taps("La chat finora", case=1)
    lines = house.topic()[-1].text.split("\n")
    told = {
        word: next(line for line in lines if word in line) for word in ("mai arrivato", "chissà", "questo sì")
    }
    assert told["mai arrivato"].endswith("(non arrivato)")
    assert told["chissà"].endswith("(non è certo che sia arrivato)")
    assert told["questo sì"].endswith("questo sì")


def test_a_reaction_that_is_taken_back_gives_the_sign_back(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    written = anna.says("va bene così?", case=1)
    maria.reacts(maria.sees()[-1].number, "👍")
    assert house.message(written).reaction == "👍"
    maria.reacts(maria.sees()[-1].number, "")
    assert house.message(written).reaction == "👌"


def test_one_sign_and_no_receipt_says_that_it_arrived(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    before = len(house.topic())
    written = [anna.says(f"messaggio {n}", case=1) for n in range(3)]
    house.later(minutes=1)
    assert len(house.topic()) == before + 3, "nothing of the group's twenty a minute is spent on receipts"
    assert [house.message(n).reaction for n in written] == ["👌"] * 3


def test_where_a_group_allows_no_reactions_it_is_said_in_words(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, _maria = people
    house.wire.fault(Refused(400, "REACTION_INVALID"), lambda call: call.method == "setMessageReaction")
    written = anna.says("ci siamo", case=1)
    assert (house.topic()[-1].text, house.topic()[-1].reply_to) == ("✓ Arrivato", written)


def test_the_last_of_ones_own_is_taken_back_from_the_card(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.says("prima", case=1)
    second = anna.says("seconda", case=1)
    assert anna.taps("Ritira l'ultimo", case=1) == "Ritiro in corso."
    assert "seconda" not in maria.reads()
    assert house.message(second).reaction == "🗿"
    anna.taps("Ritira l'ultimo", case=1)
    assert "prima" not in maria.reads()
    assert anna.taps("Ritira l'ultimo", case=1) == "Non c'è più."


@pytest.mark.parametrize("kind", ["sticker", "location", "contact", "video_note"])
def test_what_carries_no_word_goes_under_the_angels_name_once(
    house: House, people: tuple[Phone, Phone], kind: str
) -> None:
    anna, maria = people
    thing = {"contact": {"phone_number": "+39 02 7750", "first_name": "SPIN"}, **KINDS}[kind]
    anna.says(**{kind: thing}, case=1)
    anna.says(**{kind: thing}, case=1)
    assert [(m.kind, m.text) for m in maria.sees()[-3:]] == [("text", "Anna"), (kind, ""), (kind, "")]
    anna.says("ecco", case=1)
    anna.says(**{kind: thing}, case=1)
    assert [m.text for m in maria.sees()[-2:]] == ["Anna\necco", ""]


def test_the_wrong_command_to_take_back_is_put_right_kindly(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    written = anna.says("sbagliato chat", case=1)
    anna.says("/cancella", case=1, reply_to=written)
    assert "sbagliato chat" in maria.reads()
    assert "/elimina" in house.topic()[-1].text
    assert "non lo conosco" not in house.texts()
    anna.says("/elimina", case=1, reply_to=written)
    assert "sbagliato chat" not in maria.reads()


def test_a_backlog_of_an_angels_words_keeps_nobody_elses_waiting(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    place = {"chat_id": house.group, "thread_id": house.case().thread_id}
    for n in range(10):
        house.phones.send(anna.id, {**place, "text": f"messaggio {n}"})
    house.phones.send(maria.id, {"text": "mi scusi, una cosa"})
    before = len(house.wire.calls)
    house.settle()
    shown = [call for call in house.wire.calls[before:] if call.chat_id == house.group]
    spent = [call for call in shown if call.method not in FREE]
    assert "mi scusi, una cosa" in getattr(spent[0], "text", ""), (
        "nothing of the group's minute goes before it"
    )
