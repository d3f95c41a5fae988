"""One message's journey: the one place that strings the five steps together.

inbox -> understanding -> conversation.advance -> state, facts, case and outbox in ONE transaction -> delivery.

`Turns.take` processes the oldest update (or burst) of one chat. Understanding is asked outside the transaction;
everything else happens inside one, so that whatever is committed is whole.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.conversation import Library, Phase, State, advance
from bot.conversation.aloud import still_listening
from bot.conversation.types import (
    Brought,
    Consent,
    DeleteTraces,
    DropTimer,
    Effect,
    Elapsed,
    Erase,
    Event,
    ForgetHeld,
    Heard,
    KeepFeedback,
    Moment,
    NewNeed,
    OpenCase,
    Ordered,
    Pressed,
    RaiseAlarm,
    RaiseDoubt,
    RecordConsent,
    Rewrote,
    Said,
    Say,
    SetTimer,
    ShowData,
    Started,
    Understood,
    Unsure,
    WantPerson,
)
from bot.desk import WITHDRAWALS, BusyError, Desk
from bot.desk.events import (
    AngelOrdered,
    Answer,
    DeskEvent,
    ForConversation,
    Lost,
    MemberChanged,
    Refused,
    Who,
)
from bot.privacy.access import personal_data
from bot.privacy.erasure import erase_person
from bot.store import conversations, crash, inbox
from bot.store.calls import DeleteMessages, Key, SendDocument, SendText
from bot.store.content import Content
from bot.store.conversations import Snapshot
from bot.store.database import ConflictError, Database
from bot.store.models import (
    Author,
    Case,
    CaseState,
    ConsentRow,
    InboxRow,
    InboxState,
    Message,
    OutboxRow,
    Priority,
    SendState,
)
from bot.store.outbox import Due, Order, Purpose, answer_tap, enqueue, freshly_queued, ordered, private_lane
from bot.store.timers import claim_timer, drop_timer, due_timers, postpone_timer, set_timer
from bot.telegram import metrics
from bot.telegram.clock import Clock
from bot.telegram.updates import (
    CHOICE_PREFIX,
    Ignored,
    Inbound,
    MaskedText,
    PrivateReacted,
    PrivateStanding,
    PrivateTapped,
    PrivateWrote,
    body_with_words,
    read,
    with_words,
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

STALE_AFTER = timedelta(minutes=2)
"""After an outage, who wrote several times gets one answer to it all, not a question for each."""

TIMER_AGAIN = timedelta(minutes=1)
"""When a timer that failed has its turn again."""

TRACES_WITHIN = timedelta(hours=47)
"""Telegram lets bots delete messages of the last 48 hours (https://core.telegram.org/bots/api#deletemessage)."""

ANGEL_COMMANDS = frozenset({"start", "turno", "miei", "aiuto", "prova", "reperibili", "firma", "annulla"})
STALE_TAP = "Questo pulsante non vale più: mi scriva pure qui sotto."
_SOURCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Members(Protocol):
    """Asks Telegram who somebody is in the angels' group."""

    async def standing(self, group_id: int, user_id: int) -> MemberChanged | None:
        """The person's standing, or None when Telegram cannot say."""
        ...


@dataclass(frozen=True, slots=True)
class TurnConfig:
    """What a turn needs to know of the installation.

    Attributes:
        bot_id: The bot's own user id.
        quiet: Silence after which a burst is complete.
    """

    bot_id: int
    quiet: timedelta


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read before understanding: detached rows and the state as it was then."""

    rows: tuple[InboxRow, ...]
    quiet_at: datetime | None
    state: State | None
    held: tuple[InboxRow, ...]
    claimed: bool
    group_id: int
    angel: bool
    flood: bool
    more: bool
    barred: bool


@dataclass(frozen=True, slots=True)
class _Understood:
    """What came in, with what it says: one `Understood` per private message, None for everything else."""

    inbound: tuple[Inbound, ...]
    said: tuple[Understood | None, ...]
    held: tuple[tuple[PrivateWrote, Understood | None], ...]
    newcomer: MemberChanged | None
    behind: bool = False


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
        self._members = members
        self._clock = clock
        self._nudge = nudge
        self._config = config
        self._voices = voices

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
        understood = await self._hear(seen)
        try:
            queued = await self._until_free(
                lambda session: self._commit(session, chat_id, seen.rows, understood)
            )
        except _TakenError:
            return None
        crash.passing("turn.after_commit")
        self._nudge(queued)
        return None

    async def _until_free(self, unit: Callable[[Session], T]) -> T:
        """Commit; again when another turn was first, or when a claim must wait for words in flight."""
        waited = 0.0
        while True:
            try:
                return await self._database.run(unit)
            except (ConflictError, BusyError):
                if waited > BUSY_SECONDS:
                    raise
                await asyncio.sleep(0.02)
                waited += 0.02

    def _read(self, session: Session, chat_id: int) -> _Seen:
        snap = conversations.snapshot(session, chat_id) if chat_id > 0 else None
        claimed = False
        if snap is not None:
            case = self._desk.case_of(session, snap.conversation.id, snap.conversation.need)
            claimed = case is not None and case.state == CaseState.CLAIMED
        # To a person there is no reason to wait for the end of a burst.
        quiet = timedelta() if claimed else self._config.quiet
        batch = inbox.next_batch(session, chat_id, self._clock.now(), quiet)
        held = () if snap is None or snap.state.listening else tuple(inbox.held(session, chat_id))
        angel = chat_id > 0 and self._desk.is_angel(session, chat_id)
        group = self._desk.group_id(session)
        state = snap.state if snap else None
        flood = chat_id > 0 and inbox.behind(session, chat_id)
        more = flood or (chat_id > 0 and inbox.behind(session, chat_id, len(batch.rows)))
        barred = snap is not None and snap.person.barred
        return _Seen(batch.rows, batch.quiet_at, state, held, claimed, group, angel, flood, more, barred)

    async def _hear(self, seen: _Seen) -> _Understood:
        inbound = tuple([await self._listened(row, self._inbound(row, seen), seen) for row in seen.rows])
        asked = seen.state.asked if seen.state else ""
        language = seen.state.language if seen.state else ""
        said = [await self._understand(item, asked, language) for item in inbound]
        held = [read(row.body, self._config.bot_id) for row in seen.held if row.body]
        last = {item.message_id: item for item in held if isinstance(item, PrivateWrote)}
        heard = [(item, await self._understand(item, "apertura", language)) for item in last.values()]
        newcomer = await self._newcomer(inbound[0], seen)
        if newcomer is not None and isinstance(inbound[0], PrivateWrote):
            inbound = (self._inbound(seen.rows[0], replace(seen, angel=True)),)
        behind = seen.flood or (seen.more and self._stale(inbound[-1]))
        return _Understood(inbound, tuple(said), tuple(heard), newcomer, behind)

    def _stale(self, item: Inbound) -> bool:
        """Written so long ago that its answer can wait for what the person wrote after it."""
        at = item.at if isinstance(item, PrivateWrote) else None
        return at is not None and self._clock.now() - at > STALE_AFTER

    async def _listened(self, row: InboxRow, item: Inbound, seen: _Seen) -> Inbound:
        """A voice message with its words, where somebody listens and could make them out.

        Outside every transaction, however long it takes: until the turn commits, the message waits in the inbox.
        """
        if self._voices is None or seen.barred or not isinstance(item, PrivateWrote):
            return item
        if item.content.kind != "voice" or item.edited or not item.content.file_id:
            return item
        library = self._library()
        own = seen.state.language if seen.state else item.language_code.split("-")[0].lower()
        languages = tuple(sorted(library.languages, key=lambda code: code != own))

        async def takes_long() -> None:
            await self._database.run(lambda session: self._say_listening(session, row))
            self._nudge(())

        words = await self._voices.words(
            item.chat_id, item.content.file_id, languages, quietly=seen.claimed, takes_long=takes_long
        )
        return with_words(item, words) if words is not None else item

    def _say_listening(self, session: Session, row: InboxRow) -> None:
        snap, now = conversations.snapshot(session, row.chat_id), self._clock.now()
        if snap is None or ordered(session, _listening_key(row)):
            return
        seed = zlib.crc32(_listening_key(row).encode())
        notice = still_listening(self._library(), snap.state, Moment(at=now, seed=seed))
        if notice is not None:
            self._say(session, snap, snap.state, snap.conversation.need, notice, now, key=_listening_key(row))

    def _inbound(self, row: InboxRow, seen: _Seen) -> Inbound:
        item = read(row.body or "", self._config.bot_id)
        if not isinstance(item, PrivateWrote) or not seen.angel or item.edited:
            return item
        if item.command and item.command not in ANGEL_COMMANDS:
            return item
        who = Who(item.user_id, item.first_name)
        argument = item.argument if item.command else item.content.text
        return AngelOrdered(
            who, item.chat_id, None, item.message_id, item.command, argument, item.reply_to, private=True
        )

    async def _understand(self, item: Inbound, asked: str, language: str) -> Understood | None:
        if not isinstance(item, PrivateWrote) or item.command or not _words_of(item.content):
            return None
        with metrics.UNDERSTANDING.time():
            return await self._understanding.understand(
                Utterance(_words_of(item.content), asked, language, own_number=asked == "contatto")
            )

    async def _newcomer(self, item: Inbound, seen: _Seen) -> MemberChanged | None:
        """Somebody who acts in the group, or starts the bot, for the first time: Telegram says who belongs to it."""
        who = getattr(item, "who", None)
        starts = isinstance(item, PrivateWrote) and item.command == "start" and seen.state is None
        if isinstance(item, PrivateWrote):
            who = Who(item.user_id, item.first_name) if starts else None
        if who is None or who.is_bot or not seen.group_id or isinstance(item, MemberChanged):
            return None
        if await self._database.run(lambda session: self._desk.known(session, who.user_id)):
            return None
        standing = await self._members.standing(seen.group_id, who.user_id)
        # A shopkeeper is nobody in the group, and the desk has no business knowing that they exist.
        return None if starts and standing is not None and not standing.member else standing

    def _commit(
        self, session: Session, chat_id: int, rows: Sequence[InboxRow], understood: _Understood
    ) -> list[Due]:
        now = self._clock.now()
        ids = [row.id for row in rows]
        if not inbox.still_waiting(session, ids):
            raise _TakenError("another worker processed this update, or its person was erased")
        first = understood.inbound[0]
        if understood.newcomer is not None:
            self._pass_on(session, self._desk.handle(session, understood.newcomer, now), now)
        state = InboxState.DONE
        match first:
            case PrivateWrote() | PrivateTapped():
                state = self._private(session, rows, understood, now)
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

    def _private(
        self, session: Session, rows: Sequence[InboxRow], understood: _Understood, now: datetime
    ) -> InboxState:
        first = understood.inbound[0]
        assert isinstance(first, (PrivateWrote, PrivateTapped))
        snap = conversations.snapshot(session, first.chat_id, lock=True)
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
            return InboxState.DONE
        seed = zlib.crc32(f"{snap.conversation.id}:{rows[0].update_id}".encode())
        heard = _Arrived(tuple(i for i in understood.inbound if isinstance(i, PrivateWrote)), understood.said)
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
            one_message=_aloud(first) and ordered(session, _listening_key(rows[0])),
        )
        if taken_out:
            self._desk.forget_facts(session, snap, taken_out, now)
        holds = isinstance(event, (Said, Brought, Rewrote)) and not after.listening
        return (
            InboxState.HELD
            if holds and after.phase not in (Phase.DECLINED, Phase.ERASED)
            else InboxState.DONE
        )

    def _event(self, session: Session, snap: Snapshot, understood: _Understood) -> Event | None:
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
        snap.person.blocked_at = now if standing.blocked else None
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
        arrived: _Arrived | None = None,
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
            self._erase(session, snap, effects, now)
            return state
        if hush and all(isinstance(effect, (Say, SetTimer, DropTimer)) for effect in effects):
            state, effects = _only_heard(snap.state, state), ()
        if silent and not any(isinstance(effect, RaiseAlarm) for effect in effects):
            effects = tuple(effect for effect in effects if not isinstance(effect, Say))
        need = snap.conversation.need + sum(isinstance(effect, NewNeed) for effect in effects)
        if arrived is not None:
            snap.conversation.heard_at = now
        conversations.save(session, snap, state, need, now)
        if state.listening and not snap.state.listening:
            arrived = self._consented(session, snap, held, arrived, now)
        minimal = any(isinstance(effect, RaiseAlarm) and effect.minimal for effect in effects)
        if arrived is not None and state.listening:
            self._keep(session, snap, need, arrived, minimal=minimal, now=now)
        self._carry_out(session, snap, state, need, effects, now)
        self._desk.follow(session, snap, state, need, now)
        return state

    def _consented(
        self,
        session: Session,
        snap: Snapshot,
        held: tuple[tuple[PrivateWrote, Understood | None], ...],
        arrived: _Arrived | None,
        now: datetime,
    ) -> _Arrived | None:
        """The first consent came: what waited becomes the beginning of the transcript."""
        inbox.release_held(session, snap.person.chat_id, now)
        if arrived is None and not held:
            return None
        items = tuple(item for item, _ in held) + (arrived.items if arrived else ())
        said = tuple(u for _, u in held) + (arrived.said if arrived else ())
        return _Arrived(items, said)

    def _keep(
        self, session: Session, snap: Snapshot, need: int, arrived: _Arrived, *, minimal: bool, now: datetime
    ) -> None:
        """Write what arrived into the transcript, and carry it to the angel where one may see it."""
        case = self._desk.case_of(session, snap.conversation.id, need)
        minimal = minimal or (case is not None and case.minimal)
        for item, said in zip(arrived.items, arrived.said, strict=False):
            if not snap.person.first_name and item.first_name:
                snap.person.first_name, snap.person.username = item.first_name, item.username
            if item.command:
                continue
            content = _stored(item, said)
            stored = _wordless(content) if minimal else content
            if item.edited:
                self._rewrite(session, case, item, content, stored, now)
                continue
            reply = conversations.seen_as(session, item.chat_id, item.reply_to) if item.reply_to else None
            message = conversations.write_message(
                session,
                conversation_id=snap.conversation.id,
                case_id=case.id if case else None,
                author=Author.SHOPKEEPER,
                chat_id=item.chat_id,
                telegram_id=item.message_id,
                content=stored,
                at=now,
                reply_to=reply.id if reply else None,
                complete=said.complete if said else True,
            )
            if case is not None:
                self._desk.shopkeeper_wrote(session, case, message, content, now)

    def _rewrite(
        self,
        session: Session,
        case: Case | None,
        item: PrivateWrote,
        content: Content,
        stored: Content,
        now: datetime,
    ) -> None:
        message = conversations.find_message(session, item.chat_id, item.message_id)
        if message is None:
            return
        if stored.kind == "voice":  # its caption was edited: the sound and its words are the same
            heard = conversations.read_content(message)
            kept = {"transcript": heard.transcript, "file_id": heard.file_id}
            stored, content = stored.model_copy(update=kept), content.model_copy(update=kept)
        message.content = stored.model_dump_json(exclude_defaults=True)
        message.edited_at = now
        if case is not None:
            self._desk.shopkeeper_rewrote(session, case, message, content, now)

    def _carry_out(
        self,
        session: Session,
        snap: Snapshot,
        state: State,
        need: int,
        effects: Sequence[Effect],
        now: datetime,
    ) -> None:
        subject = f"conversation:{snap.conversation.id}"
        for effect in effects:
            match effect:
                case Say():
                    self._say(session, snap, state, need, effect, now)
                case OpenCase(reason):
                    self._desk.open_case(session, snap, state, reason, now)
                case WantPerson():
                    self._desk.want_person(session, snap, state, effect, now)
                case RaiseAlarm(alarm):
                    metrics.ALARMS.labels(alarm=alarm.value).inc()
                    self._desk.alarm(session, snap, state, effect, now)
                case RaiseDoubt():
                    self._desk.doubt(session, snap, state, effect, now)
                case KeepFeedback():
                    self._desk.feedback(session, snap, state, effect, now)
                case SetTimer(timer, due):
                    set_timer(session, subject, timer, due)
                case DropTimer(timer):
                    drop_timer(session, subject, timer)
                case RecordConsent(consent, given, version):
                    self._consent(session, snap, consent, given, version, now)
                case ForgetHeld():
                    inbox.release_held(session, snap.person.chat_id, now)
                case ShowData():
                    self._show_data(session, snap, now)
                case DeleteTraces():
                    self._delete_traces(session, snap, now)
                case NewNeed() | Erase():
                    pass  # counted and handled before: the one numbers the case, the other leaves nothing to do

    def _say(
        self,
        session: Session,
        snap: Snapshot,
        state: State,
        need: int,
        say: Say,
        now: datetime,
        *,
        key: str = "",
    ) -> None:
        chat_id = snap.person.chat_id
        message: Message | None = None
        case = self._desk.case_of(session, snap.conversation.id, need)
        if state.listening:
            message = conversations.write_message(
                session,
                conversation_id=snap.conversation.id,
                case_id=case.id if case else None,
                author=Author.BOT,
                chat_id=chat_id,
                telegram_id=None,
                content=Content(text=say.text),
                at=now,
            )
        order = Order(
            _text_call(chat_id, say),
            private_lane(chat_id),
            Priority.ALARM if state.alarm else Priority.RELAY,
            Purpose.REPLY,
            key=key,
            speech=True,
            person_id=snap.person.id,
            message_id=message.id if message else None,
        )
        enqueue(session, order, now)
        snap.conversation.spoke_at = now
        if case is not None and message is not None:
            self._desk.bot_spoke(session, case, message, say.text, now)

    def _consent(
        self, session: Session, snap: Snapshot, consent: Consent, given: bool, version: str, now: datetime
    ) -> None:
        session.add(
            ConsentRow(
                person_id=snap.person.id, consent=consent, given=given, text_version=version[:64], at=now
            )
        )

    def _show_data(self, session: Session, snap: Snapshot, now: datetime) -> None:
        session.flush()
        data = personal_data(session, snap.person, self._library(), now)
        lane, chat_id = private_lane(snap.person.chat_id), snap.person.chat_id
        # Not the bot's speech: the person's right is served also while an angel talks.
        for call in (
            SendText(chat_id=chat_id, text=data.page),
            SendDocument(chat_id=chat_id, name="i-miei-dati.json", body=data.data),
        ):
            enqueue(session, Order(call, lane, person_id=snap.person.id), now)

    def _delete_traces(self, session: Session, snap: Snapshot, now: datetime) -> None:
        chat_id = snap.person.chat_id
        query = select(Message.telegram_id).where(
            Message.chat_id == chat_id, Message.at > now - TRACES_WITHIN, Message.telegram_id.is_not(None)
        )
        numbers = {number for number in session.scalars(query) if number is not None}
        sent = select(OutboxRow.result_ids).where(
            OutboxRow.chat_id == chat_id,
            OutboxRow.state == SendState.SENT,
            OutboxRow.created_at > now - TRACES_WITHIN,
        )
        for ids in session.scalars(sent):
            numbers.update(ids)
        ordered = sorted(numbers)
        for start in range(0, len(ordered), 100):
            call = DeleteMessages(chat_id=chat_id, message_ids=tuple(ordered[start : start + 100]))
            enqueue(session, Order(call, private_lane(chat_id), person_id=snap.person.id), now)

    def _erase(self, session: Session, snap: Snapshot, effects: Sequence[Effect], now: datetime) -> None:
        """Everything goes; the last words are sent without being kept."""
        chat_id = snap.person.chat_id
        self._desk.closing_person(session, snap.person.id, now)
        erase_person(session, snap.person, now)
        for effect in effects:
            if isinstance(effect, Say):
                call = _text_call(chat_id, effect)
                enqueue(session, Order(call, private_lane(chat_id), purpose=Purpose.FAREWELL), now)

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
        due = await self._database.run(
            lambda session: [(t.id, t.subject, t.name) for t in due_timers(session, now)]
        )
        for _number, subject, name in due:
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
            case Refused(403, _):
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
        if not await self._understanding.ready():
            return 0
        query = select(Message).where(Message.complete.is_(False)).order_by(Message.id).limit(20)
        messages = await self._database.run(lambda session: list(session.scalars(query)))
        for message in messages:
            words = _words_of(conversations.read_content(message))
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


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Messages of the person, with what each says."""

    items: tuple[PrivateWrote, ...]
    said: tuple[Understood | None, ...]


def _words_of(content: Content) -> str:
    """What a message says: its text or caption, and what is said aloud in it."""
    return "\n".join(part for part in (content.text, content.transcript) if part)


def _wordless(content: Content) -> Content:
    """What may be kept where only the flag is: that something came, and of which kind."""
    sound = "" if content.kind == "voice" else content.file_id
    return content.model_copy(update={"text": "", "entities": (), "transcript": "", "file_id": sound})


def _hold_words(session: Session, row: InboxRow, item: Inbound) -> None:
    """What was said aloud before consent waits like what was written: masked, sealed, for a day at most."""
    if isinstance(item, PrivateWrote) and item.content.transcript and row.body:
        kinds = item.masked if not item.content.file_id else ()
        words = MaskedText(item.content.transcript, kinds)
        inbox.rewrite_body(session, row.id, body_with_words(row.body, words))


def _aloud(item: Inbound) -> bool:
    """A voice message, which may have been asked to wait."""
    return isinstance(item, PrivateWrote) and item.content.kind == "voice"


def _listening_key(row: InboxRow) -> str:
    """The key of the one line that says that a voice message is being listened to."""
    return f"listening:{row.bot_id}:{row.update_id}"


def _text_call(chat_id: int, say: Say) -> SendText:
    keyboard = tuple(
        tuple(Key(label=button.label, data=CHOICE_PREFIX + button.choice) for button in row)
        for row in say.buttons
    )
    return SendText(chat_id=chat_id, text=say.text, keyboard=keyboard)


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


def _stored(item: PrivateWrote, said: Understood | None) -> Content:
    """The content as it may be kept: masked, without entities that no longer fit."""
    if said is None or said.text == item.content.text or item.content.transcript:
        return item.content  # a transcript is masked when it is made
    return item.content.model_copy(update={"text": said.text, "entities": (), "masked": True})


def _erased(session: Session, ids: Sequence[int]) -> bool:
    """True when the updates are gone with the person."""
    return session.scalar(select(InboxRow.id).where(InboxRow.id.in_(ids)).limit(1)) is None
