"""From the shopkeeper into the topic: everything Telegram can carry, threaded, edited, reacted to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversation import State
from bot.desk import card, cases, parcels, topics
from bot.desk.work import Work
from bot.store.calls import CALL, AlbumItem, EditCaption, EditMedia, EditText, React, SendAlbum, SendMedia
from bot.store.content import Content
from bot.store.conversations import read_content, seen_as
from bot.store.models import Author, Case, CaseState, CopyRow, Message, OutboxRow, Priority, SendState
from bot.store.outbox import Order, Purpose, album_key, case_lane, enqueue

ALBUM_PAUSE = timedelta(seconds=1)
"""Items of an album arrive one by one: as long as this is waited for the next."""

SENT_SIGN = "👌"
"""The bot's reaction on an angel's message that arrived; what the person sets takes its place, and gives it back."""

REACTIONS = frozenset(
    [
        "👍",
        "👎",
        "❤",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤\u200d🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨\u200d💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷\u200d♂",
        "🤷",
        "🤷\u200d♀",
        "😡",
    ]
)
"""What bots may react with (https://core.telegram.org/bots/api#reactiontypeemoji)."""


def number_in(session: Session, message_row: int | None, chat_id: int) -> int | None:
    """The number under which a message of the transcript is seen in a chat."""
    message = session.get(Message, message_row) if message_row else None
    if message is None:
        return None
    if message.chat_id == chat_id:
        return message.telegram_id
    query = select(CopyRow.telegram_id).where(CopyRow.message_id == message.id, CopyRow.chat_id == chat_id)
    return session.scalar(query.order_by(CopyRow.id).limit(1))


def header(work: Work, case: Case) -> str:
    """What stands over every word of the shopkeeper in the topic."""
    return f"🗨 {topics.who(work, case, work.state(case))}"


def priority_of(case: Case) -> Priority:
    """Where the case's messages stand in the group's budget."""
    if case.alarm and case.alarm_handled_at is None:
        return Priority.ALARM
    return Priority.RELAY if case.state == CaseState.CLAIMED else Priority.CARD


def hurry(work: Work, case: Case) -> None:
    """What already waits in the case's lane takes the place that the case has now."""
    work.session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.lane == case_lane(case.id),
            OutboxRow.state == SendState.QUEUED,
            OutboxRow.priority > priority_of(case),
        )
        .values(priority=priority_of(case))
    )


def show(work: Work, case: Case, state: State) -> None:
    """Give the case its topic and card, once it may be seen; what came before and is not text follows."""
    if (case.topic_no and not topics.hidden(case)) or not work.group or not topics.visible(case, state):
        return
    topics.create(work, case, state)
    card.send(work, case, state)
    if topics.told_openly(case, state):
        for message, content in cases.unseen_things(work.session, case):
            into_topic(work, case, message, content)


def into_topic(work: Work, case: Case, message: Message, content: Content) -> None:
    """Carry one message of the shopkeeper to the angels."""
    state = work.state(case)
    if not topics.visible(case, state):
        return
    show(work, case, state)
    if case.minimal and case.state != CaseState.CLAIMED:
        who = topics.who(work, case, state)
        work.in_topic(
            case,
            work.texts.notice("hidden_message", who=who),
            priority=priority_of(case),
            key=f"hidden:{case.id}:{work.now:%Y%m%d%H%M}",
        )
        return
    chat = work.topic_chat(case)
    reply = number_in(work.session, message.reply_to, chat)
    head = header(work, case)
    if content.album and content.kind in parcels.IN_ALBUMS:
        add_to_album(work, case, message, content, head, chat, in_topic=True, reply_to=reply)
        return
    origin = (message.chat_id, message.telegram_id or 0)
    found = parcels.calls(content, head, chat, origin=origin, in_topic=True, reply_to=reply)
    if not found and content.kind == "contact":
        # Somebody else's number is never stored: the name alone is told.
        name = content.contact_name or "…"
        notice = work.texts.notice("contact_hidden", who=topics.who(work, case, state), name=name)
        work.in_topic(case, notice, priority=priority_of(case), reply_to=reply)
    elif not found:
        kind = work.texts.words.kinds.get(content.kind, work.texts.words.kinds["other"])
        who = topics.who(work, case, state)
        work.in_topic(case, work.texts.notice("cannot_carry", who=who, kind=kind), priority=priority_of(case))
    for call in found:
        work.order(case, call, purpose=Purpose.RELAY, priority=priority_of(case), message_id=message.id)


