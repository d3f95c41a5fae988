"""One message's journey: the one place that strings the five steps together.

inbox -> understanding -> conversation.advance -> state, facts, case and outbox in ONE transaction -> delivery.

`Turns.take` processes the oldest update (or burst) of one chat. Understanding is asked outside the transaction;
everything else happens inside one, so that whatever is committed is whole.
"""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.conversation import Library, Phase, State, advance
from bot.conversation.types import (
    Brought,
    DropTimer,
    Elapsed,
    Erase,
    Event,
    Heard,
    Moment,
    NewNeed,
    Ordered,
    Pressed,
    RaiseAlarm,
    Rewrote,
    Said,
    Say,
    SetTimer,
    Started,
    Understood,
    Unsure,
)
from bot.desk import WITHDRAWALS, BusyError, Desk
from bot.desk.events import (
    Answer,
    DeskEvent,
    ForConversation,
    Lost,
    Refused,
)
from bot.ears import Ears, HeardAll, Members, Seen, is_voice, listening_key, words_of
from bot.effects import Arrived, Carrying
from bot.store import conversations, crash, inbox
from bot.store.conversations import Snapshot
from bot.store.database import ConflictError, Database
from bot.store.inbox import Waiting
from bot.store.models import (
    CaseState,
    InboxRow,
    InboxState,
    Message,
    OutboxRow,
    SendState,
)
from bot.store.outbox import Due, Purpose, answer_tap, freshly_queued, ordered
from bot.store.timers import claim_timer, drop_timer, due_timers, postpone_timer, set_timer
from bot.telegram.clock import Clock
from bot.telegram.updates import (
    Ignored,
    Inbound,
    MaskedText,
    PrivateReacted,
    PrivateStanding,
    PrivateTapped,
    PrivateWrote,
    body_with_words,
)
from bot.telegram.voices import Voices
from bot.understanding.port import Understanding, Utterance

log = structlog.get_logger()

T = TypeVar("T")

ROME = ZoneInfo("Europe/Rome")
UNSURE_AFTER = timedelta(seconds=30)
"""Silence after a question that may not have arrived, before it is asked anew in other words."""

BUSY_SECONDS = 60.0
"""Longest wait of a claim for the bot's words in flight."""

TIMER_AGAIN = timedelta(minutes=1)
"""When a timer that failed has its turn again."""

_HEARD_IN_PART = select(Message).where(Message.complete.is_(False)).order_by(Message.id).limit(20)
"""Looked for several times a second, and almost always in vain; only then is Rasa asked whether it is back."""

STALE_TAP = "Questo pulsante non vale più: mi scriva pure qui sotto."
_SOURCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class TurnConfig:
    """What a turn needs to know of the installation.

    Attributes:
        bot_id: The bot's own user id.
        quiet: Silence after which a burst is complete.
    """

    bot_id: int
    quiet: timedelta


