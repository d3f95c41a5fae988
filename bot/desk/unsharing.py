"""The second consent is taken back: everything of the person goes out of the angels' sight."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.clock import in_rome
from bot.desk import card, cases, roster, topics
from bot.desk.work import Work
from bot.store.conversations import Snapshot
from bot.store.models import Angel, Case, CaseState


def unshare(work: Work, snap: Snapshot, state: State) -> list[int]:
    """Take the person's cases out of the group; an open alarm keeps its own, reduced to the flag.

    Args:
        work: The unit of work.
        snap: The person's conversation, locked.
        state: As it is from now on.

    Returns:
        The cases of which nothing may be left anywhere: what angels were sent about them is to be recalled.
    """
    mine = select(Case).where(Case.person_id == snap.person.id).order_by(Case.id).with_for_update()
    gone = []
    for case in list(work.session.scalars(mine)):
        if case.alarm and case.state != CaseState.CLOSED:
            card.refresh(work, case, state, now=True)
            topics.refresh(work, case, state)
            continue
        owner = cases.owner(work.session, case)
        since = f"{in_rome(case.claimed_at):%H:%M}" if case.claimed_at else ""
        if not topics.hidden(case):
            topics.hide(work, case)
        gone.append(case.id)
        if owner is not None:
            _tell(work, owner, since)
    return gone


def _tell(work: Work, owner: Angel, since: str) -> None:
    """Whoever had the case hears why it is gone; the time they took it tells which, and nothing tells whose."""
    notice = work.texts.notice("unshared", since=since)
    if roster.reachable(work.session, [owner]):
        work.to_angel(owner.user_id, notice)
    else:
        work.in_general(work.texts.notice("unshared_to", angel=owner.name, text=notice))