def add_to_album(
    work: Work,
    case: Case,
    message: Message,
    content: Content,
    head: str,
    chat_id: int,
    *,
    in_topic: bool,
    reply_to: int | None,
    lane: str = "",
) -> None:
    """Put one item into the album that is being gathered; it leaves whole."""
    queue = message.chat_id if in_topic else -(case.thread_id or 1)
    key = album_key(queue, content.album)
    row = work.session.scalar(
        select(OutboxRow).where(OutboxRow.key == key, OutboxRow.state == SendState.QUEUED)
    )
    items = _items(row) if row is not None else ()
    if len(items) >= 10:
        key, items = f"{key[:60]}:{message.id}", ()
    # The header once, on the first item: Telegram shows an album's caption only when a single item has one.
    item = parcels.album_item(content, head if not items or content.text else "")
    call = parcels.album((*items, item), chat_id, in_topic=in_topic, reply_to=reply_to)
    row = enqueue(
        work.session,
        Order(
            call,
            lane or case_lane(case.id),
            priority_of(case) if in_topic else Priority.RELAY,
            Purpose.RELAY,
            key,
            person_id=case.person_id,
            case_id=case.id,
            message_id=message.id,
            delay=ALBUM_PAUSE,
            coalesce=True,
        ),
        work.now,
    )
    if row is not None:
        message.parcel = row.id
        row.due_at = work.now + ALBUM_PAUSE
    if parcels.too_long(content, head):
        for words in parcels.calls(
            Content(text=content.text, entities=content.entities),
            head,
            chat_id,
            origin=(0, 0),
            in_topic=in_topic,
        ):
            work.order(
                case,
                words,
                purpose=Purpose.RELAY,
                priority=priority_of(case),
                message_id=message.id,
                lane=lane,
            )


def _items(row: OutboxRow) -> tuple[AlbumItem, ...]:
    call = CALL.validate_json(row.call or "{}")
    if isinstance(call, SendAlbum):
        return call.items
    if isinstance(call, SendMedia) and call.kind in parcels.IN_ALBUMS:
        item = {
            "kind": call.kind,
            "file_id": call.file_id,
            "caption": call.caption,
            "entities": call.entities,
        }
        return (AlbumItem.model_validate(item),)
    return ()


def share_album_copies(session: Session, row: OutboxRow, ids: tuple[int, ...]) -> None:
    """An album was sent: every copy belongs to its own message."""
    messages = list(session.scalars(select(Message).where(Message.parcel == row.id).order_by(Message.id)))
    if len(messages) != len(ids) or len(ids) < 2:
        return
    session.flush()
    for message, number in zip(messages, ids, strict=True):
        session.execute(
            update(CopyRow)
            .where(CopyRow.chat_id == row.chat_id, CopyRow.telegram_id == number)
            .values(message_id=message.id)
        )


# --- edits and reactions, either way ---------------------------------------------------------------------------------


def rewritten(
    work: Work,
    case: Case,
    message: Message,
    content: Content,
    head: str,
    chat_id: int,
    *,
    lane: str = "",
    exchanged: bool = False,
) -> bool:
    """Carry an edit to the copy on the other side; `exchanged`: another file took the place of the one before.

    Returns:
        False when there is no copy that can be changed: the edit is to be told in words.
    """
    copies = list(
        work.session.scalars(
            select(CopyRow.telegram_id)
            .where(CopyRow.message_id == message.id, CopyRow.chat_id == chat_id)
            .order_by(CopyRow.id)
        )
    )
    if not copies:
        return _rewrite_queued(work, message, content, head, chat_id)
    text, entities = parcels.headed(head, content.text, content.entities)
    if content.kind == "text":
        found = parcels.pieces(text, entities)
        if len(found) > len(copies):
            return False
        for number, (piece, marks) in zip(copies, found, strict=False):
            edit = EditText(
                chat_id=chat_id, thread_of_case=chat_id < 0, message_id=number, text=piece, entities=marks
            )
            work.order(case, edit, priority=priority_of(case), lane=lane)
        return True
    if exchanged:
        if content.kind not in parcels.EXCHANGED or parcels.units(text) > parcels.CAPTION_LIMIT:
            return False
        media = EditMedia(
            chat_id=chat_id,
            thread_of_case=chat_id < 0,
            message_id=copies[0],
            kind=content.kind,
            file_id=content.file_id,
            caption=text,
            entities=entities,
        )
        work.order(case, media, priority=priority_of(case), lane=lane)
        return True
    if content.kind in parcels.CAPTIONED and parcels.units(text) <= parcels.CAPTION_LIMIT:
        caption = EditCaption(
            chat_id=chat_id,
            thread_of_case=chat_id < 0,
            message_id=copies[0],
            caption=text,
            entities=entities,
        )
        work.order(case, caption, priority=priority_of(case), lane=lane)
        return True
    return False


