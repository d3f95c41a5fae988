from __future__ import annotations

from typing import Any

import pytest

from bot.desk.events import Lost, Refused
from bot.store.calls import SendAlbum, SendMedia

from .local_house import House, Phone

PHOTO = {"photo": "sample"}
KINDS: dict[str, Any] = {
    **dict.fromkeys(
        ("photo", "voice", "video", "video_note", "audio", "animation", "document", "sticker"), "sample"
    ),
    "location": {"latitude": 45.48, "longitude": 9.19},
    "venue": {"location": {"latitude": 45.48, "longitude": 9.19}, "title": "Bar", "address": "Isola"},
}
CAPTIONED = ("photo", "voice", "video", "audio", "animation", "document")


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone]:
    anna = house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    return anna, maria


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_telegram_carries_reaches_the_topic_and_the_person(
    house: House, people: tuple[Phone, Phone], kind: str
) -> None:
    anna, maria = people
    caption = {"caption": "guardi"} if kind in CAPTIONED else {}
    maria.says(**{kind: KINDS[kind]}, **caption)
    assert house.topic()[-1].kind == kind
    anna.says(**{kind: KINDS[kind]}, **caption, case=1)
    assert maria.sees()[-1].kind == kind
    if caption:
        assert maria.sees()[-1].text == "Anna\nguardi"


