"""What the bot registers about itself: commands, name, descriptions, menu button."""

from __future__ import annotations

import re
from typing import Any

from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import method
from bot.rehearsal.sending import chat_of
from bot.rehearsal.world import Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def _scope(local: LocalTelegram, args: Args) -> str:
    """Read `scope` into a key (Client::get_bot_command_scope)."""
    raw = args.parsed("scope", "BotCommandScope")
    if raw is None:
        return "default"
    if not isinstance(raw, dict):
        raise bad_request("BotCommandScope must be an Object")
    kind = raw.get("type")
    if kind is None:
        raise bad_request('Can\'t find field "type"')
    if kind in _PLAIN_SCOPES:
        return str(kind)
    if kind not in _CHAT_SCOPES:
        raise bad_request("Unsupported type specified")
    if raw.get("chat_id") in (None, ""):
        raise bad_request("Empty chat_id specified")
    chat = chat_of(local, Args({"chat_id": raw["chat_id"]}), access="read")
    if kind != "chat_member":
        if kind == "chat_administrators" and chat.is_private:
            raise bad_request("can't use specified scope in private chats")
        return f"{kind}:{chat.id}"
    user_id = raw.get("user_id")
    if not isinstance(user_id, int) or user_id <= 0:
        raise bad_request("Invalid user_id specified")
    if user_id not in local.world.users:
        raise bad_request("user not found")
    return f"{kind}:{chat.id}:{user_id}"


def _language(args: Args) -> str:
    language = args.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("Invalid language code specified")
    return language


def _command(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise bad_request("Can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in raw:
            raise bad_request(f"Can't parse BotCommand: Can't find field \"{name}\"")
    command = str(raw["command"]).removeprefix("/")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    told = str(raw["description"]).strip()
    if not 1 <= len(told) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": told}


@method("setMyCommands")
def set_my_commands(local: LocalTelegram, args: Args) -> bool:
    """Set the list of commands for a scope and language."""
    raw = args.parsed("commands", "commands")
    if raw is None:
        raw = []
    if not isinstance(raw, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(raw) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(item) for item in raw]
    key = (_scope(local, args), _language(args))
    if commands:
        local.profile.commands[key] = commands
    else:
        local.profile.commands.pop(key, None)
    return True


@method("getMyCommands")
def get_my_commands(local: LocalTelegram, args: Args) -> list[Json]:
    """Return the commands set for exactly this scope and language."""
    return local.profile.commands.get((_scope(local, args), _language(args)), [])


@method("deleteMyCommands")
def delete_my_commands(local: LocalTelegram, args: Args) -> bool:
    """Forget the commands of a scope and language."""
    local.profile.commands.pop((_scope(local, args), _language(args)), None)
    return True


def _register(noun: str, field: str, attribute: str, most: int) -> None:
    def set_text(local: LocalTelegram, args: Args) -> bool:
        """Set a text of the profile for a language."""
        text = args.text(field).strip()
        if len(text) > most:
            raise bad_request(f"{noun} is too long")
        texts: dict[str, str] = getattr(local.profile, attribute)
        language = _language(args)
        if text:
            texts[language] = text
        else:
            texts.pop(language, None)
        return True

    def get_text(local: LocalTelegram, args: Args) -> Json:
        """Return a text of the profile, the general one where the language has none."""
        texts: dict[str, str] = getattr(local.profile, attribute)
        default = local.bot.first_name if field == "name" else ""
        return {field: texts.get(_language(args), texts.get("", default))}

    method(f"setMy{noun}")(set_text)
    method(f"getMy{noun}")(get_text)


_register("Name", "name", "names", 64)
_register("Description", "description", "descriptions", 512)
_register("ShortDescription", "short_description", "short_descriptions", 120)


def _menu_chat(local: LocalTelegram, args: Args) -> int:
    if not args.has("chat_id"):
        return 0
    chat = chat_of(local, args, access="read")
    if not chat.is_private:
        raise bad_request("Menu button can be set only for private chats")
    return chat.id


@method("setChatMenuButton")
def set_chat_menu_button(local: LocalTelegram, args: Args) -> bool:
    """Set the button beside the text field, for one person or by default."""
    raw = args.parsed("menu_button", "menu button") or {"type": "default"}
    if not isinstance(raw, dict):
        raise bad_request("MenuButton must be an Object")
    kind = raw.get("type")
    if kind not in ("default", "commands", "web_app"):
        raise bad_request("MenuButton has unsupported type")
    if kind == "web_app" and not (
        raw.get("text") and isinstance(raw.get("web_app"), dict) and raw["web_app"].get("url")
    ):
        raise bad_request('Can\'t find field "web_app"' if raw.get("text") else 'Can\'t find field "text"')
    kept = (
        {name: raw[name] for name in ("type", "text", "web_app") if name in raw}
        if kind == "web_app"
        else {"type": kind}
    )
    local.profile.menu_buttons[_menu_chat(local, args)] = kept
    return True


@method("getChatMenuButton")
def get_chat_menu_button(local: LocalTelegram, args: Args) -> Json:
    """Return the button beside the text field."""
    buttons = local.profile.menu_buttons
    return buttons.get(
        _menu_chat(local, args), buttons.get(0, {"type": "commands" if local.profile.commands else "default"})
    )
