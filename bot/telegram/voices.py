"""Voice messages: fetched from Telegram into memory, listened to, thrown away; the speaker sees that it happens.

The sound is never written to disk and never logged. Telegram lets bots fetch files of up to 20 MB
(https://core.telegram.org/bots/api#getfile); a longer one, like one that cannot be heard in time, has no words here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.telegram import metrics
from bot.telegram.updates import Mask, MaskedText
from bot.understanding.port import Ears

log = structlog.get_logger()

ACTION_EVERY_S = 4.0
"""The status "is set for 5 seconds or less" (https://core.telegram.org/bots/api#sendchataction)."""

AGAIN_S = 1.0
"""Pause before Telegram is asked again for a file."""

IN_MEMORY = 4
"""Most voice messages that are held in memory at once; the others wait on Telegram."""

LONG_AFTER_S = 6.0
"""Seconds after which the speaker is told in words that their message is being listened to."""


class Voices:
    """Turns a voice message into words.

    Args:
        bot: Fetches the file and shows the status.
        ears: Listens.
        mask: Hides what must never be stored.
        seconds: How long one message may take, all in all.
    """

    def __init__(self, bot: Bot, ears: Ears, mask: Mask, seconds: float) -> None:
        self._bot = bot
        self._ears = ears
        self._mask = mask
        self._seconds = seconds
        self._room = asyncio.Semaphore(IN_MEMORY)
        self.waiting = 0
        """Voice messages that are being fetched or listened to."""

    async def words(
        self,
        chat_id: int,
        file_id: str,
        languages: tuple[str, ...],
        *,
        quietly: bool,
        takes_long: Callable[[], Awaitable[None]],
    ) -> MaskedText | None:
        """The words of one voice message, masked.

        Args:
            chat_id: Whose chat shows the status.
            file_id: The recording.
            languages: ISO 639-1 codes it may be in, the person's own first.
            quietly: Show nothing: somebody else is talking to the person.
            takes_long: Told once, when it takes a while.

        Returns:
            None when it could not be heard: too large, too long, not in time, not clear, or nobody listens.
        """
        shown: list[asyncio.Task[None]] = []
        heard = ""
        self.waiting += 1
        try:
            if not quietly:
                shown = [asyncio.create_task(self._typing(chat_id)), asyncio.create_task(_later(takes_long))]
            async with asyncio.timeout(self._seconds), self._room:
                audio = await self._fetch(file_id)
                transcript = await self._ears.listen(audio, languages, self._seconds) if audio else None
                heard = transcript.text.strip() if transcript is not None else ""
        except TimeoutError:
            pass
        finally:
            self.waiting -= 1
            for sign in shown:
                sign.cancel()
            await asyncio.gather(*shown, return_exceptions=True)
        metrics.VOICES.labels(heard=str(bool(heard)).lower()).inc()
        return self._mask(heard) if heard else None

    async def _fetch(self, file_id: str) -> bytes:
        """The sound; Telegram away is tried again for as long as there is time."""
        while True:
            try:
                file = await self._bot.get_file(file_id)
                return bytes(await file.download_as_bytearray())
            except (BadRequest, Forbidden, InvalidToken) as error:  # too large, or gone
                log.warning("voice.fetch", error=type(error).__name__)
                return b""
            except TelegramError as error:
                log.warning("voice.fetch", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _typing(self, chat_id: int) -> None:
        while True:
            with contextlib.suppress(TelegramError):
                await self._bot.send_chat_action(chat_id, ChatAction.TYPING)
            await asyncio.sleep(ACTION_EVERY_S)


async def _later(takes_long: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(LONG_AFTER_S)
    notice = asyncio.ensure_future(takes_long())
    try:
        await asyncio.shield(notice)
    except asyncio.CancelledError:
        # Once begun it is brought to its end, so that the answer knows of it.
        await asyncio.gather(notice, return_exceptions=True)
        raise
    except Exception as error:  # a courtesy that fails takes nothing with it
        log.warning("voice.notice", error=type(error).__name__)
