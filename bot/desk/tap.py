"""A button that was found genuine, and what every one of them needs: an answer, the owner, the message's own keys."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk import cases
from bot.desk.events import AngelTapped, ForConversation
from bot.desk.work import Work
from bot.store.calls import DeleteMessages, EditKeyboard, Keyboard
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Case, CaseState

Answer = tuple[ForConversation, ...]


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that has been found genuine.

    Attributes:
        event: As it came.
        angel: Who pressed it.
        case: About which case.
        snap: Its conversation, locked.
        argument: What follows the case in the button's data.
    """

    event: AngelTapped
    angel: Angel
    case: Case
    snap: Snapshot
    argument: str


def answer(work: Work, tap: Tap, name: str, **values: object) -> Answer:
    """Answer the tap with one of the staff's texts; nothing else comes of it."""
    work.answer(tap.event.query_id, name, **values)
    return ()


def owned(work: Work, tap: Tap) -> bool:
    """True when the angel has the case; coordinators may act for the owner. Says why when not."""
    case = tap.case
    if case.state == CaseState.CLOSED:
        answer(work, tap, "closed")
    elif case.owner_id is None:
        answer(work, tap, "nobody")
    elif case.owner_id != tap.angel.id and not tap.angel.coordinator:
        owner = cases.owner(work.session, case)
        answer(work, tap, "not_owner", angel=owner.name if owner else "")
    else:
        return True
    return False


def change_keys(work: Work, tap: Tap, keyboard: Keyboard) -> None:
    """Other buttons under the message that was tapped."""
    call = EditKeyboard(
        chat_id=tap.event.chat_id,
        thread_of_case=tap.event.chat_id < 0,
        message_id=tap.event.message_id,
        keyboard=keyboard,
    )
    work.order(tap.case, call, lane=f"card:{tap.case.id}")


def take_away(work: Work, tap: Tap) -> None:
    """The question that was tapped goes: the sign on the message says what became of it, and nothing false stays.

    Deleting costs nothing of the group's minute.
    """
    call = DeleteMessages(
        chat_id=tap.event.chat_id,
        thread_of_case=tap.event.chat_id < 0,
        message_ids=(tap.event.message_id,),
    )
    work.order(tap.case, call, lane=f"hold:{tap.case.id}")
