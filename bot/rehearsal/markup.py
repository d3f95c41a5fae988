"""Keyboards: the four kinds of `reply_markup`, checked as Telegram checks them."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.rehearsal.errors import ApiError, bad_request

MAX_CALLBACK_DATA = 64
"""Bytes of a button's callback_data (Bot API, InlineKeyboardButton)."""
_MAX_BUTTONS = 100
_KINDS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)
_LINK = re.compile(
    r"(?:(?:https?|tg|ton|mailto|tel):(?://)?)?[^\s/:?#]+(?:\.[^\s/:?#]+)*(?::\d+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)

Json = dict[str, Any]


def parse(raw: Any) -> tuple[Json | None, Json | None]:
    """Read a `reply_markup` parameter.

    Returns:
        The InlineKeyboardMarkup that the message carries, and the other kind (custom keyboard, its removal, or
        force reply) that only the person's telephone sees. At most one is not None.

    Raises:
        ApiError: with Telegram's words (telegram-bot-api, Client::get_reply_markup; td, ReplyMarkup).
    """
    if raw is None or raw == "":
        return None, None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise bad_request("Can't parse reply keyboard markup JSON object") from None
        if raw is None:
            return None, None
    if not isinstance(raw, dict):
        raise bad_request("Object expected as reply markup")
    if raw.get("keyboard"):
        return None, _custom_keyboard(raw)
    rows = _inline_rows(raw.get("inline_keyboard") or [])
    if rows:
        return {"inline_keyboard": rows}, None
    for kind in ("remove_keyboard", "force_reply"):
        if raw.get(kind):
            return None, {k: v for k, v in raw.items() if k in (kind, "selective", "input_field_placeholder")}
    return None, None


def _custom_keyboard(raw: Json) -> Json:
    rows = []
    if not isinstance(raw["keyboard"], list):
        raise bad_request('Field "keyboard" must be of type Array')
    for row in raw["keyboard"]:
        if not isinstance(row, list):
            raise bad_request('Field "keyboard" must be an Array of Arrays')
        buttons = [{"text": button} if isinstance(button, str) else button for button in row]
        for button in buttons:
            if not isinstance(button, dict):
                raise bad_request("Can't parse keyboard button: KeyboardButton must be a String or an Object")
            if not button.get("text"):
                raise bad_request("Keyboard button text must be non-empty")
        if buttons:
            rows.append(buttons)
    return {**raw, "keyboard": rows}


def _inline_rows(raw: Any) -> list[list[Json]]:
    if not isinstance(raw, list):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    rows = []
    for row in raw:
        if not isinstance(row, list):
            raise bad_request(
                'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
            )
        buttons = [_inline_button(button) for button in row]
        if buttons:
            rows.append(buttons)
    if sum(map(len, rows)) > _MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _inline_button(raw: Any) -> Json:
    wrong = "Can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "InlineKeyboardButton must be an Object")
    text = raw.get("text")
    if text is None:
        raise bad_request(wrong + 'Can\'t find field "text"')
    if not isinstance(text, str):
        raise bad_request(wrong + 'Field "text" must be of type String')
    kind = next(
        (k for k in _KINDS if k in raw and (raw[k] not in ("", None) or k.startswith("switch_inline_query"))),
        None,
    )
    if kind is None:
        raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")
    if not text.strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    value = raw[kind]
    if kind == "callback_data":
        if not isinstance(value, str):
            raise bad_request(wrong + 'Field "callback_data" must be of type String')
        if len(value.encode("utf-8", "surrogatepass")) > MAX_CALLBACK_DATA:
            raise ApiError(400, "BUTTON_DATA_INVALID")
    elif kind == "url":
        value = _link(value)
    button: Json = {"text": text}
    button.update({name: raw[name] for name in ("icon_custom_emoji_id", "style") if raw.get(name)})
    button[kind] = value
    return button


def _link(value: Any) -> str:
    if not isinstance(value, str) or not _LINK.fullmatch(value) or (":" not in value and "." not in value):
        raise bad_request(f"Inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if "://" not in value and not value.startswith(("mailto:", "tel:")):
        value = f"http://{value}"
    link = str(value)
    scheme, _, rest = link.partition("://")
    if scheme.lower() in ("http", "https"):
        host = re.split(r"[/?#]", rest, maxsplit=1)[0].partition(":")[0]
        if "." not in host:
            raise bad_request(f"Inline keyboard button URL '{link}' is invalid: Wrong HTTP URL")
        if host == rest.partition(":")[0] and not re.search(r"[/?#]", rest):
            link += "/"
    return link
