"""What Telegram answered to the desk's calls: topics and cards come to be, angels see what went out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.desk import card, healing, relay, roster, topics, withdrawing
from bot.desk.events import Answer, Lost, Refused, Sent
from bot.desk.work import Work, key_of
from bot.store.calls import CALL, DeleteTopic, SendText
from bot.store.models import Author, Case, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Order, Purpose, enqueue

RETRY = timedelta(seconds=2)
TRIES = 4
"""How often a notice of our own is repeated when no answer came: seen twice it does no harm."""

TOPIC_AGAIN = timedelta(seconds=4)
"""How long a topic whose creation got no answer has to show itself."""

RECEIPTS = 6
"""Most messages for which one receipt has a button."""


def answered(work: Work, row: OutboxRow, answer: Answer) -> None:
    """Book one answer."""
    case = work.session.get(Case, row.case_id) if row.case_id else None
    match answer:
        case Refused(code, why, new_chat) if healing.refused(work, row, case, code, why, new_chat):
            return
        case Sent() if row.chat_id == work.group:
            healing.trouble_over(work)
    if case is not None and row.chat_id < 0 and topics.hidden(case):
        _after_hiding(work, row, answer)
        return
    match row.purpose:
        case Purpose.TOPIC:
            _topic(work, row, case, answer)
        case Purpose.ALERT:
            _alert(work, row, answer)
        case Purpose.CARD if case is not None:
            _card(work, row, case, answer)
        case Purpose.RELAY if case is not None and row.chat_id > 0:
            _to_person(work, row, case, answer)
        case Purpose.RELAY if case is not None:
            _to_topic(work, row, case, answer)
        case _ if case is not None and row.method == "deleteMessages":
            withdrawing.answered(work, row, case, answer)
        case _ if case is not None:
            _plain(work, row, case, answer)


def _after_hiding(work: Work, row: OutboxRow, answer: Answer) -> None:
    """The person no longer shares: a topic that was coming to be goes too, and of the rest nothing is told."""
    if row.purpose == Purpose.TOPIC and isinstance(answer, Sent) and answer.thread_id is not None:
        call = DeleteTopic(chat_id=row.chat_id, thread_id=answer.thread_id)
        enqueue(work.session, Order(call, "service", Priority.SERVICE), work.now)


def _again(row: OutboxRow, work: Work, delay: timedelta = RETRY) -> None:
    row.state, row.due_at, row.finished_at = SendState.QUEUED, work.now + delay, None


def _topic(work: Work, row: OutboxRow, case: Case | None, answer: Answer) -> None:
    match answer:
        case Sent(_, thread_id) if thread_id is not None:
            if case is None:  # erased meanwhile: nothing of the person may stay in the group
                call = DeleteTopic(chat_id=row.chat_id, thread_id=thread_id)
                enqueue(work.session, Order(call, "service", Priority.SERVICE), work.now)
                return
            topics.came_to_be(work, case, row.chat_id, thread_id, row.call)
        case Lost() if case is not None:
            # If it came to be all the same, Telegram shows it to us before this time, and it is taken as ours.
            _again(row, work, TOPIC_AGAIN)
            name = topics.who(work, case, work.state(case))
            work.in_general(
                work.texts.notice("topic_uncertain", who=name),
                case=case,
                key=f"orphan:{row.id}:{row.attempts}",
            )
        case Refused(_, why) if case is not None:
            healing.trouble(work, "group", work.texts.notice("coordinator_group_lost", why=why))
            _again(row, work, healing.AWAY)
        case _:
            pass


def _alert(work: Work, row: OutboxRow, answer: Answer) -> None:
    """A call to an alarm: one that may not have arrived is repeated, one that cannot arrive is known."""
    match answer:
        case Lost() if row.attempts < TRIES:
            _again(row, work, timedelta())
        case Refused(403, _):
            angel = roster.find(work.session, row.chat_id)
            if angel is not None:
                angel.started = False
        case _:
            pass


def _card(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    state = work.state(case)
    match answer:
        case Sent(ids) if ids:
            case.card_message_id = ids[0]
            card.pin(work, case, ids[0])
            sent = CALL.validate_json(row.call or "{}")
            text, keyboard = card.render(work, case, state)
            if isinstance(sent, SendText) and (sent.text, sent.keyboard) != (text, keyboard):
                case.card_digest = ""
                card.refresh(work, case, state, now=True)
        case Lost() if row.attempts < TRIES:
            _again(row, work)
        case _:
            pass


def _plain(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    match answer:
        case Lost() if row.method == "sendMessage" and row.chat_id < 0 and row.attempts < TRIES:
            _again(row, work)
        case Refused(_, why) if "message to edit not found" in why.lower() and row.lane == f"card:{case.id}":
            case.card_message_id = None
            card.send_again(work, case, work.state(case))
            work.in_topic(case, work.texts.notice("card_again"), silent=True)
        case _:
            pass


def _to_topic(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    who = topics.who(work, case, work.state(case))
    match answer:
        case Sent(ids):
            relay.share_album_copies(work.session, row, ids)
            written = work.session.get(Message, row.message_id) if row.message_id else None
            if written is not None:
                withdrawing.arrived_after_all(work, case, written)
        case Lost():
            keys = ((key_of(work.texts.button("show"), "show", case.id, row.message_id or 0),),)
            work.in_topic(case, work.texts.notice("lost_here", who=who), keys, lane=f"notice:{case.id}")
        case Refused():
            message = work.session.get(Message, row.message_id) if row.message_id else None
            kind = relay.content_of(message).kind if message else "other"
            kinds = work.texts.words.kinds
            notice = work.texts.notice("cannot_carry", who=who, kind=kinds.get(kind, kinds["other"]))
            work.in_topic(case, notice, lane=f"notice:{case.id}")


def _to_person(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    message = work.session.get(Message, row.message_id) if row.message_id else None
    if message is None or message.author != Author.ANGEL:
        return
    number, lane = message.telegram_id, f"notice:{case.id}"
    again = ((key_of(work.texts.button("send_again"), "again", case.id, message.id),),)
    match answer:
        case Sent(ids):
            relay.share_album_copies(work.session, row, ids)
            if number is not None:
                withdrawing.mark(work, case, number, withdrawing.SENT_SIGN)
            _receipt(work, case, message)
        case Lost():
            work.in_topic(case, work.texts.notice("uncertain"), again, reply_to=number, lane=lane)
        case Refused(403, _):
            work.in_topic(case, work.texts.notice("blocked"), reply_to=number, lane=lane)
        case Refused(_, why):
            notice = work.texts.notice("failed", why=why)
            work.in_topic(case, notice, again, reply_to=number, lane=lane)


def _receipt(work: Work, case: Case, message: Message) -> None:
    """ "Arrivato", with [Ritira]: while one waits for its turn the next ones join it."""
    waiting = work.session.scalar(
        select(OutboxRow)
        .where(OutboxRow.lane == f"receipt:{case.id}", OutboxRow.state == SendState.QUEUED)
        .limit(1)
    )
    before = CALL.validate_json(waiting.call or "{}") if waiting is not None else None
    key = key_of(work.texts.button("withdraw"), "undo", case.id, message.id)
    if waiting is None or not isinstance(before, SendText):
        work.in_topic(
            case,
            work.texts.notice("sent"),
            ((key,),),
            reply_to=message.telegram_id,
            silent=True,
            priority=Priority.SERVICE,
            lane=f"receipt:{case.id}",
        )
        return
    if any(k.data == key.data for row in before.keyboard for k in row):
        return
    keys = (*before.keyboard, (key,))[-RECEIPTS:]
    numbered = tuple(
        (k.model_copy(update={"label": f"{work.texts.button('withdraw')} {n}"}),)
        for n, (k,) in enumerate(keys, 1)
    )
    text = work.texts.notice("sent_many", count=len(numbered))
    waiting.call = CALL.dump_json(
        before.model_copy(update={"text": text, "keyboard": numbered, "reply_to": message.telegram_id})
    ).decode()
