"""The bot's face in Telegram: profile texts and command menus, from `dialogues/menu.yml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from telegram import Bot, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.desk import MenuOf

log = structlog.get_logger()


class Profile(BaseModel):
    """Profile texts in one language; lengths are Telegram's (https://core.telegram.org/bots/api#setmyname ff.)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=64)
    short_description: str = Field(max_length=120)
    description: str = Field(max_length=512)


class Menu(BaseModel):
    """What `dialogues/menu.yml` holds: by language, and for commands by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: dict[str, Profile]
    private: dict[str, dict[str, str]]
    angels: dict[str, str]
    group: dict[str, str]


def load_menu(path: Path) -> tuple[Menu, str]:
    """Read the menu.

    Returns:
        The menu and a fingerprint of the file.

    Raises:
        pydantic.ValidationError: Something is missing or too long.
    """
    text = path.read_text(encoding="utf-8")
    return Menu.model_validate(YAML(typ="safe").load(text)), hashlib.sha256(text.encode()).hexdigest()[:16]


async def register(bot: Bot, menu: Menu) -> bool:
    """Tell Telegram the profile and what everybody's menu holds; Italian is also what all others see.

    Returns:
        False when Telegram refused something (it is tried again at the next start).
    """
    try:
        for language, profile in menu.profile.items():
            for code in _codes(language):
                await bot.set_my_name(profile.name, language_code=code)
                await bot.set_my_short_description(profile.short_description, language_code=code)
                await bot.set_my_description(profile.description.strip(), language_code=code)
        for language, commands in menu.private.items():
            for code in _codes(language):
                scope = BotCommandScopeAllPrivateChats()
                await bot.set_my_commands(list(commands.items()), scope=scope, language_code=code)
    except TelegramError as error:
        log.warning("menu.refused", error=type(error).__name__)
        return False
    return True


async def renew(
    bot: Bot, menu: Menu, digest: str, shown: Mapping[str, str], wanted: Mapping[int, MenuOf]
) -> dict[str, str]:
    """Bring the menus of single chats up to date: the group's, also after a migration, and each angel's in private.

    Args:
        bot: The initialised bot.
        menu: What staff wrote.
        digest: Its fingerprint.
        shown: What was shown before, by chat: which menu, and of which file.
        wanted: Which menu each chat should show now; whoever is in `shown` alone is an angel no more.

    Returns:
        What is shown now, "" where the common menu is. What Telegram refused counts as shown, until something changes.
    """
    commands = {MenuOf.GROUP: menu.group, MenuOf.ANGEL: menu.angels}
    found = dict(shown)
    for chat_id in sorted({int(chat) for chat in shown} | wanted.keys()):
        kind = wanted.get(chat_id)
        sign = f"{kind}:{digest}" if kind else ""
        if found.get(str(chat_id), "") == sign:
            continue
        scope = BotCommandScopeChat(chat_id)
        try:
            if kind is None:
                await bot.delete_my_commands(scope=scope)
            else:
                await bot.set_my_commands(list(commands[kind].items()), scope=scope)
        except (BadRequest, Forbidden) as error:
            log.warning("menu.refused", error=type(error).__name__, menu=str(kind))
        except TelegramError as error:
            log.warning("menu.later", error=type(error).__name__)
            continue
        found[str(chat_id)] = sign
    return found


def _codes(language: str) -> tuple[str | None, ...]:
    return (None, language) if language == "it" else (language,)
