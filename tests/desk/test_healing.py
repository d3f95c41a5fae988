from __future__ import annotations

import pytest

from bot.desk.events import BotStanding, GroupMigrated, Lost, MemberChanged, Refused, Who
from bot.store.models import CaseState

from .house import GROUP, House, Phone


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
    house.post.topics.clear()
    maria.says("è ancora lì?")
    maria.says("pronto?")
    house.later(minutes=1)
    assert house.case().thread_id not in (None, old)
    shown = [m.text for m in house.topic()]
    assert [t for t in shown if t.startswith("🗨")] == ["🗨 Maria\nè ancora lì?", "🗨 Maria\npronto?"]
    assert any(m.number in house.post.pinned for m in house.topic())
    anna.says("Eccomi", case=1)
    assert "Eccomi" in maria.reads()
    assert len(house.post.topics) == 1


def test_a_topic_whose_creation_got_no_answer_is_created_again_and_told(house: House) -> None:
    house.post.fault(Lost(), lambda call: call.method == "createForumTopic")
    house.person(1, "Maria").shares()
    house.later(minutes=1)
    assert house.case().thread_id is not None
    general = "\n".join(m.text for m in house.post.chats[GROUP].values() if m.thread is None)
    assert "rimasta senza risposta" in general


def test_a_topic_closed_by_hand_is_opened_again(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    _carla, anna, _maria = people
    thread = house.case().thread_id
    assert thread is not None
    house.post.topics[thread].closed = True
    anna.says(forum_topic_closed={}, case=1)
    assert not house.post.topics[thread].closed
    assert "chiuso a mano" in house.texts()


def test_the_card_deleted_by_hand_comes_back(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    _carla, anna, _maria = people
    old = house.case().card_message_id
    assert old is not None
    del house.post.chats[GROUP][old]
    anna.says("/passo richiamare il tecnico", case=1)
    assert house.case().card_message_id != old
    assert any("richiamare il tecnico" in m.text for m in house.topic() if m.number in house.post.pinned)


def test_the_groups_migration_is_followed(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    carla, anna, maria = people
    new = -1009999
    house.post.chats[new] = house.post.chats[GROUP]
    house.members = {13: ("Carla", True), 11: ("Anna", False)}
    house.database.work(lambda s: house.desk.handle(s, GroupMigrated(GROUP, new), house.clock.now()))
    maria.says("mi sentite?")
    assert house.case().group_id == new
    assert "mi sentite?" in "\n".join(m.text for m in house.post.chats[new].values())
    assert "supergruppo" in carla.reads()
    anna.says("arrivo", case=1)  # written before the migration, read after it
    assert maria.sees()[-1].text == "Anna\narrivo"
    anna.home = new
    anna.says("sì", case=1)
    assert maria.sees()[-1].text == "Anna\nsì"


def test_a_migration_that_only_an_error_tells_of_is_followed_too(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    _carla, _anna, maria = people
    new = -1009999
    house.post.chats[new] = house.post.chats[GROUP]
    answer = Refused(400, "group chat was upgraded to a supergroup chat", new)
    house.post.fault(answer, lambda call: call.chat_id == GROUP)
    maria.says("mi sentite?")
    assert house.case().group_id == new
    assert house.texts().count("mi sentite?") == 1


def test_a_bot_put_out_of_the_group_keeps_everything_and_sends_it_when_it_is_back(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, maria = people
    away = Refused(403, "bot was kicked from the supergroup chat")
    house.post.fault(away, lambda call: call.chat_id == GROUP, times=4)
    maria.says("uno")
    maria.says("due")
    assert carla.reads().count("Non sono più nel gruppo") == 1
    house.later(minutes=3)
    shown = [m.text for m in house.topic() if m.text.startswith("🗨")]
    assert shown == ["🗨 Maria\nuno", "🗨 Maria\ndue"]
    assert "Sono di nuovo nel gruppo" in carla.reads()


def test_topics_switched_off_and_rights_lost_are_told_in_italian(
    house: House, people: tuple[Phone, Phone, Phone]
) -> None:
    carla, _anna, _maria = people

    def standing(*, topics: bool, forum: bool) -> None:
        event = BotStanding(GROUP, "administrator", topics, True, True, forum)
        house.database.work(lambda s: house.desk.handle(s, event, house.clock.now()))
        house.deliver()

    standing(topics=True, forum=False)
    assert "gli argomenti sono spenti" in carla.reads()
    standing(topics=False, forum=True)
    assert "gestire gli argomenti" in carla.reads()
    assert house.database.work(house.desk.problems)
    standing(topics=True, forum=True)
    assert "Sono di nuovo nel gruppo" in carla.reads()


def test_an_angel_who_leaves_sets_their_cases_free(house: House, people: tuple[Phone, Phone, Phone]) -> None:
    carla, anna, _maria = people
    left = MemberChanged(Who(11, "Anna"), GROUP, False, False)
    told = house.database.work(lambda s: house.desk.handle(s, left, house.clock.now()))
    assert [t.conversation_id for t in told] == [1]
    house.deliver()
    assert house.case().state == CaseState.WAITING
    assert "Anna ha lasciato il gruppo" in carla.reads()
    del house.members[11]
    card = house.case().card_message_id or 0
    answer = anna.presses(card, "d:claim:1", thread=house.case().thread_id)
    assert answer == "Questo pulsante è per i Digital Angels."


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
    rows = house.database.work(lambda s: s.query(OutboxRow).filter_by(case_id=2, chat_id=GROUP).all())
    urgent = {r.priority for r in rows if r.method in ("createForumTopic", "sendMessage")}
    assert urgent == {Priority.ALARM}
