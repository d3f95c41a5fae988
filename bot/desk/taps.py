"""The desk's buttons: who may press them, and what each does. Forged and forwarded ones get a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.desk import (
    callbacks,
    canned,
    card,
    cases,
    chat,
    claims,
    duty,
    outcomes,
    outgoing,
    relay,
    roster,
    safety,
    topics,
    training,
    withdrawing,
)
from bot.desk.events import AngelTapped, ForConversation
from bot.desk.work import Work, key_of
from bot.store.calls import EditKeyboard, Keyboard
from bot.store.conversations import Snapshot, find_message, read_content
from bot.store.models import Angel, Author, Case, CaseState, Message

Answer = tuple[ForConversation, ...]


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that has been found genuine.

    Attributes:
        event: As it came.
        angel: Who pressed it.
        case: About which case.
        snap: Its conversation, locked.
        argument: What follows the case in the button's data.
    """

    event: AngelTapped
    angel: Angel
    case: Case
    snap: Snapshot
    argument: str


def tapped(work: Work, event: AngelTapped) -> Answer:
    """Answer a tap of the desk's."""
    angel = roster.member(work.session, event.who)
    if angel is None:
        work.answer(event.query_id, "refused")
        return ()
    if training.tapped(work, event):
        return ()
    parts = event.data.split(":", 3)
    verb = VERBS.get(parts[1]) if len(parts) >= 3 else None
    if verb is None or parts[0] != "d" or not parts[2].isdecimal() or len(parts[2]) > 15:
        work.answer(event.query_id, "stale")
        return ()
    held = cases.locked(work.session, int(parts[2]))
    if held is None or not _genuine(work, event, held[0]):
        work.answer(event.query_id, "stale")
        return ()
    if topics.hidden(held[0]):
        work.answer(event.query_id, "unshared")
        return ()
    tap = Tap(event, angel, *held, parts[3] if len(parts) == 4 else "")
    return verb(work, tap)


def _genuine(work: Work, event: AngelTapped, case: Case) -> bool:
    """The button stands where we put it: in the case's own topic, in General, or in the angel's own chat."""
    if event.chat_id == event.who.user_id:
        return True
    if event.chat_id != work.group:
        return False
    return event.thread_id is None or (event.thread_id == case.thread_id and case.group_id == event.chat_id)


def _answer(work: Work, tap: Tap, name: str, **values: object) -> Answer:
    work.answer(tap.event.query_id, name, **values)
    return ()


def _owned(work: Work, tap: Tap) -> bool:
    """True when the angel has the case; coordinators may act for the owner. Says why when not."""
    case = tap.case
    if case.state == CaseState.CLOSED:
        _answer(work, tap, "closed")
    elif case.owner_id is None:
        _answer(work, tap, "nobody")
    elif case.owner_id != tap.angel.id and not tap.angel.coordinator:
        owner = cases.owner(work.session, case)
        _answer(work, tap, "not_owner", angel=owner.name if owner else "")
    else:
        return True
    return False


def _claim(work: Work, tap: Tap) -> Answer:
    told = claims.claim(work, tap.case, tap.angel, tap.snap)
    if told is None:
        owner = cases.owner(work.session, tap.case)
        if tap.case.state == CaseState.CLOSED:
            return _answer(work, tap, "closed")
        if owner is not None and owner.id == tap.angel.id:
            return _answer(work, tap, "yours")
        return _answer(work, tap, "already", angel=owner.name if owner else "…")
    _answer(work, tap, "claimed")
    return told


def _who(work: Work, tap: Tap) -> Answer:
    owner = cases.owner(work.session, tap.case)
    return _answer(work, tap, "already", angel=owner.name) if owner else _answer(work, tap, "nobody")


def _give_back(work: Work, tap: Tap) -> Answer:
    if not _owned(work, tap):
        return ()
    _answer(work, tap, "given_back")
    return claims.give_back(work, tap.case, tap.angel, tap.snap)


def _release(work: Work, tap: Tap) -> Answer:
    if not _owned(work, tap):
        return ()
    _answer(work, tap, "released")
    return claims.release(work, tap.case, tap.angel, tap.snap)


def _keyboard(work: Work, tap: Tap, keyboard: Keyboard) -> None:
    call = EditKeyboard(
        chat_id=tap.event.chat_id,
        thread_of_case=tap.event.chat_id < 0,
        message_id=tap.event.message_id,
        keyboard=keyboard,
    )
    work.order(tap.case, call, lane=f"card:{tap.case.id}")


def _choose_outcome(work: Work, tap: Tap) -> Answer:
    if _owned(work, tap):
        _keyboard(work, tap, outcomes.choices(work, tap.case))
        _answer(work, tap, "choose_outcome")
    return ()


def _close(work: Work, tap: Tap) -> Answer:
    if tap.argument not in work.library.outcomes.outcomes:
        return _answer(work, tap, "stale")
    if not _owned(work, tap):
        return ()
    _answer(work, tap, "closed_now")
    return outcomes.close(work, tap.case, tap.angel, tap.snap, tap.argument)


