"""Buttons about words: what was held back, taken back, sent again or shown, and the canned replies."""

from __future__ import annotations

from collections.abc import Callable

from bot.desk import canned, card, cases, claims, outgoing, relay, safety, withdrawing
from bot.desk.tap import Answer, Tap, answer, change_keys, owned, take_away
from bot.desk.work import Work, key_of
from bot.store.conversations import find_message, read_content
from bot.store.models import Angel, Author, CaseState, Message


def _held_message(work: Work, tap: Tap) -> Message | None:
    """The message that was held back, if its writer presses and nothing was decided yet."""
    number = int(tap.argument) if tap.argument.isdecimal() else 0
    message = find_message(work.session, tap.event.chat_id, number) if number else None
    if message is None or message.case_id != tap.case.id:
        answer(work, tap, "gone")
        return None
    if message.angel_id != tap.angel.id or message.author != Author.NOTE:
        answer(work, tap, "stale")
        return None
    return message


def _as_note(work: Work, tap: Tap) -> Answer:
    message = _held_message(work, tap)
    if message is not None:
        for one in outgoing.held_with(work, message):
            withdrawing.mark(work, tap.case, one.telegram_id or 0, outgoing.NOTE_SIGN)
        take_away(work, tap)
        answer(work, tap, "noted")
    return ()


def _as_help(work: Work, tap: Tap) -> Answer:
    """Somebody else's word goes out with their name, while the owner keeps the case."""
    message = _held_message(work, tap)
    if message is None:
        return ()
    if tap.case.state == CaseState.CLOSED:
        return answer(work, tap, "closed")
    if tap.case.owner_id is None:
        return answer(work, tap, "nobody")
    if safety.warns_first(work, tap.case, tap.snap.state):
        return answer(work, tap, "unsafe")
    outgoing.release(work, tap.case, message, tap.angel)
    take_away(work, tap)
    return answer(work, tap, "sent")


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
            return answer(work, tap, "already", angel="…")
        told = claimed
    elif case.owner_id != tap.angel.id:
        claims.reassign(work, case, tap.angel, tap.angel)
        card.refresh(work, case, tap.snap.state, now=True)
    if safety.warns_first(work, case, tap.snap.state):
        answer(work, tap, "unsafe")
        return told
    outgoing.release(work, case, message, tap.angel)
    take_away(work, tap)
    answer(work, tap, "claimed")
    return told


def _withdraw(work: Work, tap: Tap) -> Answer:
    """A message, or (from the card) the last one that the angel sent and did not take back."""
    if not tap.argument:
        message = withdrawing.last_sent(work, tap.case, tap.angel)
    else:
        message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.ANGEL:
        return answer(work, tap, "gone")
    if message.angel_id != tap.angel.id and not tap.angel.coordinator:
        owner = work.session.get(Angel, message.angel_id) if message.angel_id else None
        return answer(work, tap, "not_owner", angel=owner.name if owner else "…")
    if not withdrawing.withdraw(work, tap.case, message):
        return answer(work, tap, "gone")
    work.audit(f"angel:{tap.angel.id}", "withdrew", tap.case)
    return answer(work, tap, "withdrawn")


def _send_again(work: Work, tap: Tap) -> Answer:
    """What was uncertain or failed goes out once more: the angel's decision."""
    message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.ANGEL:
        return answer(work, tap, "gone")
    if not owned(work, tap):
        return ()
    if tap.case.minimal:  # its words were not kept
        return answer(work, tap, "gone")
    writer = work.session.get(Angel, message.angel_id) if message.angel_id else None
    outgoing.deliver(work, tap.case, message, read_content(message), writer or tap.angel)
    change_keys(work, tap, ())
    return answer(work, tap, "again")


def _show_lost(work: Work, tap: Tap) -> Answer:
    """A message of the person that may not have arrived in the topic is shown."""
    message = work.session.get(Message, int(tap.argument)) if tap.argument.isdecimal() else None
    if message is None or message.case_id != tap.case.id or message.author != Author.SHOPKEEPER:
        return answer(work, tap, "gone")
    relay.into_topic(work, tap.case, message, read_content(message))
    change_keys(work, tap, ())
    return answer(work, tap, "shown")


def _canned(work: Work, tap: Tap) -> Answer:
    if owned(work, tap):
        text, keyboard = canned.offered(work, tap.case, tap.snap.state)
        work.in_topic(tap.case, text, keyboard, silent=True)
        answer(work, tap, "canned_list")
    return ()


def _preview(work: Work, tap: Tap) -> Answer:
    """The reply with the facts filled in, before it goes out."""
    found = next((r for r in canned.ready(work, tap.case, tap.snap.state) if r.name == tap.argument), None)
    if found is None:
        return answer(work, tap, "stale")
    if not found.text:
        work.in_topic(tap.case, work.texts.notice("canned_missing", title=found.title), silent=True)
        return answer(work, tap, "preview")
    key = key_of(work.texts.button("send_canned"), "say", tap.case.id, found.name)
    text = work.texts.notice("canned_preview", title=found.title, text=found.text)
    work.in_topic(tap.case, text, ((key,),), silent=True)
    return answer(work, tap, "preview")


def _say_canned(work: Work, tap: Tap) -> Answer:
    if not owned(work, tap):
        return ()
    found = next((r for r in canned.ready(work, tap.case, tap.snap.state) if r.name == tap.argument), None)
    if found is None or not found.text:
        return answer(work, tap, "stale")
    if safety.warns_first(work, tap.case, tap.snap.state):
        return answer(work, tap, "unsafe")
    outgoing.say(work, tap.case, tap.angel, found.text, work.texts.notice("canned_gone", text=found.text))
    change_keys(work, tap, ())
    return answer(work, tap, "sent")


VERBS: dict[str, Callable[[Work, Tap], Answer]] = {
    "note": _as_note,
    "send": _as_help,
    "take": _take_and_send,
    "undo": _withdraw,
    "again": _send_again,
    "show": _show_lost,
    "canned": _canned,
    "preview": _preview,
    "say": _say_canned,
}
