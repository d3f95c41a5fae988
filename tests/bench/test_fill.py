"""A filled database is one that real turns go on from; and no turn reads what grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, func, select, text

from bot.bench.fill import lengthen, populate, seal_once
from bot.bench.people import LINES
from bot.conversation import Library, load_library
from bot.store import outbox
from bot.store.crypto import keyring
from bot.store.models import Case, Conversation, InboxRow, Message
from tests.desk.house import BOT, House
from tests.e2e.house import ROOT

GROWING = ("inbox", "outbox", "messages", "copies", "facts", "people", "conversations", "cases", "audit")


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT / "dialogues")


@pytest.fixture
def house(tmp_path: Path, library: Library) -> Iterator[House]:
    keyring.load([Fernet.generate_key().decode()])
    made = House(tmp_path, library, on_call=(11, 12))
    made.angel(11, "Anna")
    made.angel(12, "Bruno")
    yield made
    made.close()


def test_what_is_sealed_once_is_sealed_anew_for_a_stage_with_other_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyring, "seal", keyring.seal)  # put back afterwards
    for _stage in range(2):
        keyring.load([Fernet.generate_key().decode()])
        seal_once()
        assert keyring.seal("ho un bar") is keyring.seal("ho un bar")
        assert keyring.open(keyring.seal("ho un bar")) == "ho un bar"


def test_somebody_whose_conversation_was_filled_in_is_answered_where_it_stands(house: House) -> None:
    populate(house.database, house.library, [501, 502], house.clock.now(), turns=2, bot_id=BOT)
    populate(house.database, house.library, 9, house.clock.now(), bot_id=BOT)
    carla = house.person(501, "Carla")
    before = len(carla.sees())
    carla.says(LINES[3])
    assert len(carla.sees()) > before
    assert "Posso ascoltarla" not in carla.sees()[-1].text
    assert house.database.work(lambda s: s.scalar(select(func.count(Conversation.id)))) == 11


def test_a_conversation_made_longer_has_its_rows_and_goes_on(house: House) -> None:
    carla = house.person(501, "Carla")
    carla.says("/start")
    carla.taps("Sì, va bene")
    carla.says(LINES[0])
    lengthen(house.database, house.library, 501, 300, house.clock.now(), BOT)
    assert house.database.work(lambda s: s.scalar(select(func.count(Message.id)))) > 300
    carla.says("/aiuto")
    assert len(carla.sees()) > 2


def test_no_statement_of_a_turn_walks_through_a_table_that_grows(house: House) -> None:
    populate(house.database, house.library, 60, house.clock.now(), bot_id=BOT)
    statements: dict[str, object] = {}

    def seen(_connection: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        statements.setdefault(statement, values)

    event.listen(house.database.engine, "before_cursor_execute", seen)
    carla = house.person(501, "Carla")
    carla.says("/start")
    carla.taps("Sì, va bene")
    for line in LINES[:4]:
        carla.says(line)
    carla.says("/persona")
    carla.taps("Sì")
    carla.says(LINES[5])
    house.later(seconds=40)
    house.database.work(lambda s: outbox.sending_workers(s))
    event.remove(house.database.engine, "before_cursor_execute", seen)
    assert house.database.work(lambda s: s.scalar(select(func.count(Case.id)))) > 20
    walks = []
    with house.database.engine.connect() as connection:
        for statement, values in statements.items():
            if not re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
                continue
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all():
                found = re.match(r"SCAN (\w+)(?! USING (COVERING )?INDEX ix_outbox_state)", row[3])
                if found and found[1] in GROWING:
                    walks.append((row[3], statement[:200]))
    assert walks == []
    assert len(statements) > 30


def test_the_queue_and_what_is_not_understood_yet_are_found_by_an_index(house: House) -> None:
    plans = (
        (
            "SELECT chat_id FROM inbox WHERE state = 'waiting' AND urgent = 0 ORDER BY id LIMIT 9",
            "ix_inbox_queue",
        ),
        ("SELECT id FROM messages WHERE complete IS 0 ORDER BY id LIMIT 20", "ix_messages_incomplete"),
        (
            "SELECT id FROM messages WHERE case_id = 1 AND author = 'bot' AND understood IS 0 ORDER BY id DESC",
            "ix_messages_missed",
        ),
        ("SELECT id FROM messages WHERE case_id = 1 AND author = 'note' ORDER BY id", "ix_messages_notes"),
    )
    for query, index in plans:
        plan = house.database.work(lambda s, q=query: str(s.execute(text(f"EXPLAIN QUERY PLAN {q}")).all()))
        assert index in plan
        assert "TEMP B-TREE" not in plan
    assert house.database.work(lambda s: s.scalar(select(func.count(InboxRow.id)))) == 0


def test_a_turn_is_the_same_work_for_the_database_however_long_its_conversation_is(house: House) -> None:
    people = [house.person(number, name) for number, name in ((501, "Carla"), (502, "Dora"))]
    for person in people:
        person.says("/start")
        person.taps("Sì, va bene")
        for line in LINES[:5]:
            person.says(line)
        person.says("/persona")
        person.taps("Sì")
    lengthen(house.database, house.library, 502, 400, house.clock.now(), BOT)
    house.later(seconds=40)
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    # SQLite tells after every tenth instruction of its machine (https://www.sqlite.org/c3ref/progress_handler.html).
    event.listen(
        house.database.engine,
        "begin",
        lambda connection: connection.connection.dbapi_connection.set_progress_handler(counted, 10),
    )
    work = []
    for person in people:
        person.says(LINES[6])
        steps = 0
        person.says(LINES[7])
        work.append(steps)
    short, long = work
    assert short > 0
    assert long < 1.1 * short
