"""From the angels to the shopkeeper: what goes out, what stays a note, what is held back with a choice."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.conversation.templates import in_language
from bot.desk import card, cases, notes, parcels, relay, roster, safety
from bot.desk.events import AngelReacted, AngelRewrote, AngelWrote
from bot.desk.withdrawing import mark, withdraw
from bot.desk.work import Work, key_of
from bot.store.calls import Key, SendText
from bot.store.content import Content
from bot.store.conversations import find_message, read_content, seen_as, write_message
from bot.store.models import Angel, Author, Case, CaseState, CopyRow, Message, OutboxRow, SendState
from bot.store.outbox import Purpose, private_lane
from bot.store.timers import drop_timer

_NOTE = re.compile(r"^\s*(//|/nota\b)\s*", re.IGNORECASE)
NOTE_SIGN = "✍"
"""The bot's reaction on what stays among angels."""


def angel_wrote(work: Work, event: AngelWrote) -> None:
    """A message in a case's topic: to the person, or a note, or held back."""
    if event.group_id != work.group or event.thread_id is None:
        return
    found = cases.of_topic(work.session, event.group_id, event.thread_id)
    held = cases.locked(work.session, found.id) if found else None
    if found is None and roster.member(work.session, event.who) is not None:
        work.in_general(
            work.texts.notice("foreign_topic"),
            key=f"foreign:{event.group_id}:{event.thread_id}",
            reply_to=event.message_id,
        )
    if held is None or find_message(work.session, event.group_id, event.message_id) is not None:
        return
    case, snap = held
    angel = roster.member(work.session, event.who)
    if event.who.is_bot and not event.who.anonymous:
        return
    if angel is None or event.sent_as is not None:
        _hold(work, case, event, None, "hold_anonymous", ())
        return
    if _NOTE.match(event.content.text):
        note(work, case, event, angel)
        return
    addressed = _for_colleagues(work, case, event, angel)
    if addressed == "note":
        note(work, case, event, angel, told=True)
    elif addressed == "ask":
        _hold(work, case, event, angel, "hold_mention", ("hold_note", "hold_send"))
    elif case.state == CaseState.CLOSED:
        _hold(work, case, event, angel, "hold_closed", ("hold_note", "hold_take"))
    elif case.owner_id != angel.id:
        name = "hold" if case.owner_id else "hold_free"
        choices = ("hold_note", "hold_send", "hold_take") if case.owner_id else ("hold_note", "hold_take")
        _hold(work, case, event, angel, name, choices)
    elif safety.warns_first(work, case, snap.state):
        _hold(work, case, event, angel, "hold_unsafe", ("hold_unsafe_send", "hold_unsafe_note"))
    else:
        deliver(work, case, _written(work, case, event, angel, Author.ANGEL), event.content, angel)


def _named(work: Work, mentions: tuple[int | str, ...]) -> str:
    """`note` when another angel is named, `ask` when it is somebody unknown, else ""."""
    for mention in mentions:
        if mention in (work.config.bot_id, work.config.bot_username.lower()):
            continue
        other = (
            roster.find(work.session, mention)
            if isinstance(mention, int)
            else roster.by_username(work.session, mention)
        )
        return "note" if other is not None else "ask"
    return ""


def _for_colleagues(work: Work, case: Case, event: AngelWrote, angel: Angel) -> str:
    """`note` when it answers or names another angel, `ask` when it names somebody unknown, else ""."""
    named = _named(work, event.mentions)
    if named or event.reply_to is None:
        return named
    message = find_message(work.session, event.group_id, event.reply_to)
    if message is not None:
        return "" if message.author == Author.ANGEL and message.angel_id == angel.id else "note"
    return "" if _ours(work, case, event.group_id, event.reply_to) else "note"


def _ours(work: Work, case: Case, group_id: int, number: int) -> bool:
    """True when a message of the topic is the bot's: a copy of the shopkeeper's words, the card, a notice."""
    copy = select(CopyRow.id).where(CopyRow.chat_id == group_id, CopyRow.telegram_id == number)
    if work.session.scalar(copy.limit(1)) is not None or number == case.card_message_id:
        return True
    sent = select(OutboxRow.result_ids).where(
        OutboxRow.case_id == case.id, OutboxRow.chat_id == group_id, OutboxRow.state == SendState.SENT
    )
    return any(number in ids for ids in work.session.scalars(sent.order_by(OutboxRow.id.desc()).limit(2000)))


