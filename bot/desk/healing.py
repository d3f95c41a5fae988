"""Healing: topics deleted or closed by hand, the group's migration, rights lost, angels who leave.

Nothing is lost: what cannot go out waits in its lane, and the coordinators are told in Italian, once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.desk import card, cases, claims, roster, topics
from bot.desk.events import (
    AngelOrdered,
    AngelTapped,
    BotStanding,
    DeskEvent,
    ForConversation,
    GroupMigrated,
    MemberChanged,
    TopicChanged,
)
from bot.desk.work import GROUP, BusyError, Work
from bot.store import inbox
from bot.store.calls import CALL, CreateTopic, DeleteTopic, EditTopic, ReopenTopic
from bot.store.models import (
    TROUBLE,
    Case,
    CaseState,
    CopyRow,
    Message,
    OutboxRow,
    Priority,
    SendState,
    Setting,
)
from bot.store.outbox import Order, Purpose, enqueue

GONE = ("thread not found", "topic_deleted", "topic_id_invalid", "no topic")
SLOWED = "slowed"
SLOWED_AGAIN = timedelta(hours=1)
AWAY = timedelta(seconds=20)
"""How often it is tried again while the group cannot be written to."""

RIGHTS = {
    "can_manage_topics": "gestire gli argomenti",
    "can_delete_messages": "eliminare i messaggi",
    "can_pin_messages": "fissare i messaggi",
}


def tell_coordinators(work: Work, html: str) -> None:
    """A direct message to every coordinator who can be reached."""
    for angel in roster.coordinators(work.session):
        work.to_angel(angel.user_id, html)


def trouble(work: Work, name: str, html: str) -> None:
    """Tell the coordinators of a trouble once, until it is over."""
    known = work.session.get(Setting, TROUBLE)
    if known is not None and known.value == name:
        return
    work.session.merge(Setting(name=TROUBLE, value=name))
    work.audit("bot", "trouble", None, name)
    tell_coordinators(work, html)


def trouble_over(work: Work) -> None:
    """The group answers again: said if trouble had been told of; what waited goes at once."""
    known = work.session.get(Setting, TROUBLE)
    if known is None:
        return
    work.session.delete(known)
    tell_coordinators(work, work.texts.notice("coordinator_group_back"))
    work.session.execute(
        update(OutboxRow)
        .where(OutboxRow.chat_id == work.group, OutboxRow.state == SendState.QUEUED)
        .values(due_at=work.now)
    )


def slowed(work: Work, chat_id: int, seconds: float) -> None:
    """A 429 that lasts: told to the coordinators, whatever else is slowed down within the hour."""
    told = work.session.get(Setting, SLOWED)
    if told is not None and work.now - datetime.fromisoformat(told.value) < SLOWED_AGAIN:
        return
    work.session.merge(Setting(name=SLOWED, value=work.now.isoformat()))
    work.audit("bot", "trouble", None, "slowed")
    where = "group" if chat_id == work.group else "chat"
    tell_coordinators(work, work.texts.notice("coordinator_slowed", where=where, seconds=round(seconds)))


# --- topics -------------------------------------------------------------------------------------------------------


def topic_changed(work: Work, event: TopicChanged) -> None:
    """Somebody closed, reopened or renamed a case's topic by hand; or a topic of ours came to be."""
    if event.who.user_id == work.config.bot_id:
        _own_topic(work, event)
        return
    found = cases.of_topic(work.session, event.group_id, event.thread_id)
    held = cases.locked(work.session, found.id) if found else None
    if held is None:
        return
    case, snap = held
    match event.change:
        case "closed" if case.state != CaseState.CLOSED:
            work.order(case, ReopenTopic(chat_id=work.topic_chat(case), thread_of_case=True))
            close = work.texts.button("close")
            work.in_topic(case, work.texts.notice("topic_closed_by_hand", close=close))
            text = work.texts.notice("coordinator_topic_closed", title=case.topic_title, close=close)
            tell_coordinators(work, text)
        case "edited":
            name = topics.title(work, case, snap.state)
            edit = EditTopic(
                chat_id=work.topic_chat(case), thread_of_case=True, name=name, icon=case.topic_icon
            )
            work.order(case, edit, priority=Priority.CARD, lane=f"title:{case.id}")
        case _:
            return