class Turns:
    """Processes what comes in, and what comes due.

    Args:
        database: The store.
        library: The newest good scripts.
        understanding: What a message says.
        desk: The angels' side.
        members: Who is who in the group.
        clock: The house's time.
        nudge: Tells delivery that something was queued, and what may go at once.
        config: The installation.
        voices: Turns voice messages into words; None = nobody listens to them here.
    """

    def __init__(
        self,
        database: Database,
        library: Callable[[], Library],
        understanding: Understanding,
        desk: Desk,
        members: Members,
        clock: Clock,
        nudge: Callable[[Sequence[Due]], None],
        config: TurnConfig,
        voices: Voices | None = None,
    ) -> None:
        self._database = database
        self._library = library
        self._understanding = understanding
        self._desk = desk
        self._clock = clock
        self._nudge = nudge
        self._config = config
        self._carrying = Carrying(desk, library)
        self._ears = Ears(
            database,
            library,
            understanding,
            desk,
            members,
            clock,
            nudge,
            config.bot_id,
            self._carrying,
            voices,
        )

    # --- one update or burst -------------------------------------------------------------------------------------

    async def take(self, chat_id: int) -> datetime | None:
        """Process the oldest update, or burst, of a chat.

        Args:
            chat_id: Whose turn it is; nobody else may be processing this chat.

        Returns:
            When to come back because more of a burst may come; None when something was processed or nothing waits.
        """
        seen = await self._database.run(lambda session: self._read(session, chat_id))
        if not seen.rows:
            return None
        if seen.quiet_at is not None:
            return seen.quiet_at
        understood = await self._ears.hear(seen)
        try:
            queued = await self._until_free(lambda session: self._commit(session, chat_id, seen, understood))
        except _TakenError:
            return None
        crash.passing("turn.after_commit")
        self._nudge(queued)
        return None

    async def _until_free(self, unit: Callable[[Session], T]) -> T:
        """Commit; again when another turn was first, or when a claim must wait for words in flight."""
        begun = time.monotonic()  # a slow machine's tries are time too, not only the pauses between them
        while True:
            try:
                return await self._database.run(unit)
            except (ConflictError, BusyError):
                if time.monotonic() - begun > BUSY_SECONDS:
                    raise
                await asyncio.sleep(0.02)

    def _read(self, session: Session, chat_id: int) -> Seen:
        private = chat_id > 0
        known = conversations.glimpse(session, chat_id) if private else None
        claimed = known is not None and known.case_state == CaseState.CLAIMED
        # To a person there is no reason to wait for the end of a burst.
        quiet = timedelta() if claimed else self._config.quiet
        batch = inbox.next_batch(session, chat_id, self._clock.now(), quiet)
        held = () if known is None or known.state.listening else tuple(inbox.held(session, chat_id))
        angel = private and self._desk.is_angel(session, chat_id)
        more, flood = private and batch.behind, private and batch.flood
        return Seen(batch.rows, batch.quiet_at, known, held, claimed, angel, flood, more)

    def _commit(self, session: Session, chat_id: int, seen: Seen, understood: HeardAll) -> list[Due]:
        now, rows = self._clock.now(), seen.rows
        ids = [row.id for row in rows]
        if not inbox.still_waiting(session, ids):
            raise _TakenError("another worker processed this update, or its person was erased")
        first = understood.inbound[0]
        if understood.newcomer is not None:
            self._pass_on(session, self._desk.handle(session, understood.newcomer, now), now)
        state = InboxState.DONE
        match first:
            case PrivateWrote() | PrivateTapped():
                state = self._private(session, seen, understood, now)
            case PrivateReacted(_, message_id, emoji):
                self._reacted(session, chat_id, message_id, emoji, now)
            case PrivateStanding():
                self._standing(session, first, now)
            case Ignored(why):
                log.info("update.ignored", why=why)
            case _:
                self._desk_event(session, first, now)
        if inbox.settle(session, ids, state, now) != len(ids) and not _erased(session, ids):
            raise _TakenError("another worker processed this update")
        if state is InboxState.HELD:
            _hold_words(session, rows[0], first)
        crash.passing("turn.before_commit")
        return freshly_queued(session)

    def _desk_event(self, session: Session, event: DeskEvent, now: datetime) -> None:
        self._pass_on(session, self._desk.handle(session, event, now), now)

    # --- the private side ----------------------------------------------------------------------------------------

    def _private(self, session: Session, seen: Seen, understood: HeardAll, now: datetime) -> InboxState:
        first, rows = understood.inbound[0], seen.rows
        assert isinstance(first, (PrivateWrote, PrivateTapped))
        snap = conversations.snapshot(session, first.chat_id, lock=True, seen=seen.known)
        if snap is None:
            snap = conversations.begin_conversation(
                session, first.user_id, first.chat_id, first.language_code, now
            )
        if isinstance(first, PrivateTapped):
            answer_tap(session, first.query_id, now, "" if first.choice else STALE_TAP)
        if snap.person.barred:
            return InboxState.DONE
        if snap.person.blocked_at is not None:
            snap.person.blocked_at = None
        drop_timer(session, f"conversation:{snap.conversation.id}", "unsure")
        event = self._event(session, snap, understood)
        taken_out = 0
        if isinstance(first, PrivateWrote) and first.command in WITHDRAWALS and snap.state.listening:
            taken_out = self._desk.shopkeeper_withdraws(session, snap, first.reply_to, first.message_id, now)
            event = Rewrote(Heard(taken_out, Understood(""))) if taken_out else None
        if event is None:
            self._rewrote_silently(session, snap, first, now)
            return InboxState.DONE
        seed = zlib.crc32(f"{snap.conversation.id}:{rows[0].update_id}".encode())
        heard = Arrived(tuple(i for i in understood.inbound if isinstance(i, PrivateWrote)), understood.said)
        # Somebody who writes faster than can be read, or wrote during an outage, is listened to, and answered
        # once it has all been read; an alarm speaks at once.
        spoken = snap.conversation.spoke_at is not None
        hush = understood.behind and spoken and isinstance(event, (Said, Brought, Rewrote))
        after = self._advance(
            session,
            snap,
            event,
            now,
            seed,
            held=understood.held,
            arrived=heard,
            hush=hush,
            one_message=is_voice(first) and ordered(session, listening_key(rows[0])),
        )
        if taken_out:
            self._desk.forget_facts(session, snap, taken_out, now)
        holds = isinstance(event, (Said, Brought, Rewrote)) and not after.listening
        return (
            InboxState.HELD
            if holds and after.phase not in (Phase.DECLINED, Phase.ERASED)
            else InboxState.DONE
        )

    def _rewrote_silently(
        self, session: Session, snap: Snapshot, item: PrivateWrote | PrivateTapped, now: datetime
    ) -> None:
        """A photo exchanged, a place that moves: an edit without words is no turn of the conversation."""
        if isinstance(item, PrivateWrote) and item.edited and snap.state.listening:
            arrived = Arrived((item,), (None,))
            self._carrying.keep(session, snap, snap.conversation.need, arrived, minimal=False, now=now)

    def _event(self, session: Session, snap: Snapshot, understood: HeardAll) -> Event | None:
        first = understood.inbound[0]
        if isinstance(first, PrivateTapped):
            return Pressed(first.choice) if first.choice else None
        assert isinstance(first, PrivateWrote)
        said = understood.said[0]
        if first.edited:
            return Rewrote(Heard(first.message_id, said)) if said is not None else None
        if first.command == "start":
            source = first.argument if _SOURCE.fullmatch(first.argument) else ""
            if source and snap.conversation.heard_at is None:
                conversations.count_start(
                    session, source, snap.conversation.started_at.astimezone(ROME).date().isoformat()
                )
            return Started(first.first_name, first.language_code, source)
        if first.command:
            return Ordered(first.command, first.argument)
        if first.content.transcript and said is not None:
            return Said((Heard(first.message_id, _with_masked(said, first.masked), voice=True),))
        if first.content.kind != "text":
            return Brought(first.message_id, first.content.kind, said, first.own_number)
        heard = [
            Heard(item.message_id, _with_masked(text, item.masked))
            for item, text in zip(understood.inbound, understood.said, strict=True)
            if isinstance(item, PrivateWrote) and text is not None
        ]
        return Said(tuple(heard)) if heard else None

    def _reacted(self, session: Session, chat_id: int, message_id: int, emoji: str, now: datetime) -> None:
        snap = conversations.snapshot(session, chat_id)
        case = snap and self._desk.case_of(session, snap.conversation.id, snap.conversation.need)
        if case:
            self._desk.shopkeeper_reacted(session, case, message_id, emoji, now)

    def _standing(self, session: Session, standing: PrivateStanding, now: datetime) -> None:
        snap = conversations.snapshot(session, standing.chat_id)
        if snap is None:
            return
        news = standing.blocked is not (snap.person.blocked_at is not None)
        snap.person.blocked_at = now if standing.blocked else None
        if news:  # a message that could not be delivered may have told first
            self._desk.shopkeeper_standing(session, snap, standing.blocked, now)

    # --- advance, and what it asks for --------------------------------------------------------------------------------

    def _advance(
        self,
        session: Session,
        snap: Snapshot,
        event: Event,
        now: datetime,
        seed: int,
        *,
        held: tuple[tuple[PrivateWrote, Understood | None], ...] = (),
        arrived: Arrived | None = None,
        silent: bool = False,
        hush: bool = False,
        one_message: bool = False,
    ) -> State:
        desk = self._desk.moment(session, now)
        moment = Moment(
            at=now,
            seed=seed,
            desk_open=desk.desk_open,
            on_call=desk.on_call,
            next_opening=desk.next_opening,
            usual_wait_minutes=desk.usual_wait_minutes,
            held=tuple(
                Heard(item.message_id, said, bool(item.content.transcript))
                for item, said in held
                if said is not None
            ),
            one_message=one_message,
            slots=desk.slots,
        )
        state, effects = advance(self._library(), snap.state, event, moment)
        if any(isinstance(effect, Erase) for effect in effects):
            self._carrying.erase(session, snap, effects, now)
            return state
        if hush and all(isinstance(effect, (Say, SetTimer, DropTimer)) for effect in effects):
            state, effects = _only_heard(snap.state, state), ()
        if silent and not (state.may_write_first and any(isinstance(e, RaiseAlarm) for e in effects)):
            effects = tuple(effect for effect in effects if not isinstance(effect, Say))
        need = snap.conversation.need + sum(isinstance(effect, NewNeed) for effect in effects)
        spoke = any(isinstance(effect, Say) for effect in effects)
        conversations.save(session, snap, state, need, now, heard=arrived is not None, spoke=spoke)
        if state.listening and not snap.state.listening:
            arrived = self._consented(session, snap, held, arrived, now)
        minimal = any(isinstance(effect, RaiseAlarm) and effect.minimal for effect in effects)
        if arrived is not None and state.listening:
            self._carrying.keep(session, snap, need, arrived, minimal=minimal, now=now)
        self._carrying.carry_out(session, snap, state, need, effects, now)
        self._desk.follow(session, snap, state, need, now)
        return state

    def _consented(
        self,
        session: Session,
        snap: Snapshot,
        held: tuple[tuple[PrivateWrote, Understood | None], ...],
        arrived: Arrived | None,
        now: datetime,
    ) -> Arrived | None:
        """The first consent came: what waited becomes the beginning of the transcript."""
        inbox.release_held(session, snap.person.chat_id, now)
        if arrived is None and not held:
            return None
        items = tuple(item for item, _ in held) + (arrived.items if arrived else ())
        said = tuple(u for _, u in held) + (arrived.said if arrived else ())
        return Arrived(items, said)

    # --- what the desk passes on, what comes due, what was answered ------------------------------------------------

    def _pass_on(self, session: Session, items: Sequence[ForConversation], now: datetime) -> None:
        for item in items:
            snap = conversations.snapshot_of(session, item.conversation_id, lock=True)
            if snap is not None:
                seed = zlib.crc32(f"{snap.conversation.id}:{snap.version}".encode())
                self._advance(session, snap, item.event, now, seed)

    async def timers(self) -> int:
        """Do what has come due, each in a transaction of its own; returns how many."""
        now = self._clock.now()
        due = await self._database.run(lambda session: due_timers(session, now))
        for subject, name in due:
            try:
                await self._until_free(lambda session, s=subject, n=name: self._elapsed(session, s, n))  # type: ignore[misc]
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                # One that fails must not keep the others waiting: it has its turn again in a while.
                log.error("timer.failed", name=name, error=type(error).__name__)
                await self._database.run(lambda session, s=subject, n=name: self._again(session, s, n))  # type: ignore[misc]
        if due:
            self._nudge(())
        return len(due)

    def _again(self, session: Session, subject: str, name: str) -> None:
        postpone_timer(session, subject, name, self._clock.now() + TIMER_AGAIN)

    def _elapsed(self, session: Session, subject: str, name: str) -> None:
        now = self._clock.now()
        if not claim_timer(session, subject, name, now):
            return
        crash.passing("timer.before_commit")
        kind, _, number = subject.partition(":")
        if kind != "conversation":
            self._pass_on(session, self._desk.elapsed(session, subject, name, now), now)
            return
        event = Unsure() if name == "unsure" else Elapsed(name)
        self._pass_on(session, [ForConversation(int(number), event)], now)

    def answered(self, session: Session, row: OutboxRow, answer: Answer, now: datetime) -> None:
        """Book what Telegram answered; called by delivery inside its transaction."""
        if row.purpose == Purpose.FAREWELL and row.state != SendState.QUEUED:
            session.delete(row)
        if row.purpose == Purpose.REPLY and row.person_id is not None:
            self._reply_answered(session, row, answer, now)
        if row.case_id is not None or row.purpose in (Purpose.TOPIC, Purpose.CARD, Purpose.ALERT):
            self._pass_on(session, self._desk.answered(session, row, answer, now), now)

    def _reply_answered(self, session: Session, row: OutboxRow, answer: Answer, now: datetime) -> None:
        if not isinstance(answer, Lost | Refused):
            return
        snap = conversations.snapshot(session, row.chat_id)
        if snap is None:
            return
        match answer:
            case Lost():
                set_timer(session, f"conversation:{snap.conversation.id}", "unsure", now + UNSURE_AFTER)
            case Refused(403, _) if snap.person.blocked_at is None:
                snap.person.blocked_at = now
                self._desk.shopkeeper_standing(session, snap, True, now)
            case _:
                pass

    # --- understood again once Rasa is back ---------------------------------------------------------------------------

    async def catch_up(self) -> int:
        """Understand again what was heard while Rasa was away: facts are kept, nothing is said unless in danger.

        Returns:
            How many messages were understood again.
        """
        messages = await self._database.run(lambda session: list(session.scalars(_HEARD_IN_PART)))
        if not messages or not await self._understanding.ready():
            return 0
        for message in messages:
            words = words_of(conversations.read_content(message))
            said = await self._understanding.understand(Utterance(words))
            if not said.complete:
                return 0
            await self._until_free(lambda session, m=message, u=said: self._understood_again(session, m, u))  # type: ignore[misc]
        return len(messages)

    def _understood_again(self, session: Session, message: Message, said: Understood) -> None:
        now = self._clock.now()
        mine = (
            update(Message).where(Message.id == message.id, Message.complete.is_(False)).values(complete=True)
        )
        if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
            return  # another worker was first, or it was erased meanwhile
        snap = conversations.snapshot_of(session, message.conversation_id, lock=True)
        if snap is None or message.telegram_id is None:
            return
        aloud = bool(conversations.read_content(message).transcript)
        event = Rewrote(Heard(message.telegram_id, said, aloud))
        self._advance(session, snap, event, now, message.id, silent=True)


