"""Formatted text: Telegram's own parser (tdjson), its limits, and what it finds in plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bot.rehearsal.errors import ApiError, bad_request

MAX_TEXT = 4096
"""Characters of a text after parsing (Bot API, sendMessage, text)."""
MAX_CAPTION = 1024
"""Characters of a caption after parsing (Bot API, sendPhoto, caption)."""
MAX_ENTITIES = 100
"""Entities beyond these are dropped (core.telegram.org/api/entities)."""
_MAX_BYTES = 1 << 15
"""Size of a text before parsing (telegram-bot-api, Client::get_formatted_text)."""

Entity = dict[str, Any]

_FROM_TD = {
    "textEntityTypeBold": "bold",
    "textEntityTypeItalic": "italic",
    "textEntityTypeUnderline": "underline",
    "textEntityTypeStrikethrough": "strikethrough",
    "textEntityTypeSpoiler": "spoiler",
    "textEntityTypeBlockQuote": "blockquote",
    "textEntityTypeExpandableBlockQuote": "expandable_blockquote",
    "textEntityTypeCode": "code",
    "textEntityTypePre": "pre",
    "textEntityTypePreCode": "pre",
    "textEntityTypeTextUrl": "text_link",
    "textEntityTypeMentionName": "text_mention",
    "textEntityTypeCustomEmoji": "custom_emoji",
    "textEntityTypeMention": "mention",
    "textEntityTypeHashtag": "hashtag",
    "textEntityTypeCashtag": "cashtag",
    "textEntityTypeBotCommand": "bot_command",
    "textEntityTypeUrl": "url",
    "textEntityTypeEmailAddress": "email",
    "textEntityTypePhoneNumber": "phone_number",
}
_NESTABLE = {"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"}
_WRITABLE = set(_FROM_TD.values()) - {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
}
_MODES: dict[str, dict[str, Any]] = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
_MAYBE_SOMETHING = re.compile(r"[/@#$.:]")
_PHONE = re.compile(r"(?<![\w+])\+\d[\d ()/-]{6,17}\d(?!\w)")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\u200e\u200f\u202a-\u202e]")


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text with its entities, offsets and lengths in UTF-16 code units as the Bot API counts them."""

    text: str
    entities: list[Entity] = field(default_factory=list)

    def fields(self, text: str, entities: str) -> dict[str, Any]:
        """Return the two Message fields, the second only where there is something in it."""
        return {text: self.text, **({entities: self.entities} if self.entities else {})}