def _own_topic(work: Work, event: TopicChanged) -> None:
    """A topic of ours came to be: if the answer to its creation was lost, this is the answer.

    Telegram shows a bot its own service messages of this kind; it cannot be asked for a topic by name.
    """
    if event.group_id != work.group:
        return
    pending = select(OutboxRow).where(
        OutboxRow.purpose == Purpose.TOPIC,
        OutboxRow.state.in_((SendState.QUEUED, SendState.SENDING)),
        OutboxRow.attempts > 0,
    )
    named = [row for row in work.session.scalars(pending.order_by(OutboxRow.id)) if _names(row, event.name)]
    # Asked after what is pending: an answer that another worker books between the two questions is seen by the second.
    if cases.of_topic(work.session, event.group_id, event.thread_id):
        return
    under_way = [row for row in named if row.state == SendState.SENDING]
    if (
        under_way
    ):  # its answer is on its way; or the first one's is, and what is written there is the case's too
        again = work.session.get(Case, under_way[0].case_id) if under_way[0].attempts > 1 else None
        if again is not None:
            cases.topic_gone(work.session, again, event.thread_id)
        return
    if not named:
        _second_topic(work, event)
        return
    row = named[0]
    row.state, row.finished_at = SendState.SENT, work.now
    case = work.session.get_one(Case, row.case_id)
    topics.came_to_be(work, case, event.group_id, event.thread_id, row.call)
    row.call = None
    work.audit("bot", "topic_adopted", case)


def _second_topic(work: Work, event: TopicChanged) -> None:
    """Its case has another topic by now: what is written in this one is the case's too; nobody's topic goes."""
    created = select(OutboxRow.case_id).where(
        OutboxRow.purpose == Purpose.TOPIC, OutboxRow.attempts > 1, OutboxRow.case_id.is_not(None)
    )
    twice = [work.session.get(Case, number) for number in work.session.scalars(created.distinct())]
    same = [case for case in twice if case is not None and case.topic_title == event.name]
    if len(same) == 1:
        cases.topic_gone(work.session, same[0], event.thread_id)
    else:
        call = DeleteTopic(chat_id=event.group_id, thread_id=event.thread_id)
        enqueue(work.session, Order(call, "service", Priority.SERVICE), work.now)


def _names(row: OutboxRow, name: str) -> bool:
    call = CALL.validate_json(row.call or "{}") if row.call else None
    return isinstance(call, CreateTopic) and call.name == name


def open_anew(work: Work, case: Case) -> None:
    """The case's topic is gone: another one, and what waits in its lane goes there.

    The new topic is ordered outside the case's lane, whose head waits for it.
    """
    state = work.state(case)
    lost = case.thread_id is not None
    cases.topic_gone(work.session, case)
    topics.create(work, case, state, lane=f"topic:{case.id}")
    card.send(work, case, state)
    if lost:
        notice = work.texts.notice(
            "topic_gone", who=topics.who(work, case, state), chat=work.texts.button("chat")
        )
        work.in_topic(case, notice)
        work.audit("bot", "topic_renewed", case)
        tell_coordinators(work, work.texts.notice("coordinator_topic_gone", title=case.topic_title))