def _rewrite_queued(work: Work, message: Message, content: Content, head: str, chat_id: int) -> bool:
    """The copy has not left yet: it leaves as edited."""
    query = select(OutboxRow).where(
        OutboxRow.message_id == message.id,
        OutboxRow.chat_id == chat_id,
        OutboxRow.purpose == Purpose.RELAY,
        OutboxRow.state == SendState.QUEUED,
    )
    rows = list(work.session.scalars(query))
    if len(rows) != 1 or message.parcel is not None:
        return False
    call = CALL.validate_json(rows[0].call or "{}")
    reply = getattr(call, "reply_to", None)
    origin = (message.chat_id, message.telegram_id or 0)
    found = parcels.calls(content, head, chat_id, origin=origin, in_topic=chat_id < 0, reply_to=reply)
    if len(found) != 1:
        return False
    rows[0].call, rows[0].method = CALL.dump_json(found[0]).decode(), found[0].method
    return True


def shopkeeper_rewrote(
    work: Work, case: Case, message: Message, content: Content, *, exchanged: bool = False
) -> None:
    """An edit of the shopkeeper reaches the topic, in place where that is possible."""
    state = work.state(case)
    if not topics.visible(case, state) or (case.minimal and case.state != CaseState.CLAIMED):
        return
    if content.kind == "location":
        _moved(work, case, message, content)
        return
    chat = work.topic_chat(case)
    head = header(work, case)
    if rewritten(work, case, message, content, head, chat, exchanged=exchanged):
        return
    there = number_in(work.session, message.id, chat)
    who = topics.who(work, case, state)
    kinds = work.texts.words.kinds
    name = "exchanged_gone" if exchanged else "edited_gone"
    text = work.texts.notice(
        name, who=who, text=content.text[:1000], kind=kinds.get(content.kind, kinds["other"])
    )
    work.in_topic(case, text, priority=priority_of(case), reply_to=there)
    if exchanged:
        origin = (message.chat_id, message.telegram_id or 0)
        for call in parcels.calls(content, head, chat, origin=origin, in_topic=True, reply_to=there):
            work.order(case, call, purpose=Purpose.RELAY, priority=priority_of(case), message_id=message.id)


def _moved(work: Work, case: Case, message: Message, content: Content) -> None:
    """A place that moves is told of once, and shown again where it stops: a map that jumps would cost the minute."""
    chat = work.topic_chat(case)
    there = number_in(work.session, message.id, chat)
    who = topics.who(work, case, work.state(case))
    name = "moving" if content.live else "stopped"
    notice = work.texts.notice(name, who=who)
    told = work.in_topic(
        case, notice, priority=priority_of(case), reply_to=there, silent=True, key=f"{name}:{message.id}"
    )
    if told is None or content.live:
        return
    origin = (message.chat_id, message.telegram_id or 0)
    for call in parcels.calls(content, "", chat, origin=origin, in_topic=True, reply_to=there):
        work.order(case, call, purpose=Purpose.RELAY, priority=priority_of(case), message_id=message.id)


def shopkeeper_reacted(work: Work, case: Case, telegram_message_id: int, emoji: str) -> None:
    """A reaction of the shopkeeper is set on the same message in the topic."""
    chat = work.topic_chat(case)
    message = seen_as(work.session, work.person(case).chat_id, telegram_message_id)
    number = number_in(work.session, message.id, chat) if message else None
    if message is None or number is None or not topics.visible(case, work.state(case)):
        return
    if not emoji and message.author == Author.ANGEL:
        emoji = SENT_SIGN
    react(work, case, chat, number, emoji, lane=f"react:{chat}:{number}")


def react(work: Work, case: Case, chat_id: int, number: int, emoji: str, lane: str = "") -> None:
    """Set a reaction (or take it away); one that bots may not use becomes the nearest that says "seen"."""
    plain = emoji.replace("\ufe0f", "")
    shown = plain if plain in REACTIONS or not plain else "👍"
    call = React(chat_id=chat_id, thread_of_case=chat_id < 0, message_id=number, emoji=shown)
    work.order(case, call, priority=priority_of(case), lane=lane or f"react:{chat_id}")


def content_of(message: Message) -> Content:
    """What a stored message carries."""
    return read_content(message)
