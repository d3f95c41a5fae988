"""What one side wrote, as calls that show it on the other: formatting kept as entities, never as markup.

Every text is headed by whose it is, so that nothing typed can pass for somebody else's words.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.store.calls import (
    AlbumItem,
    Call,
    CopyMessage,
    SendAlbum,
    SendContact,
    SendLocation,
    SendMedia,
    SendText,
)
from bot.store.content import Content

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
"""UTF-16 units, after entities are parsed (https://core.telegram.org/bots/api#sendmessage)."""

CAPTIONED = frozenset({"photo", "voice", "video", "audio", "animation", "document"})
HEADED = CAPTIONED | {"text"}
"""What can carry whose it is; the rest has no place for a word."""

BARE = frozenset({"video_note", "sticker"})
EXCHANGED = frozenset({"photo", "video", "audio", "animation", "document"})
"""What can be put in each other's place (https://core.telegram.org/bots/api#editmessagemedia)."""
IN_ALBUMS = frozenset({"photo", "video", "audio", "document"})
COPIED = frozenset({"venue", "poll", "dice", "story"})

_FORMATTING = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "custom_emoji",
    }
)

Entities = tuple[dict[str, object], ...]


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def headed(header: str, text: str, entities: Sequence[dict[str, object]]) -> tuple[str, Entities]:
    """A text under its header; the entities move along."""
    kept = [e for e in entities if e.get("type") in _FORMATTING]
    if not header:
        return text, tuple(kept)
    bold: dict[str, object] = {"type": "bold", "offset": 0, "length": units(header)}
    if not text:
        return header, (bold,)
    shift = units(header) + 1
    moved = [{**e, "offset": _number(e, "offset") + shift} for e in kept]
    return f"{header}\n{text}", (bold, *moved)


def _number(entity: dict[str, object], name: str) -> int:
    value = entity.get(name)
    return value if isinstance(value, int) else 0


def pieces(text: str, entities: Entities, limit: int = TEXT_LIMIT) -> list[tuple[str, Entities]]:
    """Cut a text that is too long at a line or a space; entities are cut with it."""
    found: list[tuple[str, Entities]] = []
    while units(text) > limit:
        cut = _place_to_cut(text, limit)
        head, tail = text[:cut], text[cut:]
        at = units(head)
        found.append((head.rstrip() or head, _within(entities, 0, units(head.rstrip() or head))))
        skipped = units(tail) - units(tail.lstrip())
        entities = _within(entities, at + skipped, units(text))
        text = tail.lstrip()
    if text:
        found.append((text, entities))
    return found


def _place_to_cut(text: str, limit: int) -> int:
    cut = len(text)
    while units(text[:cut]) > limit:
        cut -= max(1, (units(text[:cut]) - limit) // 2)
    for mark in ("\n", " "):
        place = text.rfind(mark, cut // 2, cut)
        if place > 0:
            return place
    return cut


def _within(entities: Entities, start: int, end: int) -> Entities:
    found: list[dict[str, object]] = []
    for entity in entities:
        first = max(_number(entity, "offset"), start)
        last = min(_number(entity, "offset") + _number(entity, "length"), end)
        if last > first:
            found.append({**entity, "offset": first - start, "length": last - first})
    return tuple(found)


def calls(
    content: Content,
    header: str,
    chat_id: int,
    *,
    origin: tuple[int, int],
    in_topic: bool,
    reply_to: int | None = None,
) -> list[Call]:
    """The calls that show one message on the other side, in order; empty when it cannot be carried.

    Args:
        content: What it carries.
        header: Whose it is.
        chat_id: Where to.
        origin: Chat and number of the original, for what can only be copied.
        in_topic: Into the topic of the row's case.
        reply_to: The message there that it answers.
    """
    where = {"chat_id": chat_id, "thread_of_case": in_topic, "reply_to": reply_to}
    kind = content.kind
    if kind == "text":
        return _texts(content, header, chat_id, in_topic, reply_to)
    if kind == "voice" and not content.file_id:  # its sound says what must not be passed on
        words = Content(text=content.transcript)
        return _texts(words, f"{header} 🎙", chat_id, in_topic, reply_to) if words.text else []
    if kind in CAPTIONED:
        return _captioned(content, header, chat_id, in_topic, reply_to)
    if kind in BARE:
        return [SendMedia.model_validate({**where, "kind": kind, "file_id": content.file_id})]
    if kind == "location" and content.latitude is not None and content.longitude is not None:
        return [
            SendLocation.model_validate(
                {**where, "latitude": content.latitude, "longitude": content.longitude}
            )
        ]
    if kind == "contact" and content.phone_number:
        name = content.contact_name or "…"
        return [
            SendContact.model_validate({**where, "phone_number": content.phone_number, "first_name": name})
        ]
    if kind in COPIED and not content.masked:
        return [CopyMessage.model_validate({**where, "from_chat_id": origin[0], "message_id": origin[1]})]
    return []


def _texts(content: Content, header: str, chat_id: int, in_topic: bool, reply_to: int | None) -> list[Call]:
    text, entities = headed(header, content.text, content.entities)
    return [
        SendText(
            chat_id=chat_id,
            thread_of_case=in_topic,
            text=piece,
            entities=marks,
            reply_to=reply_to if number == 0 else None,
        )
        for number, (piece, marks) in enumerate(pieces(text, entities))
    ]


def _captioned(
    content: Content, header: str, chat_id: int, in_topic: bool, reply_to: int | None
) -> list[Call]:
    caption, entities = headed(header, content.text, content.entities)
    long = units(caption) > CAPTION_LIMIT
    if long:
        caption, entities = headed(header, "", ())
    media = SendMedia.model_validate(
        {
            "chat_id": chat_id,
            "thread_of_case": in_topic,
            "kind": content.kind,
            "file_id": content.file_id,
            "caption": caption,
            "entities": entities,
            "reply_to": reply_to,
        }
    )
    after = content.transcript if not long else content.text
    if not after:
        return [media]
    mark = f"{header} 🎙" if not long else header
    marks = () if not long else content.entities
    words = Content(text=after, entities=marks)
    return [media, *_texts(words, mark, chat_id, in_topic, None)]


def too_long(content: Content, header: str) -> bool:
    """True when a caption under its header no longer fits: its words then go apart."""
    return bool(content.text) and units(content.text) + units(header) + 1 > CAPTION_LIMIT


def album_item(content: Content, header: str) -> AlbumItem:
    """One item of an album."""
    caption, entities = headed(header, content.text, content.entities)
    if too_long(content, header):
        caption, entities = headed(header, "", ())
    return AlbumItem.model_validate(
        {"kind": content.kind, "file_id": content.file_id, "caption": caption, "entities": entities}
    )


def album(items: tuple[AlbumItem, ...], chat_id: int, *, in_topic: bool, reply_to: int | None) -> Call:
    """The album as it stands; a single item goes alone, as Telegram wants 2 to 10."""
    if len(items) > 1:
        return SendAlbum(chat_id=chat_id, thread_of_case=in_topic, items=items, reply_to=reply_to)
    only = items[0]
    return SendMedia(
        chat_id=chat_id,
        thread_of_case=in_topic,
        kind=only.kind,
        file_id=only.file_id,
        caption=only.caption,
        entities=only.entities,
        reply_to=reply_to,
    )
