"""Keys: a new one comes in front, everything is written anew with it, and the old one may go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.crypto import Sealed
from bot.store.models import Base

BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch begins: a table's name and the last id that was done."""

    table: str
    after: int = 0


def sealed_tables() -> list[str]:
    """Tables that hold sealed columns; all of them have a numeric `id`."""
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if any(isinstance(column.type, Sealed) for column in table.columns)
    ]


def reseal(session: Session, place: Place) -> Place | None:
    """Write one batch of a table anew with the first key; the bot may run meanwhile.

    The rows of a batch are locked while they are rewritten (PostgreSQL: FOR UPDATE; SQLite has one writer), so
    that no turn's newer words are overwritten.

    Args:
        session: The unit of work.
        place: Where to begin.

    Returns:
        Where the next batch begins; None when the table is done.
    """
    table = Base.metadata.tables[place.table]
    columns = [column for column in table.columns if isinstance(column.type, Sealed)]
    query = select(table).where(table.c.id > place.after).order_by(table.c.id).limit(BATCH).with_for_update()
    rows = session.execute(query).mappings().all()
    for row in rows:
        values = {column.name: row[column.name] for column in columns if row[column.name] is not None}
        if values:
            session.execute(update(table).where(table.c.id == row["id"]).values(values))
    return Place(place.table, rows[-1]["id"]) if len(rows) == BATCH else None