def _card(work: Work, tap: Tap) -> Answer:
    _keyboard(work, tap, card.keyboard_of(work, tap.case))
    work.answer(tap.event.query_id, "shown")
    return ()


def _choose_angel(work: Work, tap: Tap) -> Answer:
    if not _owned(work, tap):
        return ()
    others = roster.others(work.session, tap.case)
    if not others:
        return _answer(work, tap, "nobody_else")
    rows = tuple((key_of(a.name, "to", tap.case.id, a.id),) for a in others[:20])
    _keyboard(work, tap, (*rows, (key_of(work.texts.button("back"), "card", tap.case.id),)))
    return _answer(work, tap, "choose_angel")


def _reassign(work: Work, tap: Tap) -> Answer:
    if not _owned(work, tap):
        return ()
    other = work.session.get(Angel, int(tap.argument)) if tap.argument.isdecimal() else None
    if other is None or not other.member:
        return _answer(work, tap, "stale")
    claims.reassign(work, tap.case, tap.angel, other)
    card.refresh(work, tap.case, tap.snap.state, now=True)
    return _answer(work, tap, "reassigned", other=other.name)


def _reopen(work: Work, tap: Tap) -> Answer:
    if tap.case.state == CaseState.CLOSED:
        cases.reopen(work, tap.case)
        card.refresh(work, tap.case, tap.snap.state, now=True)
    return _answer(work, tap, "reopened")


def _chat(work: Work, tap: Tap) -> Answer:
    chat.show(work, tap.case, tap.snap.state)
    return _answer(work, tap, "shown")


def _held_message(work: Work, tap: Tap) -> Message | None:
    """The message that was held back, if its writer presses and nothing was decided yet."""
    number = int(tap.argument) if tap.argument.isdecimal() else 0
    message = find_message(work.session, tap.event.chat_id, number) if number else None
    if message is None or message.case_id != tap.case.id:
        _answer(work, tap, "gone")
        return None
    if message.angel_id != tap.angel.id or message.author != Author.NOTE:
        _answer(work, tap, "stale")
        return None
    return message


def _as_note(work: Work, tap: Tap) -> Answer:
    message = _held_message(work, tap)
    if message is not None:
        for one in outgoing.held_with(work, message):
            withdrawing.mark(work, tap.case, one.telegram_id or 0, outgoing.NOTE_SIGN)
        _keyboard(work, tap, ())
        _answer(work, tap, "noted")
    return ()


def _as_help(work: Work, tap: Tap) -> Answer:
    """Somebody else's word goes out with their name, while the owner keeps the case."""
    message = _held_message(work, tap)
    if message is None:
        return ()
    if tap.case.state == CaseState.CLOSED:
        return _answer(work, tap, "closed")
    if tap.case.owner_id is None:
        return _answer(work, tap, "nobody")
    if safety.warns_first(work, tap.case, tap.snap.state):
        return _answer(work, tap, "unsafe")
    outgoing.release(work, tap.case, message, tap.angel)
    _keyboard(work, tap, ())
    return _answer(work, tap, "sent")


def _take_and_send(work: Work, tap: Tap) -> Answer:
    """Take the case (over, if somebody has it) and send what was held back."""
    message = _held_message(work, tap)
    if message is None:
        return ()
    told: Answer = ()
    case = tap.case
    if case.state == CaseState.CLOSED:
        cases.reopen(work, case)
    if case.owner_id is None:
        claimed = claims.claim(work, case, tap.angel, tap.snap)
        if claimed is None:
            return _answer(work, tap, "already", angel="…")
        told = claimed
    elif case.owner_id != tap.angel.id:
        claims.reassign(work, case, tap.angel, tap.angel)
        card.refresh(work, case, tap.snap.state, now=True)
    if safety.warns_first(work, case, tap.snap.state):
        _answer(work, tap, "unsafe")
        return told
    outgoing.release(work, case, message, tap.angel)
    _keyboard(work, tap, ())
    _answer(work, tap, "claimed")
    return told


def _withdraw(work: Work, tap: Tap) -> Answer:
    message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.ANGEL:
        return _answer(work, tap, "gone")
    if message.angel_id != tap.angel.id and not tap.angel.coordinator:
        owner = work.session.get(Angel, message.angel_id) if message.angel_id else None
        return _answer(work, tap, "not_owner", angel=owner.name if owner else "…")
    if not withdrawing.withdraw(work, tap.case, message):
        return _answer(work, tap, "gone")
    work.audit(f"angel:{tap.angel.id}", "withdrew", tap.case)
    return _answer(work, tap, "withdrawn")


def _send_again(work: Work, tap: Tap) -> Answer:
    """What was uncertain or failed goes out once more: the angel's decision."""
    message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.ANGEL:
        return _answer(work, tap, "gone")
    if not _owned(work, tap):
        return ()
    if tap.case.minimal:  # its words were not kept
        return _answer(work, tap, "gone")
    writer = work.session.get(Angel, message.angel_id) if message.angel_id else None
    outgoing.deliver(work, tap.case, message, read_content(message), writer or tap.angel)
    _keyboard(work, tap, ())
    return _answer(work, tap, "again")


