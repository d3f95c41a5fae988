"""What the angels noted: "zona: Isola" becomes a fact of the sheet, and nobody asks it again."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.conversation.templates import in_language
from bot.conversation.types import FactHeard, FactId, How
from bot.desk.work import Work
from bot.store.conversations import read_content
from bot.store.models import Author, Case, Message

_FACT_NOTE = re.compile(r"^\s*(?://|/nota\b)?\s*([\w' ]{2,40}?)\s*[:=]\s*(.+)$", re.IGNORECASE | re.DOTALL)


def noted_facts(work: Work, case: Case) -> tuple[FactHeard, ...]:
    """Notes of the form "zona: Isola" as facts; the last one of a fact holds."""
    query = (
        select(Message).where(Message.case_id == case.id, Message.author == Author.NOTE).order_by(Message.id)
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
