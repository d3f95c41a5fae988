from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.conversation.types import Act, Alarm, Understood
from bot.understanding.evaluate import evaluate, wilson
from bot.understanding.port import Utterance


class Scripted:
    """Understands each text as written down."""

    def __init__(self, **texts: Understood) -> None:
        self.texts = texts

    async def understand(self, utterance: Utterance) -> Understood:
        return self.texts[utterance.text]

    async def ready(self) -> bool:
        return True


def write(folder: Path, name: str, *rows: dict[str, object]) -> None:
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


async def test_an_act_read_as_another_costs_both(tmp_path: Path) -> None:
    write(tmp_path, "acts.jsonl", {"text": "a", "act": "saluto"}, {"text": "b", "act": "conferma"})
    heard = Scripted(a=Understood("a", act=Act.SALUTO), b=Understood("b", act=Act.SALUTO, confidence=0.8))
    (report,) = await evaluate(heard, tmp_path)
    assert report.classes["saluto"].precision == 0.5
    assert report.classes["conferma"].recall == 0
    assert report.figures()["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert "conferma -> saluto (0.80)" in report.text()


async def test_a_second_writers_set_is_measured_apart(tmp_path: Path) -> None:
    write(tmp_path, "acts.jsonl", {"text": "a", "act": "saluto"})
    write(tmp_path, "acts2.jsonl", {"text": "b", "act": "conferma"})
    heard = Scripted(a=Understood("a", act=Act.SALUTO), b=Understood("b", act=Act.SALUTO))
    first, second = await evaluate(heard, tmp_path)
    assert (first.name, first.figures()["macro_f1"]) == ("acts", 1)
    assert (second.name, second.figures()["macro_f1"]) == ("acts2", 0)


async def test_the_report_shows_intervals_confusions_calibration_and_the_twenty_surest_errors(
    tmp_path: Path,
) -> None:
    texts = [chr(ord("a") + n) for n in range(25)]
    write(tmp_path, "acts.jsonl", *({"text": text, "act": "congedo", "asked": "zona"} for text in texts))
    heard = Scripted(
        **{text: Understood(text, act=Act.SALUTO, confidence=n / 100) for n, text in enumerate(texts)}
    )
    (report,) = await evaluate(heard, tmp_path)
    said = report.text()
    assert "0.000 [0.00, 0.13]" in said  # none of 25, with Wilson's interval
    assert "congedo -> saluto                   25" in said
    assert "0.1-0.2  0.00" in said
    worst = said.partition("errori peggiori")[2].strip().splitlines()
    assert len(worst) == 20
    assert worst[0].strip() == "congedo -> saluto (0.24) [zona] y"


async def test_a_doubt_counts_as_heard_and_a_false_one_is_listed_by_kind(tmp_path: Path) -> None:
    write(
        tmp_path,
        "alarms.jsonl",
        {"text": "a", "alarm": "violenza", "kind": "alarm"},
        {"text": "b", "alarm": None, "kind": "metaphor"},
    )
    heard = Scripted(a=Understood("a", doubt=Alarm.VIOLENZA), b=Understood("b", doubt=Alarm.AUTOLESIONE))
    (report,) = await evaluate(heard, tmp_path)
    assert report.figures()["recall (alarm or doubt), violenza"] == 1
    assert report.figures()["false doubt, metaphor"] == 1
    assert report.figures()["false alarm, metaphor"] == 0


async def test_an_unreadable_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "facts.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"facts\.jsonl:1"):
        await evaluate(Scripted(), tmp_path)
