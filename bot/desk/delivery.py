"""What Telegram answered to the desk's calls: topics and cards come to be, angels see what went out."""

from __future__ import annotations

from datetime import timedelta

from bot.desk import card, healing, relay, roster, topics, withdrawing
from bot.desk.events import Answer, Lost, Refused, Sent
from bot.desk.work import Work, key_of
from bot.store.calls import CALL, DeleteTopic, React, SendText
from bot.store.models import Author, Case, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Order, Purpose, enqueue

RETRY = timedelta(seconds=2)
TRIES = 4
"""How often a notice of our own is repeated when no answer came: seen twice it does no harm."""

TOPIC_AGAIN = timedelta(seconds=4)
"""How long a topic whose creation got no answer has to show itself."""


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
        case Sent(ids) if (
            ids and row.message_id is not None and row.method == "sendMessage" and row.chat_id < 0
        ):
            withdrawing.stands_for(work, case, row.message_id, ids[0])
        case Lost() if row.method == "sendMessage" and row.chat_id < 0 and row.attempts < TRIES:
            _again(row, work)
        case Refused(_, why) if "message to edit not found" in why.lower() and row.lane == f"card:{case.id}":
            case.card_message_id = None
            card.send_again(work, case, work.state(case))
            work.in_topic(case, work.texts.notice("card_again"), silent=True)
        case Refused(_, why) if (
            row.method == "setMessageReaction" and row.chat_id < 0 and "not found" not in why
        ):
            _told_in_words(work, row, case)
        case _:
            pass


def _told_in_words(work: Work, row: OutboxRow, case: Case) -> None:
    """The group allows no such reaction: that a message arrived, or did not, is then said."""
    call = CALL.validate_json(row.call or "{}")
    names = {withdrawing.SENT_SIGN: "sent", withdrawing.BARRED_SIGN: "not_sent"}
    if isinstance(call, React) and call.emoji in names:
        notice = work.texts.notice(names[call.emoji])
        work.in_topic(case, notice, reply_to=call.message_id, silent=True, priority=Priority.SERVICE)


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
        case Lost(why):
            kept = () if case.minimal else again  # words that were not kept can only be written anew
            notice = work.texts.notice("uncertain", why=work.texts.words.uncertain[why], kept=bool(kept))
            work.in_topic(case, notice, kept, reply_to=number, lane=lane)
        case Refused(403, _):
            _barred(work, case, number, lane)
        case Refused(_, why):
            notice = work.texts.notice("failed", why=why)
            work.in_topic(case, notice, () if case.minimal else again, reply_to=number, lane=lane)


def _barred(work: Work, case: Case, number: int | None, lane: str) -> None:
    """The person blocked the bot: said once a block, then only a sign on each message that did not arrive."""
    if number is not None:
        withdrawing.mark(work, case, number, withdrawing.BARRED_SIGN)
    person = work.person(case)
    if person.blocked_at is None:
        person.blocked_at = work.now
        work.in_topic(case, work.texts.notice("blocked"), reply_to=number, lane=lane)
        card.refresh(work, case, work.state(case), now=True)
