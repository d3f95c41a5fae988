"""The second consent can be taken back alone: one tap under /privacy, and nobody but the program reads."""

from __future__ import annotations

import pytest

from bot.conversation.types import Alarm
from bot.desk.events import Lost
from bot.store.calls import SendText
from bot.store.conversations import snapshot
from bot.store.models import Audit, CaseState, ConsentRow, OutboxRow, SendState

from .local_house import House, Phone

UNSHARE = "non legga più nessuno"


@pytest.fixture
def anna(house: House) -> Phone:
    angel = house.angel(11, "Anna")
    angel.says("/start", private=True)
    angel.says("/turno", private=True)
    return angel


@pytest.fixture
def maria(house: House, anna: Phone) -> Phone:
    person = house.person(1, "Maria")
    person.shares()
    return person


def withdraws(person: Phone) -> None:
    """Ask what becomes of the data, and take the second consent back."""
    person.says("/privacy")
    person.taps(UNSHARE)


def unfinished(house: House) -> int:
    """Calls that still wait to be made."""
    under_way = OutboxRow.state.in_((SendState.QUEUED, SendState.SENDING))
    return house.database.work(lambda s: s.query(OutboxRow).filter(under_way).count())


def test_nothing_of_the_person_stays_with_the_angels_and_the_owner_hears_why(
    house: House, anna: Phone, maria: Phone
) -> None:
    house.later(minutes=11)  # by now Anna was told of her in private, and all of them in General
    assert "Maria" in anna.reads()
    assert "Maria" in house.general()
    anna.taps("Me ne occupo io", case=1)
    withdraws(maria)
    assert not house.local.first_group.topics
    assert "Maria" not in anna.reads()
    assert "Maria" not in house.general()
    assert "ha deciso che nessuno la legga più" in anna.reads()
    assert house.case().owner_id is None
    given = house.database.work(lambda s: [(c.consent, c.given) for c in s.query(ConsentRow)])
    assert given[-1] == ("share", False)


def test_the_person_goes_on_with_the_program_alone(house: House, anna: Phone, maria: Phone) -> None:
    anna.taps("Me ne occupo io", case=1)
    withdraws(maria)
    assert "Da adesso non la legge più nessuno" in maria.reads()
    before = len(house.shown())
    maria.says("il sito non ce l'ho")
    house.later(minutes=30)
    assert len(house.shown()) == before
    assert len(maria.sees()) > 6  # the program answers
    snap = house.database.work(lambda s: snapshot(s, 1))
    assert snap is not None
    assert snap.state.listening
    assert not snap.state.sharing


def test_while_an_angel_writes_the_right_is_served_and_nothing_else_is_said(
    house: House, anna: Phone, maria: Phone
) -> None:
    anna.taps("Me ne occupo io", case=1)
    before = len(maria.sees())
    maria.says("/aiuto")
    assert len(maria.sees()) == before + 1  # her own
    maria.says("/privacy")
    assert "Titolare dei dati" in maria.sees()[-1].text


def test_who_shares_again_is_seen_again_with_what_they_sent_meanwhile(
    house: House, anna: Phone, maria: Phone
) -> None:
    withdraws(maria)
    maria.says(photo="sample", caption="la vetrina")
    maria.taps("Una persona")
    assert house.card().text
    assert "la vetrina" in house.texts()
    assert anna.taps("Me ne occupo io", case=1) == "Ora è tuo. Scrivi qui sotto."


def test_a_button_that_could_not_be_taken_away_opens_nothing(house: House, anna: Phone, maria: Phone) -> None:
    withdraws(maria)
    kept = anna.sees()[-1].number  # Telegram deletes nothing that is older than two days
    assert anna.presses(kept, "d:claim:1", private=True) == (
        "Questa persona ha deciso che nessuno la legga più."
    )
    assert house.case().owner_id is None


def test_a_topic_that_was_coming_to_be_goes_too(house: House, anna: Phone) -> None:
    house.wire.fault(Lost(), lambda call: call.method == "createForumTopic", after=True)
    piero = house.person(2, "Piero")
    piero.shares()
    withdraws(piero)
    house.later(minutes=2)
    assert not house.local.first_group.topics
    assert not [m for m in house.shown() if "Piero" in m.text]


def test_what_could_not_reach_the_topic_any_more_is_not_tried_for_ever(
    house: House, anna: Phone, maria: Phone
) -> None:
    anna.taps("Me ne occupo io", case=1)
    house.owner("delete_topic", thread_id=house.case().thread_id)
    withdraws(maria)
    house.later(hours=1)
    assert not house.local.first_group.topics
    assert unfinished(house) == 0


def test_an_alarm_needs_no_consent_and_keeps_only_its_flag(house: House, anna: Phone, maria: Phone) -> None:
    house.understands("voglio morire", alarm=Alarm.AUTOLESIONE)
    maria.says("voglio morire")
    assert "Maria" in house.card().text
    maria.presses(maria.sees()[-1].number, "b:condivido:revoca")
    assert "Fa eccezione il pericolo" in maria.reads()
    assert "Maria" not in house.card().text
    assert house.case().alarm == Alarm.AUTOLESIONE
    assert anna.taps("Ci sono io", case=1)
    anna.says("Buongiorno, sono qui", case=1)
    assert "sono qui" in maria.reads()


def test_a_second_need_and_the_first_go_together(house: House, anna: Phone, maria: Phone) -> None:
    anna.taps("Me ne occupo io", case=1)
    anna.taps("Chiudi", case=1)
    anna.presses(house.case().card_message_id or 0, "d:out:1:avviato")
    house.understands("adesso vorrei vendere online", bisogno="vendere_online")
    maria.says("adesso vorrei vendere online")
    maria.taps("Una cosa nuova")
    assert len(house.local.first_group.topics) == 2
    withdraws(maria)
    assert not house.local.first_group.topics
    assert house.case(1).state == CaseState.CLOSED


def test_the_audit_says_that_it_was_withdrawn(house: House, anna: Phone, maria: Phone) -> None:
    withdraws(maria)
    withdrawn = house.database.work(lambda s: [a.case_id for a in s.query(Audit) if a.action == "unshared"])
    assert withdrawn == [1]


def test_who_does_not_share_is_not_offered_what_they_have(house: House, anna: Phone) -> None:
    piero = house.person(2, "Piero")
    piero.says("/start")
    piero.taps("Sì, va bene")
    piero.says("/privacy")
    assert not [k for m in piero.sees() for row in m.keyboard for k in row if UNSHARE in k.label]
    before = piero.reads()
    piero.presses(piero.sees()[-1].number, "b:condivido:revoca")
    assert piero.reads() == before


def test_no_order_of_the_case_is_left_waiting(house: House, anna: Phone, maria: Phone) -> None:
    house.wire.fault(Lost(), lambda call: isinstance(call, SendText) and call.chat_id < 0, times=6)
    maria.says("ancora una cosa")
    withdraws(maria)
    house.later(hours=1)
    assert unfinished(house) == 0
