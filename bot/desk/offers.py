"""Claim buttons outside the card, in General and in private: once somebody has the case they say who."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import or_, select

from bot.desk.work import Work, key_of
from bot.store.calls import EditKeyboard
from bot.store.models import Angel, Case, OutboxRow, SendState
from bot.store.outbox import Purpose

REMEMBERED = timedelta(days=2)
"""How far back buttons are looked for: Telegram lets bots edit their messages for longer, but nobody scrolls there."""


def key(case: Case) -> str:
    """The key of a message that offers a case: it is found again by it."""
    return f"offer:{case.id}:{uuid.uuid4().hex[:12]}"


def taken(work: Work, case: Case, angel: Angel) -> None:
    """Whatever offers the case says who has it; what has not left yet need not."""
    offered = select(OutboxRow).where(
        OutboxRow.case_id == case.id,
        or_(OutboxRow.key.startswith(f"offer:{case.id}:"), OutboxRow.purpose == Purpose.ALERT),
        OutboxRow.created_at > work.now - REMEMBERED,
    )
    who = key_of(work.texts.button("who", angel=angel.name), "who", case.id)
    for row in list(work.session.scalars(offered)):
        if row.state == SendState.QUEUED and row.purpose != Purpose.ALERT:
            row.state, row.call, row.finished_at = SendState.WITHHELD, None, work.now
        for number in row.result_ids or ():
            call = EditKeyboard(chat_id=row.chat_id, message_id=number, keyboard=((who,), *work.link(case)))
            work.order(case, call, lane=f"offer:{case.id}")
