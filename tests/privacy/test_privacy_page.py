"""What the data protection officer reads is what the tables are."""

from __future__ import annotations

import re
from pathlib import Path

from bot.settings import Settings
from bot.store.crypto import Sealed
from bot.store.models import Base

PAGE = (Path(__file__).parents[2] / "PRIVACY.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+\.\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def _columns() -> dict[str, bool]:
    return {
        f"{table.name}.{column.name}": isinstance(column.type, Sealed)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }


def test_every_stored_column_is_told_and_no_other() -> None:
    told = [name for name, *_ in ROW.findall(PAGE)]
    assert sorted(told) == sorted(_columns())


def test_what_is_called_sealed_is_sealed() -> None:
    told = {name: "cifrata" in data for name, _what, _why, _until, data in ROW.findall(PAGE)}
    assert told == _columns()


def test_the_terms_told_are_the_defaults_of_the_settings() -> None:
    default = {name: field.default for name, field in Settings.model_fields.items()}
    assert f"| {default['unfinished_days']} giorni dall'ultima parola | `UNFINISHED_DAYS` |" in PAGE
    assert f"| {default['closed_months']} mesi dalla chiusura | `CLOSED_MONTHS` |" in PAGE
    assert f"| {default['held_hours']} ore | `HELD_HOURS` |" in PAGE
