"""What an update says: read, listened to where it is a voice message, understood.

Everything here happens outside the transaction, however long it takes: until the turn commits, the update waits in the inbox.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.conversation import Library, State
from bot.conversation.aloud import still_listening
from bot.conversation.types import Moment, Understood
from bot.desk import Desk
from bot.desk.events import AngelOrdered, MemberChanged, Who
from bot.effects import Carrying
from bot.store import conversations
from bot.store.content import Content
from bot.store.conversations import Glimpse
from bot.store.database import Database
from bot.store.inbox import Waiting
from bot.store.models import InboxRow
from bot.store.outbox import Due, ordered
from bot.telegram import metrics
from bot.telegram.clock import Clock
from bot.telegram.updates import Inbound, PrivateWrote, read, with_words
from bot.telegram.voices import Voices
from bot.understanding.port import Understanding, Utterance

STALE_AFTER = timedelta(minutes=2)
"""After an outage, who wrote several times gets one answer to it all, not a question for each."""

ANGEL_COMMANDS = frozenset({"start", "turno", "miei", "aiuto", "prova", "reperibili", "firma", "annulla"})


class Members(Protocol):
    """Asks Telegram who somebody is in the angels' group."""

    async def standing(self, group_id: int, user_id: int) -> MemberChanged | None:
        """The person's standing, or None when Telegram cannot say."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read before understanding: detached rows and the state as it was then."""

    rows: tuple[Waiting, ...]
    quiet_at: datetime | None
    known: Glimpse | None
    held: tuple[InboxRow, ...]
    claimed: bool
    angel: bool
    flood: bool
    more: bool

    @property
    def state(self) -> State | None:
        """Where the conversation stood."""
        return self.known.state if self.known else None

    @property
    def barred(self) -> bool:
        """The person is on the block list."""
        return self.known is not None and self.known.barred


@dataclass(frozen=True, slots=True)
class HeardAll:
    """What came in, with what it says: one `Understood` per private message, None for everything else."""

    inbound: tuple[Inbound, ...]
    said: tuple[Understood | None, ...]
    held: tuple[tuple[PrivateWrote, Understood | None], ...]
    newcomer: MemberChanged | None
    behind: bool = False


