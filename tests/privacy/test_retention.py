from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.conversation.types import Alarm
from bot.privacy.retention import Purged, Rules, months_before, nightly, purge
from bot.store.models import Audit, Case, InboxRow, Message, OutboxRow, Person
from tests.desk.house import GROUP, House, Phone

from .conftest import naming

MARIA = 7_007_001_234


def _night(house: House) -> Purged:
    purged = asyncio.run(purge(house.database, Rules(), house.clock.now(), house.desk.closing_person))
    house.deliver()
    return purged


def _days(house: House, days: float) -> None:
    """Time passes without anybody doing anything."""
    house.clock.at += timedelta(days=days)


def _count(house: House, table: type) -> int:
    return house.database.work(lambda s: s.scalar(select(func.count()).select_from(table)) or 0)


def _handled(house: House, name: str = "Mariagrazia", number: int = MARIA) -> tuple[Phone, Phone]:
    anna = house.angel(11, "Anna", coordinator=True)
    maria = house.person(number, name)
    maria.shares("Il Quadrifoglio non vende")
    anna.taps("Me ne occupo io", case=1)
    anna.says("Eccomi", case=1)
    return maria, anna


def _closes(anna: Phone) -> None:
    anna.taps("Chiudi", case=1)
    anna.taps("Risolto in chat", case=1)


def test_a_conversation_interrupted_for_thirty_days_goes_whole(house: House) -> None:
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("Il Quadrifoglio non vende")
    _days(house, 29)
    assert _night(house).people == 0
    _days(house, 2)
    assert _night(house).people == 1
    assert naming(house, MARIA, "Mariagrazia", "quadrifoglio") == []


def test_somebody_an_angel_is_dealing_with_is_not_interrupted(house: House) -> None:
    _handled(house)
    _days(house, 60)
    assert _night(house).people == 0
    assert _count(house, Person) == 1


def test_a_closed_case_stays_a_year_and_then_goes_with_its_topic(house: House) -> None:
    _maria, anna = _handled(house)
    _closes(anna)
    _days(house, 360)
    assert _night(house).cases == 0
    assert naming(house, "quadrifoglio") != []
    _days(house, 10)
    assert (_night(house).cases, _count(house, Person)) == (1, 0)
    assert house.post.topics == {}
    assert naming(house, MARIA, "Mariagrazia", "quadrifoglio") == []


def test_the_words_of_an_alarm_go_once_it_is_closed_and_the_flag_stays(house: House) -> None:
    anna = house.angel(11, "Anna", coordinator=True)
    maria = house.person(MARIA, "Mariagrazia")
    maria.says("/start")
    maria.taps("Sì, va bene")
    maria.says("Ho un forno in Isola")
    house.later(minutes=1)
    cry = "Non ce la faccio più a vivere"
    house.understands(cry, alarm=Alarm.AUTOLESIONE, cosa_succede=cry)
    maria.says(cry)
    anna.taps("Ci sono io", case=1)
    anna.says("Sono qui", case=1)
    assert naming(house, cry) != []
    _night(house)
    assert naming(house, cry) != []  # an angel is still with her
    _closes(anna)
    assert _night(house).alarms == 1
    assert naming(house, cry) == []
    assert not [m for m in house.post.chats[GROUP].values() if cry in m.text and m.kind == "text"]
    assert house.case().alarm == Alarm.AUTOLESIONE
    assert naming(house, "forno in Isola") != []
    assert _night(house).alarms == 0


def test_an_alarm_without_consent_leaves_nothing_once_it_is_closed(house: House) -> None:
    anna = house.angel(11, "Anna", coordinator=True)
    maria = house.person(MARIA, "Mariagrazia")
    house.understands("Mi minacciano", alarm=Alarm.VIOLENZA)
    maria.says("Mi minacciano")
    anna.taps("Ci sono io", case=1)
    anna.says("Sono qui", case=1)
    _closes(anna)
    assert _night(house).people == 1
    assert naming(house, MARIA, "Mariagrazia") == []


def test_rows_that_only_kept_the_machine_going_go_and_audit_stays_two_years(house: House) -> None:
    _handled(house)
    _days(house, 31)
    before = _count(house, Audit)
    assert _night(house).rows > 0
    assert (_count(house, InboxRow), _count(house, OutboxRow)) == (0, 0)
    assert _count(house, Audit) == before
    assert (_count(house, Message) > 0, _count(house, Case)) == (True, 1)


def test_a_night_is_done_once_however_often_it_is_asked_for(house: House) -> None:
    def ask() -> Purged | None:
        return asyncio.run(nightly(house.database, Rules(), house.clock.now(), house.desk.closing_person))

    assert ask() is not None
    assert ask() is None
    _days(house, 1)
    assert ask() is not None


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2026, 3, 31), 12, (2025, 3, 31)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
    ],
)
def test_months_are_counted_on_the_calendar(
    at: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*at, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)
