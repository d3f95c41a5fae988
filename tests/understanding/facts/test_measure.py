from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.conversation.types import FactHeard, FactId
from bot.understanding.facts.measure import score, wilson


class Parrot:
    """Reads one fact, always the same."""

    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        return (FactHeard(FactId.ZONA, "Isola", text), FactHeard(FactId.COSA_SUCCEDE, text, text))


def test_right_invented_and_missed_are_counted_by_fact(tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    rows = [
        {"text": "a", "asked": "zona", "facts": {"zona": "isola"}, "lang": "it"},
        {
            "text": "b",
            "asked": None,
            "facts": {"bisogno": ["sito", "social"], "truffa_in_corso": True},
            "lang": "it",
        },
    ]
    file.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    report = score(Parrot(), file)
    assert (report.overall.right, report.overall.invented, report.overall.missed) == (1, 1, 3)
    assert report.by_fact["bisogno"].missed == 2
    assert [m.text for m in report.misses] == ["b"]


def test_the_wilson_interval_of_nine_in_ten() -> None:
    # Published value for 9 of 10 at 95 %: 0.596 to 0.982.
    interval = wilson(9, 10)
    assert interval.low == pytest.approx(0.596, abs=0.001)
    assert interval.high == pytest.approx(0.982, abs=0.001)
