"""What the shops ask for, in numbers: nobody named, no words, no accused third parties.

A group of fewer than `SMALLEST` people is not told by itself (it could point at somebody): it is joined with the
other small ones of the same fact, and when even these are too few they are left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversation import Library
from bot.conversation.templates import in_language
from bot.conversation.types import NON_DETTO, FactId
from bot.store.models import Case, CaseState, Conversation, Person, SourceCount, StoredFact

SMALLEST = 5
"""Fewest people of a group that is told by itself."""

COUNTED = (
    FactId.BISOGNO,
    FactId.ATTIVITA,
    FactId.ZONA,
    FactId.PERSONE,
    FactId.PRESENZA_OGGI,
    FactId.OSTACOLI,
    FactId.URGENZA,
    FactId.ESPERIENZE_PASSATE,
    FactId.COME_STA,
    FactId.LINGUA,
)
"""Facts with values from a list, or a place: never a name, a story or a number to call."""

OTHERS = "altri (gruppi piccoli)"


@dataclass(frozen=True, slots=True)
class Line:
    """One count.

    Attributes:
        what: What is counted, in Italian.
        value: Which one.
        people: How many people (or cases, or starts).
    """

    what: str
    value: str
    people: int


def _grouped(what: str, counts: dict[str, int]) -> list[Line]:
    """Largest first; the small ones together, or not at all."""
    large = {value: n for value, n in counts.items() if n >= SMALLEST}
    rest = sum(n for n in counts.values() if n < SMALLEST)
    lines = [Line(what, value, n) for value, n in sorted(large.items(), key=lambda item: (-item[1], item[0]))]
    return [*lines, Line(what, OTHERS, rest)] if rest >= SMALLEST else lines


def aggregates(session: Session, library: Library) -> list[Line]:
    """All counts.

    Args:
        session: A unit of work.
        library: For the Italian names of facts, values and outcomes.
    """
    lines = [Line("Persone che hanno accettato l'ascolto", "totale", _listened(session))]
    for fact in COUNTED:
        definition = library.book.facts[fact]
        people: dict[str, set[int]] = defaultdict(set)
        query = (
            select(StoredFact.value, Conversation.person_id)
            .join(Conversation, Conversation.id == StoredFact.conversation_id)
            .where(StoredFact.fact == fact, StoredFact.current.is_(True))
        )
        for value, person in session.execute(query):
            words = definition.values.get(value)
            if value == NON_DETTO or (definition.values and words is None):
                continue
            people[in_language(words.label, "it") if words else value].add(person)
        name = in_language(definition.label, "it")
        lines += _grouped(name, {value: len(who) for value, who in people.items()})
    return lines + _cases(session, library) + _starts(session)


def _listened(session: Session) -> int:
    query = select(func.count(func.distinct(Person.id))).where(Person.first_name.is_not(None))
    return session.scalar(query) or 0


def _cases(session: Session, library: Library) -> list[Line]:
    closed: dict[str, int] = defaultdict(int)
    for (outcome,) in session.execute(select(Case.outcome).where(Case.state == CaseState.CLOSED)):
        words = library.outcomes.outcomes.get(outcome)
        closed[words.label if words else "altro"] += 1
    ratings: dict[str, int] = defaultdict(int)
    for (rating,) in session.execute(select(Case.rating).where(Case.rating.is_not(None))):
        ratings[str(rating)] += 1
    query = select(Case.waited_seconds).where(Case.waited_seconds.is_not(None))
    waits = sorted(seconds for seconds in session.scalars(query) if seconds is not None)
    lines = [Line("Casi", "aperti in tutto", session.scalar(select(func.count(Case.id))) or 0)]
    if len(waits) >= SMALLEST:
        lines.append(Line("Attesa di un angelo", "mediana, minuti", round(waits[len(waits) // 2] / 60)))
    return lines + _grouped("Esito", closed) + _grouped("Quanto ha trovato ascolto, da 1 a 5", ratings)


def _starts(session: Session) -> list[Line]:
    query = select(SourceCount.source, func.sum(SourceCount.starts)).group_by(SourceCount.source)
    return _grouped("Avvii per vetrina", {source: int(n) for source, n in session.execute(query)})


def as_csv(lines: Iterable[Line]) -> str:
    """For a spreadsheet: comma-separated, with a first line of names.

    A value never begins a formula (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("cosa", "valore", "quanti"))
    for line in lines:
        writer.writerow(
            (line.what, f"'{line.value}" if line.value[:1] in "=+-@\t\r" else line.value, line.people)
        )
    return out.getvalue()


def as_json(lines: Iterable[Line]) -> str:
    """For programs."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2)