def test_an_album_stays_whole_in_both_directions(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    maria.says(album=[PHOTO, PHOTO, {"video": "sample"}], caption="la vetrina")
    anna.says(album=[PHOTO, PHOTO], case=1)
    house.later(minutes=1)
    albums = [call for call in house.wire.calls if isinstance(call, SendAlbum)]
    assert [(a.chat_id, len(a.items)) for a in albums] == [(house.group, 3), (1, 2)]
    assert albums[0].items[0].caption == "🗨 Maria\nla vetrina"


def test_formatting_is_kept_and_markup_stays_text(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    bold = [{"type": "bold", "offset": 0, "length": 5}]
    maria.says("Ciao! <b>Anna</b> *scrive* {{ nome }}", entities=bold)
    shown = house.topic()[-1]
    assert shown.text == "🗨 Maria\nCiao! <b>Anna</b> *scrive* {{ nome }}"
    header = len("🗨 Maria\n".encode("utf-16-le")) // 2
    assert {"type": "bold", "offset": header, "length": 5} in shown.entities


def test_a_name_with_markup_cannot_break_a_notice(house: House) -> None:
    anna = house.angel(11, "Anna")
    evil = house.person(1, "</b><a href='x'>Anna")
    evil.shares()
    anna.taps("Me ne occupo io", case=1)
    shown = [m for m in house.topic() if "</b><a href='x'>Anna" in m.text]
    assert shown  # the name is read as it was typed
    assert not any(e["type"] == "text_link" for m in shown for e in m.entities)


def test_replies_are_threaded_on_the_right_message(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    asked = maria.says("quanto ci vuole?")
    copy = house.topic()[-1].number
    answer = anna.says("Una settimana", case=1, reply_to=copy)
    assert maria.sees()[-1].reply_to == asked
    maria.says("Benissimo", reply_to=maria.sees()[-1].number)
    assert next(m for m in house.topic() if "Benissimo" in m.text).reply_to == answer


def test_edits_reach_the_other_side(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    told = maria.says("alle ote")
    maria.rewrites(told, text="alle otto")
    assert house.topic()[-1].text == "🗨 Maria\nalle otto"
    written = anna.says("va bene", case=1)
    anna.rewrites(written, text="va benissimo")
    assert maria.sees()[-1].text == "Anna\nva benissimo"


def test_reactions_reach_the_other_side(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    told = maria.says("sono contenta")
    anna.reacts(house.topic()[-1].number, "❤")
    assert house.message(told, 1).reaction == "❤"
    written = anna.says("anch'io", case=1)
    maria.reacts(maria.sees()[-1].number, "👍")
    assert house.message(written).reaction == "👍"


def test_notes_never_go_out_and_are_marked(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    before = maria.reads()
    first = anna.says("// sentire il commercialista", case=1)
    second = anna.says("/nota è la sorella di Rosa", case=1)
    assert maria.reads() == before
    assert house.message(first).reaction == "✍"
    assert house.message(second).reaction == "✍"


def test_an_answer_to_a_colleague_never_goes_out(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    bruno = house.angel(12, "Bruno")
    held = bruno.says("secondo me esagera", case=1)
    before = maria.reads()
    anna.says("anche secondo me", case=1, reply_to=held)
    assert maria.reads() == before


def test_a_message_that_names_a_colleague_never_goes_out(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    bruno = house.angel(12, "Bruno")
    bruno.says("ci sono", case=1)
    before = maria.reads()
    anna.says("@bruno che ne pensi?", case=1)
    anna.says("@sconosciuto guardi", case=1)
    assert maria.reads() == before
    assert anna.taps("Manda come aiuto", case=1) == "Parte adesso."
    assert "@sconosciuto guardi" in maria.reads()


def test_somebody_elses_message_is_held_back_with_a_choice(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    bruno = house.angel(12, "Bruno")
    bruno.says("Buongiorno, sono Bruno", case=1)
    assert "sono Bruno" not in maria.reads()
    assert anna.taps("Prendo io e mando", case=1) == "Questo pulsante non vale più."
    assert bruno.taps("Manda come aiuto", case=1) == "Parte adesso."
    assert maria.sees()[-1].text == "Bruno\nBuongiorno, sono Bruno"
    bruno.says("Ci penso io da qui", case=1)
    bruno.taps("Prendo io e mando", case=1)
    assert "ha preso il posto di Anna" in house.texts()
    anna.says("e io?", case=1)
    assert "e io?" not in maria.reads()


def test_what_went_out_can_be_taken_back(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    written = anna.says("scusi, sbagliato chat", case=1)
    assert house.message(written).reaction == "👌"
    assert anna.taps("Ritira", case=1) == "Ritiro in corso."
    assert "sbagliato chat" not in maria.reads()


def test_the_angel_sees_what_became_of_each_message(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    house.wire.fault(Lost(), lambda call: call.chat_id == 1)
    anna.says("uno", case=1)
    assert "Non è certo che sia arrivato" in house.texts()
    house.wire.fault(Refused(400, "VOICE_MESSAGES_FORBIDDEN"), lambda call: call.chat_id == 1)
    anna.says("due", case=1)
    assert "VOICE_MESSAGES_FORBIDDEN" in house.texts()
    house.wire.fault(Refused(403, "bot was blocked by the user"), lambda call: call.chat_id == 1)
    anna.says("tre", case=1)
    assert "ha bloccato il bot" in house.texts()


def test_an_uncertain_message_goes_again_only_when_the_angel_says_so(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    house.wire.fault(Lost(), lambda call: call.chat_id == 1)
    anna.says("arrivo alle otto", case=1)
    house.later(minutes=3)
    assert "arrivo alle otto" not in maria.reads()
    anna.taps("Manda di nuovo", case=1)
    assert maria.reads().count("arrivo alle otto") == 1


def test_a_message_that_may_not_have_reached_the_topic_is_announced(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    house.wire.fault(
        Lost(), lambda call: call.chat_id == house.group and "allora" in getattr(call, "text", "")
    )
    maria.says("allora ci vediamo")
    assert "potrebbe non essere arrivato" in house.texts()
    assert "allora ci vediamo" not in house.texts()
    anna.taps("Mostra il messaggio", case=1)
    assert "allora ci vediamo" in house.texts()


def test_what_cannot_be_carried_is_announced(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    maria.says(contact={"phone_number": "+39 333 1234567", "first_name": "Zio", "user_id": 99})
    assert "il contatto di «Zio»" in house.texts()
    assert "333" not in house.texts()
    house.wire.fault(Refused(400, "message can't be copied"), lambda call: call.method == "copyMessage")
    maria.says(dice={"emoji": "🎲", "value": 3})
    assert "un dado" in house.texts()


def test_long_texts_and_captions_arrive_whole(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    maria.says("parola " * 580)
    shown = [m.text for m in house.topic()[-2:]]
    assert " ".join(shown).count("parola") == 580
    maria.says(**PHOTO, caption="riga " * 204)
    shown = [m.text for m in house.topic()[-2:]]
    assert shown[0] == "🗨 Maria"
    assert shown[1].count("riga") == 204


def test_photos_sent_before_the_case_come_with_it(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says(**PHOTO, caption="la mia vetrina")
    maria.says("Ho un bar in Isola")
    maria.taps("Una persona")
    assert any(isinstance(c, SendMedia) and "la mia vetrina" in c.caption for c in house.wire.calls)


def test_nothing_reaches_a_topic_before_sharing(house: House) -> None:
    maria = house.person(1, "Maria")
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("Ho un bar in Isola e tanti debiti")
    assert not house.local.first_group.topics
    assert not house.shown()


def test_an_album_that_was_held_back_goes_out_whole(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    bruno = house.angel(12, "Bruno")
    bruno.says(album=[PHOTO, PHOTO, PHOTO], caption="tre idee", case=1)
    assert house.texts().count("questo messaggio non è partito") == 1
    bruno.taps("Manda come aiuto", case=1)
    house.later(minutes=1)
    assert [m.kind for m in maria.sees()[-3:]] == ["photo"] * 3
    assert maria.sees()[-3].text == "Bruno\ntre idee"


def test_what_is_held_back_goes_out_as_it_was_last_written(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    bruno = house.angel(12, "Bruno")
    held = bruno.says("arivo subito", case=1)
    bruno.rewrites(held, text="arrivo subito")
    bruno.taps("Manda come aiuto", case=1)
    assert maria.sees()[-1].text == "Bruno\narrivo subito"


def test_an_edit_that_makes_it_a_note_takes_it_back(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    written = anna.says("che confusione questa", case=1)
    assert "che confusione" in maria.reads()
    anna.rewrites(written, text="// che confusione questa")
    assert "che confusione" not in maria.reads()
    assert "Ora è una nota" in house.texts()
    assert house.message(written).reaction == "✍"


def test_an_edit_that_names_a_colleague_does_not_go_out(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    bruno = house.angel(12, "Bruno")
    bruno.says("ci sono", case=1)
    written = anna.says("vediamo", case=1)
    anna.rewrites(written, text="vediamo, @bruno che dici?")
    assert "@bruno" not in maria.reads()
    assert "nomina un collega" in house.texts()


def test_an_edited_caption_reaches_the_other_side(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    told = maria.says(**PHOTO, caption="la vetrna")
    maria.rewrites(told, caption="la vetrina")
    assert house.topic()[-1].text == "🗨 Maria\nla vetrina"
    written = anna.says(**PHOTO, caption="guardi", case=1)
    anna.rewrites(written, caption="guardi qui")
    assert maria.sees()[-1].text == "Anna\nguardi qui"