class Ears:
    """Turns what waits in the inbox into what it says.

    Args:
        database: The store.
        library: The newest good scripts.
        understanding: What a message says.
        desk: The angels' side.
        members: Who is who in the group.
        clock: The house's time.
        nudge: Tells delivery that something was queued.
        bot_id: The bot's own user id.
        carrying: Says the one line that asks somebody who spoke to wait.
        voices: Turns voice messages into words; None = nobody listens to them here.
    """

    def __init__(
        self,
        database: Database,
        library: Callable[[], Library],
        understanding: Understanding,
        desk: Desk,
        members: Members,
        clock: Clock,
        nudge: Callable[[Sequence[Due]], None],
        bot_id: int,
        carrying: Carrying,
        voices: Voices | None,
    ) -> None:
        self._database = database
        self._library = library
        self._understanding = understanding
        self._desk = desk
        self._members = members
        self._clock = clock
        self._nudge = nudge
        self._bot_id = bot_id
        self._carrying = carrying
        self._voices = voices

    async def hear(self, seen: Seen) -> HeardAll:
        """Read, listen to and understand one update or burst, and what had waited for the first consent."""
        inbound = tuple([await self._listened(row, self._inbound(row, seen), seen) for row in seen.rows])
        asked = seen.state.asked if seen.state else ""
        language = seen.state.language if seen.state else ""
        said = [await self._understand(item, asked, language) for item in inbound]
        held = [read(row.body, self._bot_id) for row in seen.held if row.body]
        last = {item.message_id: item for item in held if isinstance(item, PrivateWrote)}
        heard = [(item, await self._understand(item, "apertura", language)) for item in last.values()]
        newcomer = await self._newcomer(inbound[0], seen)
        if newcomer is not None and isinstance(inbound[0], PrivateWrote):
            inbound = (self._inbound(seen.rows[0], replace(seen, angel=True)),)
        behind = seen.flood or (seen.more and self._stale(inbound[-1]))
        return HeardAll(inbound, tuple(said), tuple(heard), newcomer, behind)

    def _stale(self, item: Inbound) -> bool:
        """Written so long ago that its answer can wait for what the person wrote after it."""
        at = item.at if isinstance(item, PrivateWrote) else None
        return at is not None and self._clock.now() - at > STALE_AFTER

    async def _listened(self, row: Waiting, item: Inbound, seen: Seen) -> Inbound:
        """A voice message with its words, where somebody listens and could make them out.

        Outside every transaction, however long it takes: until the turn commits, the message waits in the inbox.
        """
        if self._voices is None or seen.barred or not isinstance(item, PrivateWrote):
            return item
        if item.content.kind != "voice" or item.edited or not item.content.file_id:
            return item
        library = self._library()
        own = seen.state.language if seen.state else item.language_code.split("-")[0].lower()
        languages = tuple(sorted(library.languages, key=lambda code: code != own))

        async def takes_long() -> None:
            await self._database.run(lambda session: self._say_listening(session, row))
            self._nudge(())

        words = await self._voices.words(
            item.chat_id, item.content.file_id, languages, quietly=seen.claimed, takes_long=takes_long
        )
        return with_words(item, words) if words is not None else item

    def _say_listening(self, session: Session, row: Waiting) -> None:
        snap, now = conversations.snapshot(session, row.chat_id), self._clock.now()
        if snap is None or ordered(session, listening_key(row)):
            return
        seed = zlib.crc32(listening_key(row).encode())
        notice = still_listening(self._library(), snap.state, Moment(at=now, seed=seed))
        if notice is not None:
            self._carrying.say(
                session, snap, snap.state, snap.conversation.need, notice, now, key=listening_key(row)
            )

    def _inbound(self, row: Waiting, seen: Seen) -> Inbound:
        item = read(row.body or "", self._bot_id)
        if not isinstance(item, PrivateWrote) or not seen.angel or item.edited:
            return item
        if item.command and item.command not in ANGEL_COMMANDS:
            return item
        who = Who(item.user_id, item.first_name)
        argument = item.argument if item.command else item.content.text
        return AngelOrdered(
            who, item.chat_id, None, item.message_id, item.command, argument, item.reply_to, private=True
        )

    async def _understand(self, item: Inbound, asked: str, language: str) -> Understood | None:
        if not isinstance(item, PrivateWrote) or item.command or not words_of(item.content):
            return None
        with metrics.UNDERSTANDING.time():
            return await self._understanding.understand(
                Utterance(words_of(item.content), asked, language, own_number=asked == "contatto")
            )

    async def _newcomer(self, item: Inbound, seen: Seen) -> MemberChanged | None:
        """Somebody who acts in the group, or starts the bot, for the first time: Telegram says who belongs to it."""
        who = getattr(item, "who", None)
        starts = isinstance(item, PrivateWrote) and item.command == "start" and seen.state is None
        if isinstance(item, PrivateWrote):
            who = Who(item.user_id, item.first_name) if starts else None
        if who is None or who.is_bot or isinstance(item, MemberChanged):
            return None
        group = await self._database.run(lambda session: self._asked_of(session, who))
        if not group:
            return None
        standing = await self._members.standing(group, who.user_id)
        # A shopkeeper is nobody in the group, and the desk has no business knowing that they exist.
        return None if starts and standing is not None and not standing.member else standing

    def _asked_of(self, session: Session, who: Who) -> int:
        """The group that somebody unknown may belong to; 0 when there is none, or nothing is to be asked."""
        return 0 if self._desk.known(session, who.user_id) else self._desk.group_id(session)


def words_of(content: Content) -> str:
    """What a message says: its text or caption, and what is said aloud in it."""
    return "\n".join(part for part in (content.text, content.transcript) if part)


def is_voice(item: Inbound) -> bool:
    """A voice message, which may have been asked to wait."""
    return isinstance(item, PrivateWrote) and item.content.kind == "voice"


def listening_key(row: Waiting) -> str:
    """The key of the one line that says that a voice message is being listened to."""
    return f"listening:{row.bot_id}:{row.update_id}"