class _TakenError(RuntimeError):
    """Somebody else processed the update first: nothing is left to do, and nothing of this try is kept."""


def _hold_words(session: Session, row: Waiting, item: Inbound) -> None:
    """What was said aloud before consent waits like what was written: masked, sealed, for a day at most."""
    if isinstance(item, PrivateWrote) and item.content.transcript and row.body:
        kinds = item.masked if not item.content.file_id else ()
        words = MaskedText(item.content.transcript, kinds)
        inbox.rewrite_body(session, row.id, body_with_words(row.body, words))


def _only_heard(before: State, after: State) -> State:
    """What was heard is kept; nothing counts as asked or said, because it was not."""
    return replace(
        before,
        notes=after.notes,
        language=after.language,
        address=after.address,
        gender=after.gender,
        emoji=after.emoji,
        last_at=after.last_at,
    )


def _with_masked(said: Understood, kinds: tuple[str, ...]) -> Understood:
    """What was hidden before the inbox counts as hidden in the message."""
    return replace(said, masked=tuple(dict.fromkeys((*kinds, *said.masked)))) if kinds else said


def _erased(session: Session, ids: Sequence[int]) -> bool:
    """True when the updates are gone with the person."""
    return session.scalar(select(InboxRow.id).where(InboxRow.id.in_(ids)).limit(1)) is None
