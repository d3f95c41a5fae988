"""One forum topic per case: created once, named for who is in it, its icon the state at a glance."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from bot.conversation import State
from bot.conversation.clock import in_rome
from bot.conversation.templates import Manner, NotEligible, bottega, context
from bot.conversation.types import FactId
from bot.desk.work import Work
from bot.store.calls import CALL, CreateTopic, DeleteTopic, EditTopic
from bot.store.models import Case, CaseState, CopyRow, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Purpose
from bot.store.timers import drop_timer

NAME_LIMIT = 128
"""Characters of a topic's name (https://core.telegram.org/bots/api#createforumtopic)."""


def visible(case: Case, state: State) -> bool:
    """Nothing of a shopkeeper is shown before they agreed to share, or an alarm was raised."""
    return state.sharing or bool(case.alarm)


def told_openly(case: Case, state: State) -> bool:
    """True when the sheet and the words may be shown; an alarm alone shows the flag."""
    return state.sharing and not case.minimal


def who(work: Work, case: Case, state: State) -> str:
    """How the desk calls the person: as they want to be called, or as Telegram does; a number when hidden."""
    if case.minimal or not (state.sharing or state.listening):
        return f"Persona {case.id}"
    return state.sheet.value(FactId.NOME) or work.person(case).first_name or f"Persona {case.id}"


def trade(work: Work, state: State) -> str:
    """The shop in two words: "bar", "panetteria"."""
    entries = state.sheet.of(FactId.ATTIVITA)
    if not entries or not state.sheet.value(FactId.ATTIVITA):
        return ""
    wanted = frozenset({FactId.ATTIVITA})
    values = context(state.sheet, work.library.book, Manner(), work.library.mirror, wanted)
    try:
        shop = bottega(values[FactId.ATTIVITA.value])
    except NotEligible:
        return entries[-1].detail or entries[-1].value
    for article in ("un'", "un ", "una ", "uno "):
        shop = shop.removeprefix(article)
    return shop


def title(work: Work, case: Case, state: State) -> str:
    """The topic's name."""
    alarm = work.texts.words.alarms.get(case.alarm, case.alarm)
    if not told_openly(case, state):
        name = work.texts.title_minimal(number=case.id, alarm=alarm)
    else:
        name = work.texts.title(
            who=who(work, case, state),
            trade=trade(work, state),
            place=state.sheet.value(FactId.ZONA),
            again=case.need if case.need > 1 else 0,
        )
    return " ".join(name.split())[:NAME_LIMIT] or f"Caso {case.id}"


def icon(work: Work, case: Case) -> str:
    """The icon that tells the state."""
    icons = work.texts.words.icons
    if (
        case.alarm
        and case.alarm_handled_at is None
        and case.state in (CaseState.LISTENING, CaseState.WAITING)
    ):
        return icons.alarm
    match case.state:
        case CaseState.WAITING:
            return icons.waiting
        case CaseState.CLAIMED:
            return icons.claimed
        case CaseState.CALLBACK:
            return icons.callback
        case CaseState.CLOSED:
            return icons.closed
        case _:
            return icons.listening


def create(work: Work, case: Case, state: State, *, lane: str = "") -> None:
    """Order the case's topic; everything later in the case's lane waits for it."""
    case.group_id = work.group
    case.topic_no += 1
    case.thread_id, case.card_message_id, case.card_digest = None, None, ""
    case.topic_title, case.topic_icon = title(work, case, state), icon(work, case)
    case.topic_closed = False
    call = CreateTopic(
        chat_id=case.group_id, thread_of_case=True, name=case.topic_title, icon=case.topic_icon
    )
    work.order(
        case,
        call,
        purpose=Purpose.TOPIC,
        priority=Priority.ALARM if case.alarm else Priority.RELAY,
        key=f"topic:{case.id}:{case.topic_no}",
        lane=lane,
    )


def came_to_be(work: Work, case: Case, group_id: int, thread_id: int, order: str | None) -> None:
    """The case's topic is there.

    Args:
        work: The unit of work.
        case: Whose topic.
        group_id: In which group.
        thread_id: Its number.
        order: The call that created it, as it was queued: name and icon may have changed since.
    """
    case.thread_id, case.group_id = thread_id, group_id
    created = CALL.validate_json(order) if order else None
    shown = (created.name, created.icon) if isinstance(created, CreateTopic) else ("", "")
    if shown != (case.topic_title, case.topic_icon):
        edit = EditTopic(chat_id=group_id, thread_of_case=True, name=case.topic_title, icon=case.topic_icon)
        work.order(case, edit, priority=Priority.CARD, lane=f"title:{case.id}")


def hidden(case: Case) -> bool:
    """True when the case had a topic and the person no longer shares: nothing of it may be shown."""
    return case.topic_closed and case.thread_id is None and case.topic_no > 0


def hide(work: Work, case: Case) -> None:
    """The person no longer shares: the topic goes, with everything that was on its way to any angel.

    The case is left to the program, as while it listens: who never came back is forgotten as anybody else is.
    """
    about = (OutboxRow.case_id == case.id, OutboxRow.chat_id != work.person(case).chat_id)
    waiting = update(OutboxRow).where(*about, OutboxRow.state == SendState.QUEUED)
    work.session.execute(waiting.values(state=SendState.WITHHELD, call=None, finished_at=work.now))
    if case.thread_id is not None:
        chat = work.topic_chat(case)
        work.order(case, DeleteTopic(chat_id=chat, thread_id=case.thread_id), lane=f"hide:{case.id}")
        shown = select(Message.id).where(Message.case_id == case.id)
        work.session.execute(delete(CopyRow).where(CopyRow.chat_id == chat, CopyRow.message_id.in_(shown)))
    if case.state != CaseState.CLOSED:
        case.state = CaseState.LISTENING
    case.owner_id, case.claimed_at, case.waiting_since, case.due_at = None, None, None, None
    case.rung, case.topic_closed, case.topic_no = 0, True, max(1, case.topic_no)
    case.thread_id, case.card_message_id, case.card_digest = None, None, ""
    drop_timer(work.session, f"case:{case.id}")
    work.audit("shopkeeper", "unshared", case)


def refresh(work: Work, case: Case, state: State) -> None:
    """Bring name and icon up to date; one pending change is enough."""
    if not case.topic_no or hidden(case):
        return
    name, sign = title(work, case, state), icon(work, case)
    if (name, sign) == (case.topic_title, case.topic_icon):
        return
    case.topic_title, case.topic_icon = name, sign
    call = EditTopic(chat_id=work.topic_chat(case), thread_of_case=True, name=name, icon=sign)
    work.order(
        case,
        call,
        priority=Priority.RELAY if case.alarm else Priority.CARD,
        key=f"title:{case.id}:{case.topic_no}",
        lane=f"title:{case.id}",
        coalesce=True,
    )


def since(work: Work, case: Case) -> str:
    """Since when the person waits: the hour, and the day unless it is today; "" when nobody waits."""
    if case.waiting_since is None:
        return ""
    there, now = in_rome(case.waiting_since), in_rome(work.now)
    return f"{there:%H:%M}" if there.date() == now.date() else f"{there:%H:%M del %d/%m}"