def utf16(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


@cache
def _library() -> Callable[[bytes], bytes | None]:
    import tdjson

    tdjson.td_execute(b'{"@type":"setLogVerbosityLevel","new_verbosity_level":0}')
    execute: Callable[[bytes], bytes | None] = tdjson.td_execute
    return execute


def _execute(request: dict[str, Any]) -> dict[str, Any]:
    answer = _library()(json.dumps(request).encode())
    result: dict[str, Any] = json.loads(answer) if answer else {}
    if result.get("@type") == "error":
        raise ApiError(result["code"], result["message"])
    return result


def parse(
    text: str,
    mode: str,
    entities: list[Any] | None,
    user: Callable[[int], dict[str, Any] | None],
    *,
    limit: int = MAX_TEXT,
    too_long: str = "Message is too long",
    may_be_empty: bool = False,
) -> Formatted:
    """Read a text as the Bot API does: parse mode or given entities, trimmed, plain links and commands found.

    Args:
        text: as sent.
        mode: HTML, Markdown, MarkdownV2 or nothing, any case.
        entities: MessageEntity objects, looked at only without a mode.
        user: gives the User object of an id, for mentions by id.
        limit: most characters after parsing.
        too_long: what is said above the limit.
        may_be_empty: captions may.

    Raises:
        ApiError: with Telegram's words.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    if size > _MAX_BYTES:
        raise bad_request("Text is too long")
    found: list[Entity]
    if text and mode and mode.lower() != "none":
        how = _MODES.get(mode.lower())
        if how is None:
            raise bad_request("Unsupported parse_mode")
        parsed = _execute({"@type": "parseTextEntities", "text": text, "parse_mode": how})
        text = parsed["text"]
        found = [entity for raw in parsed["entities"] if (entity := _entity(raw, user)) is not None]
    else:
        found = _given(entities or [], text, user)
    text, found = _trimmed(text, found)
    if not text and not may_be_empty:
        raise bad_request("Text must be non-empty")
    if len(text) > limit:
        raise bad_request(too_long)
    return Formatted(text, _with_plain(text, found)[:MAX_ENTITIES])


def _entity(raw: dict[str, Any], user: Callable[[int], dict[str, Any] | None]) -> Entity | None:
    """Translate td's textEntity into a MessageEntity; None where bots are shown none."""
    kind = raw["type"]["@type"]
    name = _FROM_TD.get(kind)
    if name is None:
        return None
    entity: Entity = {"type": name, "offset": raw["offset"], "length": raw["length"]}
    if kind == "textEntityTypeTextUrl":
        entity["url"] = raw["type"]["url"]
    elif kind == "textEntityTypePreCode":
        entity["language"] = raw["type"]["language"]
    elif kind == "textEntityTypeCustomEmoji":
        entity["custom_emoji_id"] = str(raw["type"]["custom_emoji_id"])
    elif kind == "textEntityTypeMentionName":
        mentioned = user(raw["type"]["user_id"])
        if mentioned is None:
            return None  # a link to somebody unknown stays plain text (Bot API, formatting options)
        entity["user"] = mentioned
    return entity


def _check_places(text: str, entities: list[Entity]) -> None:
    """Let td say what is wrong with entities that do not lie within the text, or begin inside a character.

    Raises:
        ApiError: with Telegram's words.
    """
    bold = {"@type": "textEntityTypeBold"}
    placed = [
        {"@type": "textEntity", "offset": entity["offset"], "length": entity["length"], "type": bold}
        for entity in entities
    ]
    formatted = {"@type": "formattedText", "text": text, "entities": placed}
    _execute({"@type": "getMarkdownText", "text": formatted})


def _given(raw: list[Any], text: str, user: Callable[[int], dict[str, Any] | None]) -> list[Entity]:
    """Read the entities that the caller wrote itself; those that are found anyway are left to be found."""
    entities = []
    for item in raw:
        if not isinstance(item, dict):
            raise bad_request("Can't parse MessageEntity: expected an Object")
        name = item.get("type")
        if name is None:
            raise bad_request("Can't parse MessageEntity: Can't find field \"type\"")
        if not isinstance(item.get("offset"), int) or not isinstance(item.get("length"), int):
            raise bad_request('Can\'t parse MessageEntity: Field "offset" must be of type Number')
        if name not in _WRITABLE or item["length"] == 0:
            continue
        entity = {
            key: item[key]
            for key in ("type", "offset", "length", "url", "language", "custom_emoji_id")
            if key in item
        }
        if name == "text_mention":
            mentioned = user(int((item.get("user") or {}).get("id", 0)))
            if mentioned is None:
                continue
            entity["user"] = mentioned
        if name == "text_link" and not entity.get("url"):
            continue
        entities.append(entity)
    if entities:
        _check_places(text, entities)
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Drop carriage returns, blank out control characters and trim, moving the entities along."""
    if _CONTROL.search(text):
        kept = [" " if _CONTROL.match(c) else c for c in text if c != "\r"]
        if "\r" in text:
            gone = _offsets_of(text, "\r")
            entities = [_moved(entity, lambda at: at - sum(1 for g in gone if g < at)) for entity in entities]
        text = "".join(kept)
    lead = len(text) - len(text.lstrip())
    if lead:
        text = text[lead:]
        entities = [_moved(entity, lambda at: max(0, at - lead)) for entity in entities]
    text = text.rstrip()
    end = utf16(text)
    moved = [_moved(entity, lambda at: min(at, end)) for entity in entities]
    return text, [entity for entity in moved if entity["length"] > 0]


def _offsets_of(text: str, wanted: str) -> list[int]:
    at, offsets = 0, []
    for character in text:
        if character == wanted:
            offsets.append(at)
        at += 2 if ord(character) > 0xFFFF else 1
    return offsets


def _moved(entity: Entity, place: Callable[[int], int]) -> Entity:
    start, end = place(entity["offset"]), place(entity["offset"] + entity["length"])
    return {**entity, "offset": start, "length": end - start}


def _with_plain(text: str, entities: list[Entity]) -> list[Entity]:
    """Add the links, mentions, commands and phone numbers that Telegram finds by itself."""
    plain: list[Entity] = []
    if _MAYBE_SOMETHING.search(text):
        raw = _execute({"@type": "getTextEntities", "text": text})["entities"]
        plain += [entity for item in raw if (entity := _entity(item, lambda _id: None)) is not None]
    for match in _PHONE.finditer(text):
        start = utf16(text[: match.start()])
        plain.append({"type": "phone_number", "offset": start, "length": utf16(match.group())})
    if not plain:
        return entities
    solid = [entity for entity in entities if entity["type"] not in _NESTABLE]
    kept: list[Entity] = []
    for entity in plain:
        if not any(_touch(entity, other) for other in (*solid, *kept)):
            kept.append(entity)
    return sorted(entities + kept, key=lambda entity: (entity["offset"], -entity["length"]))


def _touch(one: Entity, other: Entity) -> bool:
    first = one["offset"] < other["offset"] + other["length"]
    return bool(first and other["offset"] < one["offset"] + one["length"])
