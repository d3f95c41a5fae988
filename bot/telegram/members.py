"""Who is who in the angels' group, as Telegram says."""

from __future__ import annotations

import asyncio

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.desk.events import BotStanding, MemberChanged, Who
from bot.telegram.updates import member_event

log = structlog.get_logger()

ASK_SECONDS = 5.0


class TelegramMembers:
    """Asks getChatMember (https://core.telegram.org/bots/api#getchatmember); the answer is kept by the desk."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def standing(self, group_id: int, user_id: int) -> MemberChanged | None:
        """A person's standing in the group; None when Telegram cannot say just now."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return member_event(group_id, await self._bot.get_chat_member(group_id, user_id))
        except BadRequest:
            return MemberChanged(Who(user_id, ""), group_id, member=False, coordinator=False)
        except (TelegramError, TimeoutError) as error:
            log.warning("members.unknown", error=type(error).__name__)
            return None

    async def roll(self, group_id: int) -> tuple[list[MemberChanged], BotStanding | None]:
        """The group's human administrators, and the bot's own standing; empty when Telegram cannot say."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                members = await self._bot.get_chat_administrators(group_id)
                chat = await self._bot.get_chat(group_id)
        except (TelegramError, TimeoutError) as error:
            log.warning("members.no_roll", error=type(error).__name__)
            return [], None
        humans = [member_event(group_id, m) for m in members if not m.user.is_bot]
        if chat.type != "supergroup":
            return (
                humans,
                None,
            )  # it has migrated, which another update tells, or never had topics, which its use will
        own = next((m for m in members if m.user.id == self._bot.id), None)
        rights = {name: bool(getattr(own, name, False)) for name in _RIGHTS}
        standing = BotStanding(
            group_id, own.status if own else "member", is_forum=bool(chat.is_forum), **rights
        )
        return humans, standing


_RIGHTS = ("can_manage_topics", "can_delete_messages", "can_pin_messages")
