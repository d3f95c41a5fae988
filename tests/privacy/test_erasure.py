from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.privacy.erasure import erase_person
from bot.store.calls import CreateTopic
from bot.store.models import Audit, Person
from bot.telegram.wire import Addressed, Outcome
from tests.desk.house import GROUP, House, Phone

from .conftest import naming

MARIA = 7_007_001_234
STORY = "La Panetteria Quadrifoglio di via Torino non vende più"
NOTE = "Quadrifoglio ha già chiamato ieri"
NEEDLES = (MARIA, "Mariagrazia", "quadrifoglio", "via Torino")


def _a_whole_life(house: House) -> tuple[Phone, Phone]:
    """Told, shared, claimed, talked, noted, waited for."""
    anna = house.angel(11, "Anna", coordinator=True)
    house.angel(12, "Bruno")
    anna.says("/start", private=True)
    maria = house.person(MARIA, "Mariagrazia")
    maria.shares(STORY)
    house.later(hours=1)
    anna.taps("Me ne occupo io", case=1)
    anna.says("Buongiorno Mariagrazia, mi racconti del Quadrifoglio", case=1)
    maria.says("Il Quadrifoglio è di famiglia")
    anna.says("/nota " + NOTE, case=1)
    return maria, anna


def _erases(maria: Phone) -> None:
    """While an angel writes the bot asks nothing: the command, given twice, is the confirmation."""
    maria.says("/cancella")
    if any("cancella:si" in k.data for m in maria.sees() for row in m.keyboard for k in row):
        maria.taps("Sì, cancell")
    else:
        maria.says("/cancella")


def test_after_erasing_no_row_names_the_person(house: House) -> None:
    maria, _anna = _a_whole_life(house)
    assert {"people.user_id", "people.first_name", "messages.content", "facts.words"} <= set(
        naming(house, *NEEDLES)
    )
    _erases(maria)
    house.deliver()
    assert naming(house, *NEEDLES) == []
    assert house.database.work(lambda s: s.scalar(select(Audit.actor).where(Audit.action == "erased")))


def test_after_erasing_the_group_and_the_angels_phones_name_nobody(house: House) -> None:
    maria, anna = _a_whole_life(house)
    _erases(maria)
    house.deliver()
    assert house.post.topics == {}
    general = [m.text for m in house.post.chats[GROUP].values() if m.thread is None]
    direct = [m.text for m in house.post.chats[anna.id].values()]
    assert not [text for text in general + direct if "Mariagrazia" in text]


def test_the_last_words_reach_the_person_who_was_erased(house: House) -> None:
    maria, _anna = _a_whole_life(house)
    before = len(maria.sees())
    _erases(maria)
    assert len(maria.sees()) > before
    assert "cancell" in maria.sees()[-1].text.lower()


def test_after_erasing_no_file_of_the_database_holds_the_number(house: House, tmp_path: Path) -> None:
    maria, _anna = _a_whole_life(house)
    _erases(maria)
    house.deliver()
    house.database._truncate_log()
    number = MARIA.to_bytes(6, "big")
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert number not in data, path.name
        assert str(MARIA).encode() not in data, path.name


def test_a_topic_that_comes_to_be_after_the_erasure_is_deleted(house: House) -> None:
    house.angel(11, "Anna")
    maria = house.person(MARIA, "Mariagrazia")
    perform = house.post.perform
    born: list[str] = []

    def erase(session: Session) -> None:
        erase_person(session, session.scalars(select(Person)).one(), house.clock.now())

    def erased_meanwhile(addressed: Addressed) -> Outcome:
        """The erasure commits while Telegram is creating the topic."""
        if isinstance(addressed.call, CreateTopic):
            born.append(addressed.call.name)
            house.database.work(erase)
        return perform(addressed)

    house.post.perform = erased_meanwhile  # type: ignore[method-assign]
    maria.shares(STORY)
    assert born
    assert house.post.topics == {}


def test_a_stranger_who_tried_the_angels_link_is_not_kept_either(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start angelo")
    assert naming(house, "Mariagrazia", MARIA) != []
    maria.says("/start")
    _erases(maria)
    house.deliver()
    assert naming(house, *NEEDLES) == []
