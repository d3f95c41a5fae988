"""Taking back: what an angel sent, or what the shopkeeper wrote, goes on both sides.

Telegram tells bots nothing of deletions, so it is done by command: /ritira or [Ritira] for angels, and for shopkeepers
/elimina in answer to the message, which in a private chat a bot may delete too
(https://core.telegram.org/bots/api#deletemessage).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from bot.desk import relay, topics
from bot.desk.events import Answer, Refused, Sent
from bot.desk.work import Work
from bot.store.calls import DeleteMessages, React
from bot.store.content import Content
from bot.store.conversations import Snapshot, read_content
from bot.store.models import Angel, Author, Case, CopyRow, Message, OutboxRow, SendState, StoredFact
from bot.store.outbox import Order, enqueue, private_lane

COMMANDS = frozenset({"elimina", "ritira", "delete", "borrar"})
"""How a shopkeeper says it; the menu shows the first."""

SENT_SIGN = relay.SENT_SIGN
BARRED_SIGN = "👎"
WITHDRAWN_SIGN = "🗿"

WITHIN = timedelta(hours=48)
"""As long as Telegram lets a bot delete (https://core.telegram.org/bots/api#deletemessage)."""


def mark(work: Work, case: Case, number: int, sign: str) -> None:
    """Put the bot's reaction on an angel's message: it costs nothing of the group's budget."""
    chat = work.topic_chat(case)
    call = React(chat_id=chat, thread_of_case=True, message_id=number, emoji=sign)
    work.order(case, call, lane=f"react:{chat}:{number}")


def _stop(work: Work, message: Message, chat_id: int) -> bool:
    """What has not left yet does not leave; True when there was something."""
    waiting = select(OutboxRow).where(
        OutboxRow.message_id == message.id,
        OutboxRow.chat_id == chat_id,
        OutboxRow.state == SendState.QUEUED,
    )
    stopped = False
    for row in work.session.scalars(waiting):
        row.state, row.call, row.finished_at, stopped = SendState.WITHHELD, None, work.now, True
    return stopped


def _copies(work: Work, message: Message, chat_id: int) -> tuple[int, ...]:
    query = select(CopyRow.telegram_id).where(CopyRow.message_id == message.id, CopyRow.chat_id == chat_id)
    return tuple(work.session.scalars(query.order_by(CopyRow.id)))


def withdraw(work: Work, case: Case, message: Message) -> bool:
    """Take back what an angel sent; False when nothing of it is there any more."""
    person = work.person(case)
    stopped = _stop(work, message, person.chat_id)
    copies = _copies(work, message, person.chat_id)
    if copies:
        call = DeleteMessages(chat_id=person.chat_id, message_ids=copies)
        work.order(case, call, lane=private_lane(person.chat_id), message_id=message.id)
    if copies or stopped:
        message.withdrawn_at = work.now
    if stopped and not copies and message.telegram_id is not None:
        mark(work, case, message.telegram_id, WITHDRAWN_SIGN)
    return bool(copies) or stopped


def stands_for(work: Work, case: Case, message_id: int, number: int) -> None:
    """A notice in the topic is now the face of a message that an angel chose rather than typed."""
    message = work.session.get(Message, message_id)
    if message is None or message.telegram_id is not None:
        return
    message.telegram_id = number
    states = select(OutboxRow.state).where(
        OutboxRow.message_id == message_id, OutboxRow.chat_id == work.person(case).chat_id
    )
    known = {SendState.SENT: SENT_SIGN, SendState.BLOCKED: BARRED_SIGN}
    sign = known.get(
        SendState(work.session.scalars(states.order_by(OutboxRow.id)).first() or SendState.QUEUED)
    )
    if message.withdrawn_at is not None:
        sign = WITHDRAWN_SIGN
    if sign:  # what became of it was known before its notice stood there
        mark(work, case, number, sign)


def last_sent(work: Work, case: Case, angel: Angel) -> Message | None:
    """The newest message of an angel that can still be taken back."""
    query = select(Message).where(
        Message.case_id == case.id,
        Message.author == Author.ANGEL,
        Message.angel_id == angel.id,
        Message.withdrawn_at.is_(None),
        Message.at > work.now - WITHIN,
    )
    return work.session.scalar(query.order_by(Message.id.desc()).limit(1))


def shopkeeper_withdrew(
    work: Work, snap: Snapshot, message: Message | None, chat_id: int, command_id: int
) -> bool:
    """Take a message of the shopkeeper's out: of the topic, of the transcript, of the chat.

    Returns:
        False when it is not one of theirs, or gone already: then it is explained how.
    """
    lane = private_lane(chat_id)
    if message is None or message.author != Author.SHOPKEEPER or message.withdrawn_at is not None:
        how = work.texts.to_person("withdraw_how", snap.state.language, snap.state.address)
        work.to_person(snap.person, how)
        return False
    message.content = Content(kind=read_content(message).kind).model_dump_json(exclude_defaults=True)
    message.withdrawn_at = work.now
    numbers = tuple(n for n in (message.telegram_id, command_id) if n is not None)
    order = Order(DeleteMessages(chat_id=chat_id, message_ids=numbers), lane, person_id=snap.person.id)
    enqueue(work.session, order, work.now)
    case = work.session.get(Case, message.case_id) if message.case_id else None
    work.audit("shopkeeper", "withdrew", case)
    if case is not None and topics.visible(case, snap.state):
        _stop(work, message, work.topic_chat(case))
        _take_out(work, case, message)
        who = topics.who(work, case, snap.state)
        work.in_topic(case, work.texts.notice("shopkeeper_withdrew", who=who), silent=True)
    return True


def _take_out(work: Work, case: Case, message: Message) -> None:
    """Its copies leave the topic."""
    chat = work.topic_chat(case)
    copies = _copies(work, message, chat)
    if copies:
        call = DeleteMessages(chat_id=chat, message_ids=copies)
        work.order(case, call, message_id=message.id, priority=relay.priority_of(case))


def forget_facts(work: Work, conversation_id: int, number: int) -> None:
    """What was understood from a message that was taken out goes too, also from what had been put right since."""
    work.session.execute(
        delete(StoredFact).where(
            StoredFact.conversation_id == conversation_id,
            StoredFact.ref == number,
            StoredFact.current.is_(False),
        )
    )


def arrived_after_all(work: Work, case: Case, message: Message) -> None:
    """A message that was on its way while it was taken out has arrived: it goes now."""
    if message.withdrawn_at is not None and message.author == Author.SHOPKEEPER:
        _take_out(work, case, message)


def answered(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    """Telegram took the copies away, or will not: it deletes for 48 hours only."""
    message = work.session.get(Message, row.message_id) if row.message_id else None
    if message is None:
        return
    match answer:
        case Sent() if row.chat_id > 0 and message.author == Author.ANGEL and message.telegram_id is not None:
            mark(work, case, message.telegram_id, WITHDRAWN_SIGN)
        case Refused() if row.chat_id > 0:
            message.withdrawn_at = None
            if message.telegram_id is not None:
                mark(work, case, message.telegram_id, SENT_SIGN)
            work.in_topic(case, work.texts.notice("withdrawn_late"), reply_to=message.telegram_id)
        case Refused():
            copy = relay.number_in(work.session, message.id, row.chat_id)
            who = topics.who(work, case, work.state(case))
            work.in_topic(case, work.texts.notice("shopkeeper_withdrew_late", who=who), reply_to=copy)
        case _:
            pass
