"""What a turn asks for, carried out: the transcript, the rows of the outbox, timers, consents, and what is the desk's.

Every method works inside the transaction of its caller; nothing is sent here. `bot.turn` calls it, step four of a message's journey.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation import Library, State
from bot.conversation.types import (
    Consent,
    DeleteTraces,
    DropTimer,
    Effect,
    Erase,
    ForgetHeld,
    KeepFeedback,
    NewNeed,
    OpenCase,
    RaiseAlarm,
    RaiseDoubt,
    RecordConsent,
    Say,
    SetTimer,
    ShowData,
    Understood,
    WantPerson,
)
from bot.desk import Desk
from bot.privacy.access import personal_data
from bot.privacy.erasure import erase_person, recall
from bot.store import conversations, inbox
from bot.store.calls import DeleteMessages, Key, SendDocument, SendText
from bot.store.content import Content
from bot.store.conversations import Snapshot
from bot.store.models import Author, Case, ConsentRow, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Order, Purpose, enqueue, private_lane
from bot.store.timers import drop_timer, set_timer
from bot.telegram import metrics
from bot.telegram.updates import CHOICE_PREFIX, PrivateWrote, read

TRACES_WITHIN = timedelta(hours=47)
"""Telegram lets bots delete messages of the last 48 hours (https://core.telegram.org/bots/api#deletemessage)."""


class Carrying:
    """Carries out what the conversation asked for.

    Args:
        desk: The angels' side.
        library: The newest good scripts.
    """

    def __init__(self, desk: Desk, library: Callable[[], Library]) -> None:
        self._desk = desk
        self._library = library

    def keep(
        self, session: Session, snap: Snapshot, need: int, arrived: Arrived, *, minimal: bool, now: datetime
    ) -> None:
        """Write what arrived into the transcript, and carry it to the angel where one may see it."""
        case = self._desk.case_of(session, snap.conversation.id, need)
        minimal = minimal or (case is not None and case.minimal)
        for item, said in zip(arrived.items, arrived.said, strict=False):
            if not snap.person.first_name and item.first_name:
                snap.person.first_name, snap.person.username = item.first_name, item.username
            if item.command:
                continue
            content = stored_content(item, said)
            stored = wordless(content) if minimal else content
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
        heard = conversations.read_content(message)
        exchanged = content.exchanged(heard)
        if stored.kind == "voice":  # its caption was edited: the sound and its words are the same
            kept = {"transcript": heard.transcript, "file_id": heard.file_id}
            stored, content = stored.model_copy(update=kept), content.model_copy(update=kept)
        message.content = stored.model_dump_json(exclude_defaults=True)
        message.edited_at = now
        if case is not None:
            self._desk.shopkeeper_rewrote(session, case, message, content, now, exchanged=exchanged)

    def carry_out(
        self,
        session: Session,
        snap: Snapshot,
        state: State,
        need: int,
        effects: Sequence[Effect],
        now: datetime,
    ) -> None:
        """Carry out the effects of one turn, in their order."""
        subject = f"conversation:{snap.conversation.id}"
        for effect in effects:
            match effect:
                case Say():
                    self.say(session, snap, state, need, effect, now)
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
                    if consent is Consent.SHARE and not given:
                        self._unshare(session, snap, state, now)
                case ForgetHeld():
                    inbox.release_held(session, snap.person.chat_id, now)
                case ShowData():
                    self._show_data(session, snap, now)
                case DeleteTraces():
                    self._delete_traces(session, snap, now)
                case NewNeed() | Erase():
                    pass  # counted and handled before: the one numbers the case, the other leaves nothing to do

    def say(
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
        """Write down what the bot says, and queue it."""
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
            text_call(chat_id, say),
            private_lane(chat_id),
            Priority.ALARM if state.alarm else Priority.RELAY,
            Purpose.REPLY,
            key=key,
            speech=not say.right,
            person_id=snap.person.id,
            message_id=message.id if message else None,
        )
        enqueue(session, order, now)
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

    def _unshare(self, session: Session, snap: Snapshot, state: State, now: datetime) -> None:
        """Nobody reads any more: the topics go, and what angels were sent about them elsewhere."""
        gone = self._desk.unshared(session, snap, state, now)
        recall(session, OutboxRow.case_id.in_(gone), now, besides=snap.person.chat_id)

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
        # What was said before the consent is in no transcript, and is told by the held update alone; its words go too.
        before = [read(row.body, 0) for row in inbox.held(session, chat_id) if row.body]
        numbers.update(item.message_id for item in before if isinstance(item, PrivateWrote))
        inbox.release_held(session, chat_id, now)
        ordered = sorted(numbers)
        for start in range(0, len(ordered), 100):
            call = DeleteMessages(chat_id=chat_id, message_ids=tuple(ordered[start : start + 100]))
            enqueue(session, Order(call, private_lane(chat_id), person_id=snap.person.id), now)

    def erase(self, session: Session, snap: Snapshot, effects: Sequence[Effect], now: datetime) -> None:
        """Everything goes; the last words are sent without being kept."""
        chat_id = snap.person.chat_id
        self._desk.closing_person(session, snap.person.id, now)
        erase_person(session, snap.person, now)
        for effect in effects:
            if isinstance(effect, Say):
                call = text_call(chat_id, effect)
                enqueue(session, Order(call, private_lane(chat_id), purpose=Purpose.FAREWELL), now)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages of the person, with what each says."""

    items: tuple[PrivateWrote, ...]
    said: tuple[Understood | None, ...]


def wordless(content: Content) -> Content:
    """What may be kept where only the flag is: that something came, and of which kind."""
    sound = "" if content.kind == "voice" else content.file_id
    return content.model_copy(update={"text": "", "entities": (), "transcript": "", "file_id": sound})


def text_call(chat_id: int, say: Say) -> SendText:
    """The Bot API call of one message of the bot."""
    keyboard = tuple(
        tuple(Key(label=button.label, data=CHOICE_PREFIX + button.choice) for button in row)
        for row in say.buttons
    )
    return SendText(chat_id=chat_id, text=say.text, keyboard=keyboard)


def stored_content(item: PrivateWrote, said: Understood | None) -> Content:
    """The content as it may be kept: masked, without entities that no longer fit."""
    if said is None or said.text == item.content.text or item.content.transcript:
        return item.content  # a transcript is masked when it is made
    return item.content.model_copy(update={"text": said.text, "entities": (), "masked": True})
