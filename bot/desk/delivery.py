"""What Telegram answered to the desk's calls: topics and cards come to be, angels see what went out."""

from __future__ import annotations

from datetime import timedelta

from bot.desk import card, outgoing, relay, topics
from bot.desk.events import Answer, ForConversation, Lost, Refused, Sent
from bot.desk.work import Work, key_of
from bot.store.calls import CALL, CreateTopic, DeleteTopic, EditTopic, SendText
from bot.store.models import Author, Case, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Order, Purpose, enqueue

RETRY = timedelta(seconds=2)


def answered(work: Work, row: OutboxRow, answer: Answer) -> tuple[ForConversation, ...]:
    """Book one answer."""
    case = work.session.get(Case, row.case_id) if row.case_id else None
    match row.purpose:
        case Purpose.TOPIC:
            _topic(work, row, case, answer)
        case Purpose.CARD if case is not None:
            _card(work, row, case, answer)
        case Purpose.RELAY if case is not None and row.chat_id > 0:
            _to_person(work, row, case, answer)
        case Purpose.RELAY if case is not None:
            _to_topic(work, row, case, answer)
    return ()


def _again(row: OutboxRow, work: Work, delay: timedelta = RETRY) -> None:
    row.state, row.due_at, row.finished_at = SendState.QUEUED, work.now + delay, None


def _topic(work: Work, row: OutboxRow, case: Case | None, answer: Answer) -> None:
    match answer:
        case Sent(_, thread_id) if thread_id is not None:
            if case is None:  # erased meanwhile: nothing of the person may stay in the group
                call = DeleteTopic(chat_id=row.chat_id, thread_id=thread_id)
                enqueue(work.session, Order(call, "service", Priority.SERVICE), work.now)
                return
            case.thread_id, case.group_id = thread_id, row.chat_id
            created = CALL.validate_json(row.call or "{}")
            shown = (created.name, created.icon) if isinstance(created, CreateTopic) else ("", "")
            if shown != (case.topic_title, case.topic_icon):
                edit = EditTopic(
                    chat_id=row.chat_id, thread_of_case=True, name=case.topic_title, icon=case.topic_icon
                )
                work.order(case, edit, priority=Priority.CARD, lane=f"title:{case.id}")
        case Lost() if case is not None:
            _again(row, work)
            name = topics.who(work, case, work.state(case))
            work.in_general(work.texts.notice("topic_uncertain", who=name), key=f"orphan:{row.id}")
        case _:
            pass


def _card(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    match answer:
        case Sent(ids) if ids:
            case.card_message_id = ids[0]
            sent = CALL.validate_json(row.call or "{}")
            text, keyboard = card.render(work, case, work.state(case))
            if isinstance(sent, SendText) and (sent.text, sent.keyboard) != (text, keyboard):
                case.card_digest = ""
                card.refresh(work, case, work.state(case), now=True)
        case Lost():
            card.send_again(work, case, work.state(case))
        case _:
            pass


def _to_topic(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    match answer:
        case Sent(ids):
            relay.share_album_copies(work.session, row, ids)
        case Lost():
            who = topics.who(work, case, work.state(case))
            keys = ((key_of(work.texts.button("show"), "show", case.id, row.message_id or 0),),)
            work.in_topic(case, work.texts.notice("lost_here", who=who), keys, lane=f"notice:{case.id}")
        case _:
            pass


def _to_person(work: Work, row: OutboxRow, case: Case, answer: Answer) -> None:
    message = work.session.get(Message, row.message_id) if row.message_id else None
    if message is None or message.author != Author.ANGEL:
        return
    number = message.telegram_id
    match answer:
        case Sent(ids):
            relay.share_album_copies(work.session, row, ids)
            if number is not None:
                outgoing.mark(work, case, number, outgoing.SENT_SIGN)
            keys = ((key_of(work.texts.button("withdraw"), "undo", case.id, message.id),),)
            work.in_topic(
                case,
                work.texts.notice("sent"),
                keys,
                reply_to=number,
                silent=True,
                priority=Priority.SERVICE,
                lane=f"receipt:{case.id}",
            )
        case Lost():
            keys = ((key_of(work.texts.button("send_again"), "again", case.id, message.id),),)
            work.in_topic(
                case, work.texts.notice("uncertain"), keys, reply_to=number, lane=f"notice:{case.id}"
            )
        case Refused(403, _):
            work.in_topic(case, work.texts.notice("blocked"), reply_to=number, lane=f"notice:{case.id}")
        case Refused(_, why):
            keys = ((key_of(work.texts.button("send_again"), "again", case.id, message.id),),)
            work.in_topic(
                case, work.texts.notice("failed", why=why), keys, reply_to=number, lane=f"notice:{case.id}"
            )
