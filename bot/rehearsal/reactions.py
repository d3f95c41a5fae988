"""The emoji that Telegram lets be a reaction (Bot API, ReactionTypeEmoji)."""

from __future__ import annotations

from typing import Any

from bot.rehearsal.errors import bad_request
from bot.rehearsal.world import Json

EMOJI = frozenset(
    [
        "❤",
        "👍",
        "👎",
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


def emoji_reaction(emoji: str) -> Json:
    """Return a ReactionTypeEmoji.

    Raises:
        ApiError: REACTION_INVALID for an emoji that is none of them.
    """
    plain = emoji.replace("\ufe0f", "")
    if plain not in EMOJI:
        raise bad_request("REACTION_INVALID")
    return {"type": "emoji", "emoji": plain}


def read_reactions(raw: Any) -> list[Json]:
    """Read the `reaction` parameter (telegram-bot-api, Client::get_reaction_types)."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("Expected an Array of ReactionType")
    reactions = []
    for item in raw:
        wrong = "Can't parse ReactionType: "
        if not isinstance(item, dict):
            raise bad_request(wrong + "expected an Object")
        if item.get("type") != "emoji":
            raise bad_request(
                "REACTION_INVALID"
                if item.get("type") in ("custom_emoji", "paid")
                else wrong + "invalid reaction type specified"
            )
        reactions.append(emoji_reaction(str(item.get("emoji", ""))))
    return reactions