def refused(work: Work, row: OutboxRow, case: Case | None, code: int, why: str, new_chat: int | None) -> bool:
    """Telegram refused a call to the group for a reason that can be mended.

    Returns:
        True when the row waits in its lane to be sent again.
    """
    reason = why.lower()
    if row.chat_id > 0:
        return False
    if new_chat is not None:
        migrated(work, row.chat_id, new_chat)
        return _again(work, row, timedelta(), chat_id=new_chat)
    if code == 403 or "chat not found" in reason:
        trouble(work, "group", work.texts.notice("coordinator_group_lost", why=why))
        return _again(work, row, AWAY)
    if "not a forum" in reason:
        trouble(work, "forum", work.texts.notice("coordinator_forum_off"))
        return _again(work, row, AWAY)
    if "not enough rights" in reason or "topic_closed" in reason or "have no rights" in reason:
        trouble(work, "rights", work.texts.notice("coordinator_rights", rights=why))
        return row.method != "pinChatMessage" and _again(work, row, AWAY)
    if case is not None and any(text in reason for text in GONE) and row.method != "createForumTopic":
        return _topic_gone(work, row, case)
    return False


def _topic_gone(work: Work, row: OutboxRow, case: Case) -> bool:
    if not case.topic_no or topics.hidden(case):
        return False
    forum_off = work.session.get(Setting, TROUBLE)
    if forum_off is not None and forum_off.value == "forum":
        return _again(work, row, AWAY)
    if row.thread_id is not None and row.thread_id == case.thread_id:
        open_anew(work, case)
    # Titles and icons of a topic that is gone need not be repeated: the new one has them.
    if row.method in ("editForumTopic", "closeForumTopic", "reopenForumTopic", "editMessageText"):
        return row.method == "closeForumTopic" and _again(work, row, timedelta(seconds=1))
    return _again(work, row, timedelta(seconds=1))


def _again(work: Work, row: OutboxRow, delay: timedelta, chat_id: int | None = None) -> bool:
    row.state, row.finished_at, row.due_at = SendState.QUEUED, None, work.now + delay
    if chat_id is not None and row.call:
        call = CALL.validate_json(row.call)
        row.call = CALL.dump_json(call.model_copy(update={"chat_id": chat_id})).decode()
        row.chat_id = chat_id
    return True


# --- the group ------------------------------------------------------------------------------------------------------


def migrated(work: Work, old: int, new: int) -> None:
    """The group has another number: everything that bears the old one follows."""
    if work.group != old or old == new:
        return
    work.session.merge(Setting(name=GROUP, value=str(new)))
    work.session.merge(Setting(name=f"{GROUP}:{old}", value=str(new)))
    known = work.session.get(Setting, TROUBLE)
    if known is not None:  # what was wrong with the old number says nothing of the new one
        work.session.delete(known)
    for table in (Message, CopyRow):
        work.session.execute(update(table).where(table.chat_id == old).values(chat_id=new))
    work.session.execute(update(Case).where(Case.group_id == old).values(group_id=new))
    waiting = select(OutboxRow).where(OutboxRow.chat_id == old, OutboxRow.state == SendState.QUEUED)
    for row in work.session.scalars(waiting):
        _again(work, row, timedelta(), chat_id=new)
    work.session.flush()
    work.audit("bot", "migrated")
    tell_coordinators(work, work.texts.notice("coordinator_migrated"))


def present(work: Work, event: DeskEvent) -> DeskEvent:
    """An event under a number that the group no longer bears is the group's all the same.

    What was written just before a migration waits in the old number's queue and may be read after it.
    """
    number = getattr(event, "group_id", None) or getattr(event, "chat_id", None)
    if number is None or isinstance(event, BotStanding):
        return event
    row = work.session.get(Setting, f"{GROUP}:{number}")
    if row is None:
        _wait_for_migration(work, event, number)
        _wait_for_topic(work, event, number)
        return event
    if isinstance(event, AngelTapped | AngelOrdered):
        return replace(event, chat_id=work.group)
    return event if isinstance(event, GroupMigrated) else replace(event, group_id=work.group)


