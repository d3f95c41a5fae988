from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from bot.desk.texts import FILES, FOLDER, TextsError, TextShelf, load_texts
from bot.desk.work import key_of
from bot.store.calls import SendDocument
from bot.store.models import Angel, Audit, Case, CaseState, Message

from .local_house import House, Phone

STRANGER = 99


def test_the_card_shows_what_was_said_and_what_is_still_unknown(house: House) -> None:
    house.angel(11, "Anna")
    story = "Ho un bar in Isola, il sito non me l'hanno mai fatto"
    house.understands(
        story, attivita="ristorazione_bar", zona="Isola", cosa_succede=story, esperienze_passate="truffa"
    )
    house.person(1, "Maria").shares(story)
    card = house.card().text
    assert "il sito non me l'hanno mai fatto" in card
    assert "un raggiro" in card
    assert "Ancora non si sa" in card
    assert "urgenza" in card
    assert "Per cominciare: Buongiorno Maria" in card
    assert "Lingua" not in card  # Italian goes without saying
    assert "None" not in card


def test_the_card_follows_while_the_bot_still_listens(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    maria.shares()
    house.understands("siamo in tre", persone="2-5")
    maria.says("siamo in tre")
    house.later(minutes=1)
    card = house.card().text
    assert "Persone" in card


def test_forged_and_foreign_buttons_are_refused(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    card = house.case().card_message_id or 0
    forged = maria.sees()[-1].number
    assert maria.presses(forged, "d:claim:1") == "Questo pulsante è per i Digital Angels."
    stale = "Questo pulsante non vale più."
    for data in ("d:claim:999", "d:nonsense:1", "d:claim:x", "d:out:1:inventato", "d:to:1:77", "d:"):
        assert anna.presses(card, data) == stale
    house.person(2, "Piero").shares()
    assert anna.presses(house.case(2).card_message_id or 0, "d:back:1") == stale  # in another case's topic
    assert house.case().state == CaseState.CLAIMED


def test_a_stranger_in_the_group_moves_nothing(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    before = maria.reads()
    house.angel(STRANGER, "Ugo")
    house.database.work(
        lambda s: s.execute(update(Angel).where(Angel.user_id == STRANGER).values(member=False))
    )
    Phone(house, STRANGER, "Ugo", at_work=True).says("le vendo un sito", case=1)
    assert maria.reads() == before
    house.owner("anonymous_message", text="buongiorno", thread_id=house.case().thread_id)
    assert maria.reads() == before
    assert "a nome del gruppo" in house.texts()


def test_a_canned_reply_is_seen_before_it_goes_out_in_two_taps(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.taps("Risposte pronte", case=1)
    assert "quando qualcuno lo cerca su Google" not in maria.reads()
    assert "quando qualcuno lo cerca su Google" in house.texts()
    anna.taps("Guardiamo insieme Google", case=1)
    assert maria.sees()[-1].text.startswith("Anna\nPossiamo guardare insieme")


def test_a_canned_reply_is_found_by_a_word(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.says("/risposte google", case=1)
    (keys,) = [m.keyboard for m in house.topic() if "Con una parola si cercano" in m.text]
    assert [k.label for row in keys for k in row] == ["✉️ Guardiamo insieme Google"]


def test_saying_twice_that_one_is_on_call_undoes_nothing(house: House) -> None:
    dora = house.angel(14, "Dora")
    dora.says("/start", private=True)

    def on_call() -> bool:
        return house.database.work(lambda s: s.query(Angel).filter_by(user_id=14).one().on_call)

    for _ in range(2):
        dora.says("/reperibili io", private=True)
    assert on_call()
    dora.says("/reperibili esco", private=True)
    assert "Ne servono almeno due" in dora.reads()
    assert not on_call()


def test_a_canned_reply_too_long_for_the_list_is_previewed_alone(
    house: House, people: tuple[Phone, Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.desk import canned

    anna, maria = people
    monkeypatch.setattr(canned, "SHOWN", 10)
    anna.says("/risposte google", case=1)
    anna.taps("Guardiamo insieme Google", case=1)
    assert "quando qualcuno lo cerca su Google" not in maria.reads()
    anna.taps("Manda", case=1)
    assert maria.sees()[-1].text.startswith("Anna\nPossiamo guardare insieme")


def test_canned_replies_carry_the_cases_facts(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.taps("Risposte pronte", case=1)
    assert "Buongiorno Maria" in house.texts()


def test_the_angel_signs_as_they_like(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    anna.says("/firma", private=True)
    anna.says("eccomi", case=1)
    assert maria.sees()[-1].text == "SPIN\neccomi"


def test_a_note_that_states_a_fact_is_not_asked_again(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.says("// zona: Lambrate", case=1)
    assert "Zona → Lambrate" in house.texts()
    assert "Lambrate" in house.card().text, "on the card as the answer says, not only once the bot is back"
    anna.taps("Ridai al bot", case=1)
    house.later(minutes=1)
    card = house.card().text
    assert "Lambrate" in card


def test_reassigning_hands_the_case_to_a_named_angel(house: House, people: tuple[Phone, Phone]) -> None:
    anna, maria = people
    bruno = house.angel(12, "Bruno")
    anna.says("eccomi", case=1)
    anna.taps("Passa a", case=1)
    assert anna.taps("Bruno", case=1) == "Passato: ora è di Bruno."
    bruno.says("Sono Bruno", case=1)
    assert maria.sees()[-1].text == "Bruno\nSono Bruno"


def test_releasing_sets_the_case_free_and_brings_the_bot_back(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    assert anna.taps("Lascio il caso", case=1) == "Lasciato."
    assert house.case().state == CaseState.WAITING
    assert "di nuovo io, il programma" in maria.reads()


def test_a_new_need_opens_a_new_case_that_links_to_the_first(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    anna.taps("Chiudi", case=1)
    anna.taps("Risolto in chat", case=1)
    maria.says("Adesso vorrei vendere online")
    maria.taps("Una cosa nuova")
    maria.taps("Una persona")
    second = house.case(2)
    assert second.need == 2
    card = next(m for m in house.topic(2) if "Prima di questo" in m.text)
    links = [str(e["url"]) for e in card.entities if e["type"] == "text_link"]
    assert [url.rsplit("/", 1)[1] for url in links] == [str(house.case(1).thread_id)]


def test_the_coordinator_gets_the_transcript_and_the_audit_knows(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, _maria = people
    carla = house.angel(13, "Carla", coordinator=True)
    anna.says("/trascrizione", case=1)
    assert "un coordinatore" in house.texts()
    carla.says("/trascrizione", case=1)
    (file,) = [c for c in house.wire.calls if isinstance(c, SendDocument)]
    assert file.chat_id == 13
    assert "Maria: Ho un bar in Isola" in file.body
    assert "Anna: preso in carico" in file.body
    assert "La persona: caso aperto" in file.body
    actions = house.database.work(lambda s: [a.action for a in s.query(Audit)])
    assert "read_transcript" in actions


def test_what_the_program_did_not_understand_reaches_the_card(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    maria.says("mi g'ho el negozi che el va minga")
    house.database.work(lambda s: s.execute(update(Message).values(understood=False)))
    anna.says("/passo capire meglio", case=1)
    card = house.card().text
    assert "Non capito dal programma" in card
    assert "el va minga" in card


def test_help_teaches_the_desk_in_one_screen(house: House, people: tuple[Phone, Phone]) -> None:
    anna, _maria = people
    anna.says("/aiuto")
    shown = house.shown()[-1].text
    assert "Il banco in una schermata" in shown
    assert len(shown) < 1800


def test_a_new_angel_practises_with_somebody_who_does_not_exist(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    before = maria.reads()
    anna.says("/prova", private=True)
    anna.says("Buongiorno Rosa", private=True)
    assert "prendi il caso" in anna.sees()[-1].text
    anna.taps("Me ne occupo io", private=True)
    anna.says("Buongiorno Rosa, ho letto tutto", private=True)
    anna.says("// persone: solo", private=True)
    anna.says("Ci sentiamo domani?", private=True)
    anna.taps("Chiudi", private=True)
    assert "Buon lavoro" in anna.sees()[-1].text
    assert maria.reads() == before


def test_the_waits_are_told_only_when_there_are_enough_of_them(house: House) -> None:
    assert house.database.work(lambda s: house.desk.moment(s, house.clock.now())).usual_wait_minutes is None
    house.angel(11, "Anna")
    for number in range(1, 6):
        house.person(number, f"Persona{number}").shares()
        house.clock.at = house.clock.at.replace(minute=number * 10)
        house.database.work(
            lambda s, n=number: s.execute(update(Case).where(Case.id == n).values(waited_seconds=n * 60))
        )
    assert house.database.work(lambda s: house.desk.moment(s, house.clock.now())).usual_wait_minutes == 3


def test_hours_are_kept_and_a_turn_of_duty_opens_the_desk(house: House) -> None:
    anna = house.angel(11, "Anna")

    def open_now() -> bool:
        return house.database.work(lambda s: house.desk.moment(s, house.clock.now())).desk_open

    assert open_now()
    house.clock.at = house.clock.at.replace(month=12, day=7)  # Sant'Ambrogio
    assert not open_now()
    anna.says("/turno", private=True)
    assert open_now()
    anna.says("/turno", private=True)
    assert not open_now()


def test_callback_data_is_never_longer_than_telegram_allows() -> None:
    assert len(key_of("x", "preview", 10**12, "a" * 32).data.encode()) <= 64
    with pytest.raises(ValueError, match="64"):
        key_of("x", "preview", 1, "a" * 60)


def test_broken_texts_leave_the_last_good_ones(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    shelf = TextShelf(tmp_path)
    good = shelf.newest()
    (tmp_path / "texts.yml").write_text("icons: [", "utf-8")
    with pytest.raises(TextsError):
        load_texts(tmp_path)
    assert shelf.newest() is good


def test_a_member_who_joins_is_known_and_one_who_left_is_not_an_angel(house: House) -> None:
    anna = house.angel(11, "Anna")
    assert house.database.work(lambda s: house.desk.is_angel(s, 11))
    anna.leaves()
    assert not house.database.work(lambda s: house.desk.is_angel(s, 11))
    assert house.database.work(lambda s: house.desk.known(s, 11))


def test_a_way_to_be_reached_that_was_tapped_is_said_once(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(1, "Maria")
    house.understands("qui in chat", contatto="qui")
    maria.shares()
    maria.says("qui in chat")
    house.later(minutes=1)
    assert house.card().text.count("qui in chat") == 1
