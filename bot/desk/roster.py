"""Who is who on the angels' side: members, coordinators, who is on duty, who is on call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.desk.events import Who
from bot.store.models import Angel, Case, Person


class _CanStart(Protocol):
    @property
    def user_id(self) -> int: ...

    @property
    def started(self) -> bool: ...


T = TypeVar("T", bound=_CanStart)

# Asked in every turn: building a statement costs more than running it.
_FIND = select(Angel).where(Angel.user_id == bindparam("user"))
_MEMBERS = select(Angel).where(Angel.member.is_(True)).order_by(Angel.id)
_BELONGS = select(Angel.id).where(Angel.user_id == bindparam("user"), Angel.member.is_(True))


class Presence(NamedTuple):
    """What tells whether a member is there; no name is opened for it."""

    user_id: int
    started: bool
    on_duty: bool
    on_call: bool
    duty_changed_at: datetime | None


_PRESENT = select(*(getattr(Angel, name) for name in Presence._fields)).where(Angel.member.is_(True))


def find(session: Session, user_id: int) -> Angel | None:
    """The angel with this Telegram id, member or not."""
    return session.scalar(_FIND, {"user": user_id})


def belongs(session: Session, user_id: int) -> bool:
    """True for a known, current member of the group."""
    return session.scalar(_BELONGS, {"user": user_id}) is not None


def presences(session: Session) -> list[Presence]:
    """Everybody who belongs to the group, as far as it tells who is there."""
    return [Presence(*row) for row in session.execute(_PRESENT)]


def member(session: Session, who: Who) -> Angel | None:
    """The angel who did something, if they belong to the group; bots and anonymous writers never do."""
    if who.is_bot or who.anonymous:
        return None
    angel = find(session, who.user_id)
    if angel is None or not angel.member:
        return None
    _refresh(angel, who)
    return angel


def _refresh(angel: Angel, who: Who) -> None:
    if who.name and angel.name != who.name:
        angel.name = who.name
    if who.username and angel.username != who.username.lower():
        angel.username = who.username.lower()


def book(session: Session, who: Who, *, is_member: bool, coordinator: bool) -> Angel:
    """Write down somebody's standing in the group."""
    angel = find(session, who.user_id)
    if angel is None:
        angel = Angel(user_id=who.user_id, name=who.name)
        session.add(angel)
    _refresh(angel, who)
    angel.member, angel.coordinator = is_member, is_member and coordinator
    session.flush()
    return angel


def members(session: Session) -> list[Angel]:
    """Everybody who belongs to the group."""
    return list(session.scalars(_MEMBERS))


def others(session: Session, case: Case) -> list[Angel]:
    """To whom a case may be passed, those on duty first; whoever has never acted has no name to be shown by."""
    found = [a for a in members(session) if a.id != case.owner_id and a.name]
    return sorted(found, key=lambda a: not a.on_duty)


def coordinators(session: Session) -> list[Angel]:
    """The group's administrators who can be written to."""
    return reachable(session, (a for a in members(session) if a.coordinator))


def on_call(session: Session) -> list[Angel]:
    """The alarm rota: those of it who belong to the group and can be written to."""
    return reachable(session, (a for a in members(session) if a.on_call))


def reachable(session: Session, angels: Iterable[T]) -> list[T]:
    """Those who have pressed start on the bot in private, on whichever side they did so."""
    candidates = list(angels)
    ids = [a.user_id for a in candidates if not a.started]
    query = select(Person.user_id).where(Person.user_id.in_(ids), Person.blocked_at.is_(None))
    known = set(session.scalars(query)) if ids else set()
    return [a for a in candidates if a.started or a.user_id in known]


class MenuOf(StrEnum):
    """Which commands a chat's menu shows."""

    GROUP = "group"
    ANGEL = "angel"


def menus(session: Session, group_id: int) -> dict[int, MenuOf]:
    """The chats that have a menu of their own: the group, and every angel who wrote to the bot in private."""
    found = {angel.user_id: MenuOf.ANGEL for angel in reachable(session, members(session))}
    return {group_id: MenuOf.GROUP, **found} if group_id else found


def by_username(session: Session, username: str) -> Angel | None:
    """The angel with this @name; names are sealed, so the few rows are looked through."""
    return next((a for a in members(session) if a.username == username), None)


def signed(angel: Angel) -> str:
    """How the angel signs to shopkeepers."""
    return "SPIN" if angel.signature == "spin" else angel.name