def _wait_for_migration(work: Work, event: DeskEvent, number: int) -> None:
    """What was written under the group's next number may be read before the migration itself has been.

    Raises:
        BusyError: It is to be looked at again once the group's own queue has been worked off.
    """
    thread = getattr(event, "thread_id", None)
    if number >= 0 or number == work.group or not thread or not inbox.group_behind(work.session):
        return
    if cases.of_topic(work.session, work.group, thread) is not None:
        raise BusyError("the group's migration comes first")


def _wait_for_topic(work: Work, event: DeskEvent, number: int) -> None:
    """What is written in a topic that has just come to be may be read before its creation has been booked.

    Raises:
        BusyError: It is to be looked at again once that has been.
    """
    thread = getattr(event, "thread_id", None)
    if number != work.group or not thread or isinstance(event, TopicChanged):
        return
    if cases.of_topic(work.session, number, thread) is not None:
        return
    under_way = select(OutboxRow.id).where(
        OutboxRow.purpose == Purpose.TOPIC, OutboxRow.state == SendState.SENDING
    )
    if work.session.scalar(under_way.limit(1)) is not None:
        raise BusyError("a topic is coming to be")


def bot_standing(work: Work, event: BotStanding) -> None:
    """What the bot may do in the group has changed, or was looked up at the start."""
    if not work.group and event.status in ("administrator", "member"):
        work.session.merge(Setting(name=GROUP, value=str(event.group_id)))
    if event.group_id != work.group:
        return
    missing = [name for right, name in RIGHTS.items() if not getattr(event, right)]
    if event.status in ("left", "kicked", "restricted"):
        why = "sono stato tolto dal gruppo"
        trouble(work, "group", work.texts.notice("coordinator_group_lost", why=why))
    elif not event.is_forum:
        trouble(work, "forum", work.texts.notice("coordinator_forum_off"))
    elif event.status != "administrator" or not event.can_manage_topics:
        text = work.texts.notice("coordinator_rights", rights=", ".join(missing))
        trouble(work, "rights", text)
    else:
        trouble_over(work)


def problems(work: Work) -> list[str]:
    """Troubles of the group that are known and not over, in Italian."""
    known = work.session.get(Setting, TROUBLE)
    words = {
        "group": "Il bot non è nel gruppo degli angeli, o non può scriverci.",
        "forum": "Nel gruppo degli angeli gli argomenti sono spenti.",
        "rights": "Al bot mancano dei permessi nel gruppo degli angeli: servono almeno gli argomenti.",
    }
    return [words[known.value]] if known is not None and known.value in words else []


def member_changed(work: Work, event: MemberChanged) -> tuple[ForConversation, ...]:
    """Somebody joined, left, or became (or ceased to be) an administrator; who leaves sets their cases free."""
    if event.group_id != work.group or event.who.is_bot or event.who.anonymous:
        return ()
    angel = roster.find(work.session, event.who.user_id)
    if angel is None and not event.member and not event.who.name:
        # Telegram does not know them there: remembered, so that it is not asked at every tap.
        roster.book(work.session, event.who, is_member=False, coordinator=False)
        return ()
    was = angel is not None and angel.member
    angel = roster.book(work.session, event.who, is_member=event.member, coordinator=event.coordinator)
    if event.member or not was:
        return ()
    angel.on_duty = angel.on_call = False
    told: list[ForConversation] = []
    names = []
    mine = select(Case.id).where(Case.owner_id == angel.id, Case.state == CaseState.CLAIMED)
    for number in list(work.session.scalars(mine.order_by(Case.id))):
        held = cases.locked(work.session, number)
        if held is not None:
            told += claims.lapse(work, *held, "released")
            names.append(held[0].topic_title)
    work.audit("bot", "angel_left", None, f"angel:{angel.id}")
    if names:
        text = work.texts.notice("coordinator_left", angel=angel.name, cases=", ".join(names))
        tell_coordinators(work, text)
        work.in_general(text, priority=Priority.RELAY)
    return tuple(told)
