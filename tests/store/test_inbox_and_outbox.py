"""In: once, in order, whole bursts. Out: once, in order within a lane, withheld by a claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.store import conversations, inbox, outbox
from bot.store.calls import SendText
from bot.store.crypto import UnreadableError, keyring
from bot.store.database import Database
from bot.store.inbox import Incoming
from bot.store.models import InboxRow, InboxState, OutboxRow, Person, SendState
from bot.store.outbox import Order

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOT = 99
QUIET = timedelta(seconds=2)


def _incoming(number: int, chat: int = 7, *, gather: bool = True) -> Incoming:
    return Incoming(number, chat, f'{{"n": {number}}}', gather, urgent=False)


def _order(text_: str, chat: int = 7, **more: object) -> Order:
    return Order(SendText(chat_id=chat, text=text_), outbox.private_lane(chat), **more)  # type: ignore[arg-type]


def _keys(session: Session) -> list[str]:
    return [session.get_one(OutboxRow, due.id).key for due in outbox.due_rows(session, NOW)]


def test_an_update_that_comes_twice_is_kept_once(database: Database) -> None:
    def unit(session: Session) -> tuple[int, int]:
        first = inbox.accept(session, BOT, [_incoming(1), _incoming(2)], NOW)
        return first, inbox.accept(session, BOT, [_incoming(2), _incoming(3)], NOW)

    assert database.work(unit) == (2, 1)


def test_the_body_of_an_update_is_not_readable_in_the_database(database: Database) -> None:
    database.work(lambda s: inbox.accept(s, BOT, [Incoming(1, 7, "segreto", True, False)], NOW))
    raw = database.work(lambda s: s.execute(text("SELECT body FROM inbox")).scalar_one())
    assert b"segreto" not in bytes(raw)


def test_a_value_sealed_with_an_unknown_key_is_refused_aloud(database: Database) -> None:
    from cryptography.fernet import Fernet

    database.work(lambda s: inbox.accept(s, BOT, [_incoming(1)], NOW))
    keyring.load([Fernet.generate_key().decode()])
    with pytest.raises(UnreadableError):
        database.work(lambda s: list(s.scalars(select(InboxRow))))


def test_a_burst_waits_for_silence_and_is_then_taken_whole(database: Database) -> None:
    database.work(lambda s: inbox.accept(s, BOT, [_incoming(1), _incoming(2)], NOW))
    early = database.work(lambda s: inbox.next_batch(s, 7, NOW + timedelta(seconds=1), QUIET))
    late = database.work(lambda s: inbox.next_batch(s, 7, NOW + timedelta(seconds=3), QUIET))
    assert early.quiet_at == NOW + QUIET
    assert late.quiet_at is None
    assert [row.update_id for row in late.rows] == [1, 2]


def test_a_button_ends_a_burst_and_comes_after_it(database: Database) -> None:
    database.work(lambda s: inbox.accept(s, BOT, [_incoming(1), _incoming(2, gather=False)], NOW))
    batch = database.work(lambda s: inbox.next_batch(s, 7, NOW, QUIET))
    assert [row.update_id for row in batch.rows] == [1]
    assert batch.quiet_at is None


def test_a_processed_update_keeps_no_words(database: Database) -> None:
    def unit(session: Session) -> str | None:
        inbox.accept(session, BOT, [_incoming(1)], NOW)
        row = session.scalars(select(InboxRow)).one()
        assert inbox.settle(session, [row.id], InboxState.DONE, NOW) == 1
        assert inbox.settle(session, [row.id], InboxState.DONE, NOW) == 0
        session.refresh(row)
        return row.body

    assert database.work(unit) is None


def test_what_waits_for_a_consent_is_erased_after_a_day(database: Database) -> None:
    def unit(session: Session) -> tuple[int, int]:
        inbox.accept(session, BOT, [_incoming(1)], NOW)
        row = session.scalars(select(InboxRow)).one()
        inbox.settle(session, [row.id], InboxState.HELD, NOW)
        kept = len(inbox.held(session, 7))
        inbox.expire_held(session, NOW + timedelta(hours=1))
        return kept, len(inbox.held(session, 7))

    assert database.work(unit) == (1, 0)


def test_a_lane_sends_one_after_the_other(database: Database) -> None:
    def unit(session: Session) -> list[list[str]]:
        for number in range(3):
            outbox.enqueue(session, _order(f"m{number}", key=f"k{number}"), NOW)
        outbox.enqueue(session, _order("altro", chat=8, key="other"), NOW)
        first = _keys(session)
        assert outbox.begin(session, 1, "w", NOW)
        second = _keys(session)
        session.get_one(OutboxRow, 1, populate_existing=True).state = SendState.SENT
        session.flush()
        return [first, second, _keys(session)]

    assert database.work(unit) == [["k0", "other"], ["other"], ["k1", "other"]]


def test_an_order_with_the_same_key_is_written_once(database: Database) -> None:
    def unit(session: Session) -> bool:
        assert outbox.enqueue(session, _order("uno", key="k"), NOW) is not None
        return outbox.enqueue(session, _order("due", key="k"), NOW) is None

    assert database.work(unit)


def test_a_claim_withholds_what_the_bot_wanted_to_say(database: Database) -> None:
    def unit(session: Session) -> tuple[int, bool]:
        outbox.enqueue(session, _order("parla il bot", speech=True, person_id=1), NOW)
        outbox.enqueue(session, _order("parla l'angelo", person_id=1), NOW)
        withheld = outbox.withhold_speech(session, 1, NOW)
        return withheld, outbox.begin(session, 1, "w", NOW) is not None

    assert database.work(unit) == (1, False)


def test_a_word_in_flight_is_seen_by_a_claim(database: Database) -> None:
    def unit(session: Session) -> tuple[bool, bool]:
        row = outbox.enqueue(session, _order("parla il bot", speech=True, person_id=1), NOW)
        assert row is not None
        before = outbox.speech_in_flight(session, 1)
        outbox.begin(session, row.id, "w", NOW)
        return before, outbox.speech_in_flight(session, 1)

    assert database.work(unit) == (False, True)


def test_two_turns_cannot_both_change_a_conversation(database: Database) -> None:
    from bot.store.database import ConflictError

    database.work(lambda s: conversations.begin_conversation(s, 7, 7, "it", NOW) and None)
    seen = database.work(lambda s: conversations.snapshot(s, 7))
    assert seen is not None
    database.work(lambda s: conversations.save(s, seen, seen.state, 1, NOW))
    with pytest.raises(ConflictError):
        database.work(lambda s: conversations.save(s, seen, seen.state, 1, NOW))


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        database.work(lambda s: s.add(Person(user_id=1, chat_id=1, created_at=datetime(2026, 1, 1))))
