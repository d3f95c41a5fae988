from __future__ import annotations

from datetime import timedelta

import pytest

from bot.desk.events import Lost
from bot.store.calls import CreateTopic
from bot.store.models import CaseState

from .local_house import House, Phone


@pytest.fixture
def people(house: House) -> tuple[Phone, Phone, Phone]:
    """A coordinator who can be written to, the owner of Maria's case, Maria."""
    carla, anna = house.angel(13, "Carla", coordinator=True), house.angel(11, "Anna")
    carla.says("/start", private=True)
    maria = house.person(1, "Maria")
    maria.shares()
    anna.taps("Me ne occupo io", case=1)
    anna.says("Buongiorno", case=1)
    return carla, anna, maria


def test_a_deleted_topic_is_opened_anew_and_nothing_is_lost(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    _carla, anna, maria = people
    old = house.case().thread_id
    house.owner("delete_topic", thread_id=old)
    maria.says("è ancora lì?")
    maria.says("pronto?")
    house.later(minutes=1)
    assert house.case().thread_id not in (None, old)
    shown = [m.text for m in house.topic()]
    assert [t for t in shown if t.startswith("🗨")] == ["🗨 Maria\nè ancora lì?", "🗨 Maria\npronto?"]
    assert house.card()
    anna.says("Eccomi", case=1)
    assert "Eccomi" in maria.reads()
    assert len(house.local.first_group.topics) == 1


def test_what_was_written_just_before_a_topic_was_deleted_still_arrives(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    _carla, _anna, maria = people
    thread = house.case().thread_id
    house.phones.send(11, {"chat_id": house.group, "thread_id": thread, "text": "alle otto da lei"})
    house.phones.send(1, {"text": "va bene"})
    house.groups.act(house.group, {"action": "delete_topic", "thread_id": thread})
    house.run(house.take_in())
    assert set(house.database.work(house.waiting)) >= {1, -(thread or 0)}
    for chat in (1, -(thread or 0)):  # the person's message is carried first, and finds the topic gone
        house.run(house.turns.take(chat))
        house.run(house._deliver())
    house.later(minutes=1)
    assert "alle otto da lei" in maria.reads()
    assert house.texts().count("va bene") == 1


def test_a_topic_whose_creation_got_no_answer_is_created_again_and_told(house: House) -> None:
    house.wire.fault(Lost(), lambda call: call.method == "createForumTopic")
    house.person(1, "Maria").shares()
    house.later(minutes=1)
    assert house.case().thread_id is not None
    general = house.general()
    assert "rimasta senza risposta" in general


def test_a_topic_closed_by_hand_is_opened_again(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    thread = house.case().thread_id
    house.owner("close_topic", thread_id=thread)
    assert not house.open_topic().closed
    assert "chiuso a mano" in house.texts()


def test_the_card_deleted_by_hand_comes_back(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    _carla, anna, _maria = people
    old = house.case().card_message_id
    house.phones.delete(13, {"chat_id": house.group, "message_ids": [old]})
    anna.says("/passo richiamare il tecnico", case=1)
    assert house.case().card_message_id != old
    assert "richiamare il tecnico" in house.card().text


def test_the_groups_migration_is_followed(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    carla, anna, maria = people
    old = house.group
    house.owner("migrate")
    maria.says("mi sentite?")
    assert house.case().group_id == house.group != old
    assert "mi sentite?" in house.texts()
    assert "supergruppo" in carla.reads()
    anna.says("sì", case=1)
    assert maria.sees()[-1].text == "Anna\nsì"


def test_a_migration_that_only_an_error_tells_of_is_followed_too(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    maria_says = {"text": "mi sentite?"}
    house.phones.send(1, maria_says)
    house.local.world.migrate(house.local.first_group)  # no update tells of it
    house.settle()
    assert house.case().group_id == house.group
    assert house.texts().count("mi sentite?") == 1


def test_a_bot_put_out_of_the_group_keeps_everything_and_sends_it_when_it_is_back(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, maria = people
    house.owner("kick")
    maria.says("uno")
    maria.says("due")
    assert carla.reads().count("Non sono più nel gruppo") == 1
    house.owner("promote")
    house.later(minutes=3)
    shown = [m.text for m in house.topic() if m.text.startswith("🗨")]
    assert shown == ["🗨 Maria\nuno", "🗨 Maria\ndue"]
    assert "Nel gruppo posso di nuovo lavorare" in carla.reads()


def test_topics_switched_off_and_rights_lost_are_told_in_italian(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, maria = people

    house.owner("set_rights", can_manage_topics=False)
    assert "gestire gli argomenti" in carla.reads()
    assert any("permessi" in p for p in house.database.work(house.desk.problems))
    house.owner("set_rights", can_manage_topics=True)
    assert "Nel gruppo posso di nuovo lavorare" in carla.reads()
    house.owner("forum_off")
    maria.says("ci siete?")
    assert "gli argomenti sono spenti" in carla.reads()
    house.owner("forum_on")
    house.later(minutes=1)
    assert house.texts().count("ci siete?") == 1


def test_an_angel_who_leaves_sets_their_cases_free(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    carla, anna, maria = people
    anna.leaves()
    assert house.case().state == CaseState.WAITING
    assert "Anna ha lasciato il gruppo" in carla.reads()
    assert "di nuovo io, il programma" in maria.reads()


def test_the_night_mends_what_does_not_agree_and_says_what_it_was(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, _maria = people

    def break_it(session: object) -> None:
        from sqlalchemy import update
        from sqlalchemy.orm import Session

        from bot.store.models import Case

        assert isinstance(session, Session)
        session.execute(update(Case).values(owner_id=None, thread_id=None))

    house.database.work(break_it)
    house.later(hours=18)
    assert house.case().state == CaseState.WAITING
    assert house.case().thread_id is not None
    assert "Riordino della notte" in carla.reads()


def test_an_alarm_never_waits_behind_cards(house: House) -> None:
    from bot.conversation.types import Alarm
    from bot.store.models import OutboxRow, Priority

    house.angel(11, "Anna")
    house.person(1, "Maria").shares()
    house.understands("voglio morire", alarm=Alarm.AUTOLESIONE)
    house.person(2, "Piero").says("voglio morire")
    rows = house.database.work(lambda s: s.query(OutboxRow).filter_by(case_id=2, chat_id=house.group).all())
    urgent = {r.priority for r in rows if r.method in ("createForumTopic", "sendMessage")}
    assert urgent == {Priority.ALARM}


def test_a_topic_whose_creation_only_seemed_to_fail_is_taken_as_ours(house: House) -> None:
    house.angel(11, "Anna")
    house.wire.fault(Lost(), lambda call: call.method == "createForumTopic", after=True)
    house.person(1, "Maria").shares()
    house.later(minutes=1)
    (topic,) = house.local.first_group.topics.values()
    assert house.case().thread_id == topic.id
    assert house.card()


def test_the_night_finds_topics_that_were_deleted_and_tells_the_coordinator(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, anna, _maria = people
    old = house.case().thread_id
    house.owner("delete_topic", thread_id=old)
    house.later(hours=18)
    assert house.case().thread_id not in (None, old)
    assert house.card()
    assert "era stato cancellato" in carla.reads()
    assert "Buongiorno" not in anna.reads()


def test_the_night_tells_a_conversation_who_speaks(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    from sqlalchemy import update

    from bot.store.models import Case

    _carla, _anna, maria = people
    values = {"state": CaseState.LISTENING, "owner_id": None, "waiting_since": None}
    house.database.work(lambda s: s.execute(update(Case).values(**values)))
    maria.says("c'è qualcuno?")
    assert maria.sees()[-1].text == "c'è qualcuno?"  # the conversation believes that Anna is there
    house.later(hours=18)
    assert "di nuovo io, il programma" in maria.reads()


def test_the_night_remembers_whoever_waits_without_a_ladder(house: House) -> None:
    from sqlalchemy import delete

    from bot.store.models import Timer

    carla = house.angel(13, "Carla", coordinator=True)
    carla.says("/start", private=True)
    house.person(1, "Maria").shares()
    house.database.work(lambda s: s.execute(delete(Timer).where(Timer.subject == "case:1")))
    house.later(hours=24)
    assert "senza che nessuno lo ricordasse" in carla.reads()
    assert "nessuno ha preso il caso" in carla.reads()


def test_a_group_that_is_nearly_full_is_told_once(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    carla, _anna, maria = people
    house.local.first_group.last_message_id = 950_000
    maria.says("ancora io")
    house.later(hours=42)
    assert carla.reads().count("milione di messaggi") == 1
    assert house.texts().count("ancora io") == 1


def test_a_topic_of_nobodys_says_so_once(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    _carla, anna, maria = people
    thread = house.owner("create_topic", name="Bacheca")["thread_id"]
    anna.says("pranzo insieme?", thread_id=thread)
    anna.says("alle 13", thread_id=thread)
    shown = "\n".join(m.text for m in house.shown(thread=thread))
    assert shown.count("non è di nessun caso") == 1
    assert "pranzo" not in maria.reads()


def test_a_topic_closed_by_hand_is_told_to_the_coordinator(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, _maria = people
    house.owner("close_topic", thread_id=house.case().thread_id)
    assert "chiuso a mano" in carla.reads()


def test_what_is_written_in_a_second_topic_of_the_same_case_arrives_too(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    _carla, _anna, maria = people
    first = house.case().thread_id
    house.phones.delete(13, {"chat_id": house.group, "message_ids": [house.case().card_message_id]})
    house.wire.fault(Lost(), lambda call: call.method == "createForumTopic", after=True)
    house.groups.act(house.group, {"action": "delete_topic", "thread_id": first})
    house.phones.send(1, {"text": "pronto?"})
    house.run(house.turns.take(1)) if house.run(house.take_in()) else None
    house.run(house._deliver())  # the creation whose answer is lost
    house.clock.at += timedelta(seconds=61)  # longer than anything is waited for
    house.run(house._deliver())  # created again, before the first one has been heard of
    second = house.case().thread_id
    house.settle()
    (other,) = set(house.local.first_group.topics) - {second}
    house.phones.send(11, {"chat_id": house.group, "thread_id": other, "text": "sono qui"})
    house.settle()
    assert "sono qui" in maria.reads()


def test_a_topic_whose_answer_another_worker_books_meanwhile_is_not_deleted(house: House) -> None:
    from sqlalchemy import event, update
    from sqlalchemy.orm import ORMExecuteState, Session

    from bot.desk.events import TopicChanged, Who
    from bot.store.models import Case, OutboxRow, SendState
    from bot.store.outbox import Purpose

    house.angel(11, "Anna")
    house.person(1, "Maria").shares()
    case = house.case()
    thread, name = case.thread_id, case.topic_title
    assert thread is not None
    creation = update(OutboxRow).where(OutboxRow.purpose == Purpose.TOPIC)

    def heard_before_the_answer_is_booked(session: Session) -> None:
        call = CreateTopic(chat_id=house.group, name=name, icon="")
        under_way = {"state": SendState.SENDING, "attempts": 1, "call": call.model_dump_json()}
        session.execute(creation.values(**under_way))
        session.execute(update(Case).values(thread_id=None))
        session.expire_all()
        asked: list[bool] = []

        @event.listens_for(session, "do_orm_execute")
        def between_two_questions(state: ORMExecuteState) -> None:
            if not state.is_select or not {"outbox", "cases"} & set(
                str(state.statement).replace(".", " ").split()
            ):
                return
            asked.append(True)
            if len(asked) == 2:
                session.connection().execute(creation.values(state=SendState.SENT, call=None))
                session.connection().execute(update(Case).values(thread_id=thread))

        house.desk.handle(
            session,
            TopicChanged(
                Who(house.desk._config.bot_id, "SPIN", is_bot=True), house.group, thread, "created", name
            ),
            house.clock.at,
        )
        assert len(asked) >= 2

    house.database.work(heard_before_the_answer_is_booked)
    house.settle()
    assert set(house.local.first_group.topics) == {thread}
