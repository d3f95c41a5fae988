"""What the angels noted: "zona: Isola" becomes a fact of the sheet, and nobody asks it again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, literal, select

from bot.conversation import State
from bot.conversation.sheet import hear
from bot.conversation.templates import in_language
from bot.conversation.types import FactHeard, FactId, How
from bot.desk.work import Work
from bot.store.conversations import read_content
from bot.store.models import Audit, Author, Case, Message

_FACT_NOTE = re.compile(r"^\s*(?://|/nota\b)?\s*([\w' ]{2,40}?)\s*[:=]\s*(.+)$", re.IGNORECASE | re.DOTALL)


EVER = datetime(1970, 1, 1, tzinfo=UTC)
_IS_NOTE = Message.author == literal(Author.NOTE.value, literal_execute=True)
"""Spelled out in the statement: only so the index of the notes is used (https://www.sqlite.org/partialindex.html)."""
HANDED_BACK = ("given_back", "released", "lapsed", "requeued", "closed")
"""What the audit calls the moments at which notes have become facts: later the person's own word is newer than they."""


def with_noted(work: Work, case: Case, state: State) -> State:
    """What is known, the angels' newest notes included: the card shows them at once, the bot learns of them later."""
    facts = noted_facts(work, case)
    if not facts or not state.listening:
        return state
    sheet = hear(state.notes, facts, 0, work.library.rules, correcting=True).sheet
    return replace(state, notes=sheet)


def noted_facts(work: Work, case: Case) -> tuple[FactHeard, ...]:
    """Notes of the form "zona: Isola" as facts, those written since the bot was last told; the last one holds."""
    told = select(func.max(Audit.at)).where(Audit.case_id == case.id, Audit.action.in_(HANDED_BACK))
    query = (
        select(Message)
        .where(Message.case_id == case.id, _IS_NOTE)
        .where(Message.at > func.coalesce(told.scalar_subquery(), EVER))
        .order_by(Message.id)
    )
    found: dict[tuple[FactId, str], FactHeard] = {}
    for message in work.session.scalars(query):
        fact = noted_fact(work, read_content(message).text)
        if fact is not None:
            found[fact.fact, fact.value] = fact
    return tuple(found.values())


def noted_fact(work: Work, text: str) -> FactHeard | None:
    """The fact that a note states, if it names one of the sheet's and a value that it may have."""
    match = _FACT_NOTE.match(text)
    if match is None:
        return None
    name, words = match[1].strip().casefold(), match[2].strip()
    book = work.library.book.facts
    for fact, definition in book.items():
        if name not in (
            fact.value,
            fact.value.replace("_", " "),
            in_language(definition.label, "it").casefold(),
        ):
            continue
        if not definition.values:
            return FactHeard(fact, words[:200], words[:200], how=How.SAID)
        for value, label in definition.values.items():
            if words.casefold() in (
                value,
                value.replace("_", " "),
                in_language(label.label, "it").casefold(),
            ):
                return FactHeard(fact, value, words[:200], how=How.SAID)
    return None
