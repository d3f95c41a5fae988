"""What happens on the angels' side, and what the desk answers to the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.conversation.types import Event
from bot.store.content import Content


@dataclass(frozen=True, slots=True)
class Who:
    """Who did it, as Telegram says. `anonymous`: an administrator who writes as the group."""

    user_id: int
    name: str
    is_bot: bool = False
    anonymous: bool = False
    username: str = ""


@dataclass(frozen=True, slots=True)
class AngelWrote:
    """A message in the angels' group. `thread_id` None is General; `reply_to` is a message_id of the group.

    `mentions`: user ids and lower-case usernames (without @) mentioned in it; `forwarded`: it was forwarded
    from elsewhere; `sent_as`: `sender_chat` id when it was written in the name of a chat.
    """

    who: Who
    group_id: int
    thread_id: int | None
    message_id: int
    content: Content
    reply_to: int | None = None
    mentions: tuple[int | str, ...] = ()
    forwarded: bool = False
    sent_as: int | None = None


@dataclass(frozen=True, slots=True)
class AngelRewrote:
    """An edit in the group, text or caption."""

    who: Who
    group_id: int
    thread_id: int | None
    message_id: int
    content: Content
    mentions: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class AngelReacted:
    """A reaction in the group; "" when it was taken away."""

    who: Who
    group_id: int
    message_id: int
    emoji: str


@dataclass(frozen=True, slots=True)
class AngelTapped:
    """A button of the desk (`data` begins with `d:`), in the group or in an angel's private chat."""

    who: Who
    chat_id: int
    thread_id: int | None
    message_id: int
    query_id: str
    data: str


@dataclass(frozen=True, slots=True)
class AngelOrdered:
    """A command (without slash) in the group or, for a known angel, in private; `addressee`: the bot it names, if any."""

    who: Who
    chat_id: int
    thread_id: int | None
    message_id: int
    command: str
    argument: str = ""
    reply_to: int | None = None
    private: bool = False
    addressee: str = ""


@dataclass(frozen=True, slots=True)
class TopicChanged:
    """A forum service message: `change` is `created edited closed reopened`; of the bot's own only `created`."""

    who: Who
    group_id: int
    thread_id: int
    change: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class GroupMigrated:
    """The group became a supergroup with another id."""

    old_id: int
    new_id: int


@dataclass(frozen=True, slots=True)
class BotStanding:
    """The bot's own membership changed: `status` as Telegram's ChatMember, rights it holds."""

    group_id: int
    status: str
    can_manage_topics: bool
    can_delete_messages: bool
    can_pin_messages: bool
    is_forum: bool


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Somebody joined or left the group, or became (or ceased to be) an administrator."""

    who: Who
    group_id: int
    member: bool
    coordinator: bool


DeskEvent: TypeAlias = (
    AngelWrote
    | AngelRewrote
    | AngelReacted
    | AngelTapped
    | AngelOrdered
    | TopicChanged
    | GroupMigrated
    | BotStanding
    | MemberChanged
)


@dataclass(frozen=True, slots=True)
class ForConversation:
    """What the desk asks the turn to pass on to a conversation, in the same transaction."""

    conversation_id: int
    event: Event


# --- The answer of Telegram to a call, as delivery books it --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram answered; `ids` are message_ids, `thread_id` a new topic's number."""

    ids: tuple[int, ...] = ()
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The request left and what became of it is not known: it may or may not have arrived.

    Attributes:
        why: `silence`: no answer came in time, or the line was cut; `server`: Telegram answered with a fault of its own;
            `stopped`: this program stopped, or stumbled, while it was sending.
    """

    why: str = "silence"


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram refused for good. `code` is HTTP's, `description` Telegram's, `new_chat_id` after a migration."""

    code: int
    description: str
    new_chat_id: int | None = None


Answer: TypeAlias = Sent | Lost | Refused
