"""The bot's face in Telegram: profile texts and command menus, from `dialogues/menu.yml`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from telegram import Bot, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import TelegramError

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
    group: dict[str, dict[str, str]]


def load_menu(path: Path) -> tuple[Menu, str]:
    """Read the menu.

    Returns:
        The menu and a fingerprint of the file.

    Raises:
        pydantic.ValidationError: Something is missing or too long.
    """
    text = path.read_text(encoding="utf-8")
    return Menu.model_validate(YAML(typ="safe").load(text)), hashlib.sha256(text.encode()).hexdigest()[:16]


async def register(bot: Bot, menu: Menu, group_id: int) -> bool:
    """Tell Telegram the profile and the menus; Italian is also what everybody else sees.

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
        if group_id:
            for commands in menu.group.values():
                await bot.set_my_commands(list(commands.items()), scope=BotCommandScopeChat(group_id))
    except TelegramError as error:
        log.warning("menu.refused", error=type(error).__name__)
        return False
    return True


def _codes(language: str) -> tuple[str | None, ...]:
    return (None, language) if language == "it" else (language,)
