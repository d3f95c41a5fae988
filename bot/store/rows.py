"""Rows written at once, past the session: whoever needs a row's number does not pay for a flush of everything else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Insert, TextClause, bindparam, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached

from bot.store.models import Base

R = TypeVar("R", bound=Base)
_LINE = "line"


class Spoken:
    """One statement in the words of each database: what to do about a row that is there already is no standard SQL.

    It is spelled out here once. SQLAlchemy, which keeps the text of every other statement, writes these anew each time
    (`inherit_cache` of its `Insert` with a conflict clause), which costs ten times their running.

    Args:
        columns: The columns that get values.
        say: Writes the statement with the `insert` of a dialect.
    """

    def __init__(self, columns: Collection[str], say: Callable[[Any], Insert]) -> None:
        self._said = {
            "sqlite": _spelled(say(sqlite.insert), sqlite.dialect(paramstyle="named"), columns),
            "postgresql": _spelled(say(postgresql.insert), postgresql.dialect(paramstyle="named"), columns),  # type: ignore[no-untyped-call]
        }

    @classmethod
    def upsert(cls, model: type[Base], by: Sequence[str], *changes: str) -> Spoken:
        """Insert a row, or change the one that is there.

        Args:
            model: The table.
            by: The columns that tell whether it is there.
            changes: The columns that then take the new values.
        """

        def say(insert: Any) -> Insert:
            new = insert(model.__table__)
            values = {name: new.excluded[name] for name in changes}
            said: Insert = new.on_conflict_do_update(index_elements=by, set_=values)
            return said

        return cls((*by, *changes), say)

    def to(self, session: Session) -> TextClause:
        """The statement for this session's database."""
        return self._said[session.get_bind().dialect.name]


def _spelled(statement: Insert, dialect: Dialect, columns: Collection[str]) -> TextClause:
    compiled = statement.inline().compile(dialect=dialect, column_keys=list(columns))
    kinds = (bindparam(name, type_=bind.type) for name, bind in compiled.binds.items())
    return text(str(compiled)).bindparams(*kinds)


def line(session: Session) -> Connection:
    """The connection of a unit of work: statements on tables need nothing of a session, which takes as long as running them."""
    found: Connection | None = session.info.get(_LINE)
    if found is None or not found.in_transaction():
        found = session.info[_LINE] = session.connection()
    return found


def put(session: Session, model: type[R], **values: Any) -> R:
    """Insert one row, and hold it as if it had been read.

    What it refers to must have been written. A flush of the object would cost four times as much (measured).

    Args:
        session: The unit of work.
        model: The table; it counts its rows in `id`.
        values: The columns; what is not named takes the model's default.
    """
    whole = {name: value() if callable(value) else value for name, value in _defaults(model).items()} | values
    key: Any = line(session).execute(_insert(model), whole).inserted_primary_key
    row = model(id=key[0], **whole)
    make_transient_to_detached(row)
    session.add(row)
    return row


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]


@cache
def _defaults(model: type[Base]) -> dict[str, Any]:
    """Every column but `id` with what it holds when nobody says; a callable makes a new value each time."""
    return {column.key: _default(column.default) for column in model.__table__.columns if column.key != "id"}


def _default(default: Any) -> Any:
    if default is None:
        return None
    return (lambda: default.arg(None)) if default.is_callable else default.arg