def _written(work: Work, case: Case, event: AngelWrote, angel: Angel | None, author: Author) -> Message:
    stored = event.content
    if case.minimal and author == Author.ANGEL:
        # What was said to somebody whose telephone may be watched is not kept; a note is the angels' own.
        stored = Content(kind=stored.kind)
    answered = seen_as(work.session, event.group_id, event.reply_to) if event.reply_to else None
    return write_message(
        work.session,
        conversation_id=case.conversation_id,
        case_id=case.id,
        author=author,
        chat_id=event.group_id,
        telegram_id=event.message_id,
        content=stored,
        at=work.now,
        angel_id=angel.id if angel else None,
        reply_to=answered.id if answered else None,
    )


def note(work: Work, case: Case, event: AngelWrote, angel: Angel, *, told: bool = False) -> None:
    """It stays among angels, and is marked so that nobody can take it for something that went out."""
    _written(work, case, event, angel, Author.NOTE)
    mark(work, case, event.message_id, NOTE_SIGN)
    _tell_fact(work, case, event.message_id, event.content.text)
    if told:
        keys = ((key_of(work.texts.button("send_canned"), "send", case.id, event.message_id),),)
        work.in_topic(
            case,
            work.texts.notice("note"),
            keys if case.owner_id == angel.id else (),
            reply_to=event.message_id,
            silent=True,
        )


def _tell_fact(work: Work, case: Case, number: int, text: str) -> None:
    """A note that states a fact is on the card, and says so."""
    fact = notes.noted_fact(work, text)
    if fact is None:
        return
    words = work.library.book.facts[fact.fact]
    value = words.values.get(fact.value)
    shown = in_language(value.label, "it") if value else fact.value
    label = in_language(words.label, "it")
    notice = work.texts.notice("note_fact", fact=label, value=shown)
    work.in_topic(case, notice, reply_to=number, silent=True)
    card.refresh(work, case, work.state(case), now=True)


def _hold(
    work: Work, case: Case, event: AngelWrote, angel: Angel | None, notice: str, choices: tuple[str, ...]
) -> None:
    _written(work, case, event, angel, Author.NOTE)
    owner = cases.owner(work.session, case)
    verbs = {
        "hold_note": "note",
        "hold_send": "send",
        "hold_take": "take",
        "hold_unsafe_send": "send",
        "hold_unsafe_note": "note",
    }
    keys: tuple[Key, ...] = tuple(
        key_of(work.texts.button(choice), verbs[choice], case.id, event.message_id) for choice in choices
    )
    work.in_topic(
        case,
        work.texts.notice(
            notice, owner=owner.name if owner else "", safety=safety.line(work, work.state(case))
        ),
        tuple((key,) for key in keys),
        reply_to=event.message_id,
        key=f"hold:{case.id}:{event.content.album}" if event.content.album else "",
    )


def deliver(work: Work, case: Case, message: Message, content: Content, angel: Angel) -> None:
    """Send an angel's message to the person."""
    person = work.person(case)
    head = roster.signed(angel)
    lane = private_lane(person.chat_id)
    reply = relay.number_in(work.session, message.reply_to, person.chat_id)
    if content.album and content.kind in parcels.IN_ALBUMS:
        relay.add_to_album(
            work, case, message, content, head, person.chat_id, in_topic=False, reply_to=reply, lane=lane
        )
    else:
        origin = (message.chat_id, message.telegram_id or 0)
        found = parcels.calls(content, head, person.chat_id, origin=origin, in_topic=False, reply_to=reply)
        if not found:
            kind = work.texts.words.kinds.get(content.kind, work.texts.words.kinds["other"])
            work.in_topic(
                case,
                work.texts.notice("cannot_carry_out", kind=kind.capitalize()),
                reply_to=message.telegram_id,
            )
            return
        if content.kind not in parcels.HEADED and _speaks_anew(work, message):
            name, bold = parcels.headed(head, "", ())
            found.insert(0, SendText(chat_id=person.chat_id, text=name, entities=bold))
        for call in found:
            work.order(case, call, purpose=Purpose.RELAY, lane=lane, message_id=message.id)
    spoken(work, case)