def _show_lost(work: Work, tap: Tap) -> Answer:
    """A message of the person that may not have arrived in the topic is shown."""
    message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.SHOPKEEPER:
        return _answer(work, tap, "gone")
    relay.into_topic(work, tap.case, message, read_content(message))
    _keyboard(work, tap, ())
    return _answer(work, tap, "shown")


def _canned(work: Work, tap: Tap) -> Answer:
    if _owned(work, tap):
        text, keyboard = canned.offered(work, tap.case, tap.snap.state)
        work.in_topic(tap.case, text, keyboard, silent=True)
        _answer(work, tap, "preview")
    return ()


def _preview(work: Work, tap: Tap) -> Answer:
    """The reply with the facts filled in, before it goes out."""
    found = next((r for r in canned.ready(work, tap.case, tap.snap.state) if r.name == tap.argument), None)
    if found is None:
        return _answer(work, tap, "stale")
    if not found.text:
        work.in_topic(tap.case, work.texts.notice("canned_missing", title=found.title), silent=True)
        return _answer(work, tap, "preview")
    key = key_of(work.texts.button("send_canned"), "say", tap.case.id, found.name)
    text = work.texts.notice("canned_preview", title=found.title, text=found.text)
    work.in_topic(tap.case, text, ((key,),), silent=True)
    return _answer(work, tap, "preview")


def _say_canned(work: Work, tap: Tap) -> Answer:
    if not _owned(work, tap):
        return ()
    found = next((r for r in canned.ready(work, tap.case, tap.snap.state) if r.name == tap.argument), None)
    if found is None or not found.text:
        return _answer(work, tap, "stale")
    if safety.warns_first(work, tap.case, tap.snap.state):
        return _answer(work, tap, "unsafe")
    outgoing.say(work, tap.case, tap.angel, found.text)
    _keyboard(work, tap, ())
    work.in_topic(tap.case, work.texts.notice("canned_gone", text=found.text), silent=True)
    return _answer(work, tap, "sent")


def _time(tap: Tap) -> datetime | None:
    number = int(tap.argument) if tap.argument.isdecimal() and len(tap.argument) < 12 else 0
    return datetime.fromtimestamp(number, UTC) if number else None


def _call_back(work: Work, tap: Tap) -> Answer:
    at = _time(tap)
    if at is None or at <= work.now or tap.case.state == CaseState.CLOSED:
        return _answer(work, tap, "stale")
    if tap.case.owner_id is not None and not _owned(work, tap):
        return ()
    callbacks.book(work, tap.case, tap.angel, at)
    _keyboard(work, tap, ())
    card.refresh(work, tap.case, tap.snap.state, now=True)
    topics.refresh(work, tap.case, tap.snap.state)
    return _answer(work, tap, "booked")


def _snooze(work: Work, tap: Tap) -> Answer:
    at = _time(tap)
    if at is None or at <= work.now:
        return _answer(work, tap, "stale")
    if _owned(work, tap):
        callbacks.snooze(work, tap.case, tap.angel, at)
        _keyboard(work, tap, ())
        card.refresh(work, tap.case, tap.snap.state, now=True)
        _answer(work, tap, "booked")
    return ()


def _put_off(work: Work, tap: Tap) -> Answer:
    """From the list of one who goes off duty: the case waits for the next opening."""
    if _owned(work, tap):
        callbacks.snooze(work, tap.case, tap.angel, duty.next_morning(work))
        card.refresh(work, tap.case, tap.snap.state, now=True)
        _answer(work, tap, "booked")
    return ()


def _hand_over(work: Work, tap: Tap) -> Answer:
    """From the list of one who goes off duty: to whom."""
    if not _owned(work, tap):
        return ()
    others = roster.others(work.session, tap.case)
    keys = tuple((key_of(a.name, "to", tap.case.id, a.id),) for a in others[:20])
    if not keys:
        return _answer(work, tap, "nobody_else")
    if tap.event.chat_id == tap.angel.user_id:
        work.to_angel(tap.angel.user_id, work.texts.answer("choose_angel"), keys, case=tap.case)
    else:
        work.in_topic(tap.case, work.texts.answer("choose_angel"), keys, silent=True)
    return _answer(work, tap, "choose_angel")


VERBS: dict[str, Callable[[Work, Tap], Answer]] = {
    "claim": _claim,
    "who": _who,
    "back": _give_back,
    "free": _release,
    "close": _choose_outcome,
    "out": _close,
    "card": _card,
    "pass": _choose_angel,
    "to": _reassign,
    "reopen": _reopen,
    "chat": _chat,
    "note": _as_note,
    "send": _as_help,
    "take": _take_and_send,
    "undo": _withdraw,
    "again": _send_again,
    "show": _show_lost,
    "canned": _canned,
    "preview": _preview,
    "say": _say_canned,
    "call": _call_back,
    "snooze": _snooze,
    "hand": _hand_over,
    "later": _put_off,
}