def _speaks_anew(work: Work, message: Message) -> bool:
    """True when the person did not read this angel's name last: what can carry no name goes under one, once."""
    before = (
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.author.in_((Author.ANGEL, Author.BOT)),
            Message.id < message.id,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = work.session.scalar(before)
    return last is None or last.author != Author.ANGEL or last.angel_id != message.angel_id


def held_with(work: Work, message: Message) -> list[Message]:
    """What was held back together: a message, or all of its album."""
    album = read_content(message).album
    if not album:
        return [message]
    query = select(Message).where(
        Message.case_id == message.case_id,
        Message.angel_id == message.angel_id,
        Message.author == Author.NOTE,
        Message.id >= message.id,
    )
    return [m for m in work.session.scalars(query.order_by(Message.id)) if read_content(m).album == album]


def release(work: Work, case: Case, held: Message, angel: Angel) -> None:
    """What was held back goes to the person after all."""
    for message in held_with(work, held):
        content = read_content(message)
        message.author = Author.ANGEL
        if case.minimal:
            message.content = Content(kind=content.kind).model_dump_json(exclude_defaults=True)
        deliver(work, case, message, content, angel)


def say(work: Work, case: Case, angel: Angel, text: str, notice: str) -> None:
    """Words that the angel chose rather than typed (a canned reply, a promised call) go to the person.

    The notice that they went stands in the topic for the message that nobody typed there: it carries the sign of what
    became of it, and can be answered with /ritira.
    """
    content = Content(text=text)
    message = write_message(
        work.session,
        conversation_id=case.conversation_id,
        case_id=case.id,
        author=Author.ANGEL,
        chat_id=work.topic_chat(case),
        telegram_id=None,
        content=content,
        at=work.now,
        angel_id=angel.id,
    )
    deliver(work, case, message, content, angel)
    work.in_topic(case, notice, silent=True, message_id=message.id)


def spoken(work: Work, case: Case) -> None:
    """The owner has spoken: nobody waits any more."""
    case.owner_wrote_at, case.waiting_since, case.rung = work.now, None, 0
    if case.alarm and case.alarm_handled_at is None:
        case.alarm_handled_at = work.now
    for name in ("silence", "owner"):
        drop_timer(work.session, f"case:{case.id}", name)


def angel_rewrote(work: Work, event: AngelRewrote) -> None:
    """An edit of what went out reaches the person too; of what stayed among angels, it stays there."""
    message = find_message(work.session, event.group_id, event.message_id)
    if message is None or message.author not in (Author.ANGEL, Author.NOTE) or message.case_id is None:
        return
    held = cases.locked(work.session, message.case_id)
    angel = roster.member(work.session, event.who)
    if held is None or angel is None or message.angel_id != angel.id or message.withdrawn_at is not None:
        return
    case, _snap = held
    out = message.author == Author.ANGEL
    if out and not _NOTE.match(event.content.text) and _named(work, event.mentions):
        work.in_topic(case, work.texts.notice("edited_names"), reply_to=event.message_id)
        return
    exchanged = event.content.exchanged(read_content(message))
    if not (case.minimal and out):
        message.content = event.content.model_dump_json(exclude_defaults=True)
    message.edited_at = work.now
    if not out:
        _tell_fact(work, case, event.message_id, event.content.text)
    elif _NOTE.match(event.content.text):
        _becomes_note(work, case, message, event)
    else:
        _edit_there(work, case, message, event, angel, exchanged=exchanged)


def _becomes_note(work: Work, case: Case, message: Message, event: AngelRewrote) -> None:
    """An edit that begins with `//`: it was meant for colleagues, so it is taken back from the person."""
    withdraw(work, case, message)
    message.author = Author.NOTE
    mark(work, case, event.message_id, NOTE_SIGN)
    work.in_topic(case, work.texts.notice("became_note"), reply_to=event.message_id, silent=True)


def _edit_there(
    work: Work, case: Case, message: Message, event: AngelRewrote, angel: Angel, *, exchanged: bool
) -> None:
    person = work.person(case)
    if event.content.kind == "location":
        if event.content.live:  # it moves every few seconds: told once
            notice = work.texts.notice("moving_out")
            work.in_topic(case, notice, reply_to=event.message_id, silent=True, key=f"moving:{message.id}")
        return
    lane = private_lane(person.chat_id)
    head = roster.signed(angel)
    content, chat = event.content, person.chat_id
    if not relay.rewritten(work, case, message, content, head, chat, lane=lane, exchanged=exchanged):
        work.in_topic(case, work.texts.notice("edited_late"), reply_to=event.message_id)


def angel_reacted(work: Work, event: AngelReacted) -> None:
    """The owner's reaction to the person's message reaches the person."""
    message = seen_as(work.session, event.group_id, event.message_id)
    if message is None or message.case_id is None or message.author != Author.SHOPKEEPER:
        return
    held = cases.locked(work.session, message.case_id)
    angel = roster.member(work.session, event.who)
    if held is None or angel is None or held[0].owner_id != angel.id:
        return
    case, _snap = held
    number = relay.number_in(work.session, message.id, work.person(case).chat_id)
    if number is not None:
        chat = work.person(case).chat_id
        relay.react(work, case, chat, number, event.emoji, lane=private_lane(chat))
