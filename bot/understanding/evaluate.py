"""`bot evaluate understanding`: how well acts, facts and alarms are understood, on labelled sets, with intervals.

A set is a folder with any of `acts.jsonl` (`text asked act also lang`), `facts.jsonl` (`text asked facts lang`) and
`alarms.jsonl` (`text asked alarm kind lang`), and beside them those of other writers: `acts2.jsonl`, `facts2.jsonl`.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bot.conversation.types import Alarm, Understood
from bot.understanding.lines import facts_as_json
from bot.understanding.port import Understanding, Utterance

NONE = "—"
WORST = 20
_BINS = 10


@dataclass(slots=True)
class Tally:
    """Hits and misses of one class."""

    right: int = 0
    invented: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was said to be this class, the share that was; NaN where nothing was."""
        return _share(self.right, self.right + self.invented)

    @property
    def recall(self) -> float:
        """Of what was this class, the share that was found; NaN where there was none."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 0 where nothing was right."""
        return _share(2 * self.right, 2 * self.right + self.invented + self.missed)


@dataclass(slots=True)
class Report:
    """Everything measured on one set; `text()` prints it, `figures()` gives the numbers to compare runs by."""

    name: str
    classes: dict[str, Tally] = field(default_factory=dict)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    calibration: list[tuple[float, bool]] = field(default_factory=list)
    errors: list[tuple[float, str]] = field(default_factory=list)
    rates: list[tuple[str, int, int]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def tally(self, name: str) -> Tally:
        """The tally of a class, made on first use."""
        return self.classes.setdefault(name, Tally())

    def figures(self) -> dict[str, float]:
        """The set's headline numbers."""
        scored = [t for t in self.classes.values() if t.right + t.missed]
        whole = Tally(
            sum(t.right for t in self.classes.values()),
            sum(t.invented for t in self.classes.values()),
            sum(t.missed for t in self.classes.values()),
        )
        return {
            "macro_f1": _share(sum(t.f1 for t in scored), len(scored)),
            "micro_f1": whole.f1,
            "micro_precision": whole.precision,
            "micro_recall": whole.recall,
            "milliseconds_median": median(self.milliseconds) if self.milliseconds else math.nan,
            **{name: _share(part, of) for name, part, of in self.rates},
        }

    def text(self) -> str:
        """The whole report in Italian, as plain text."""
        parts = [f"== {self.name} ==", *_heads(self)]
        if self.classes:
            parts += ["", _classes(self.classes)]
        if self.confusion:
            parts += ["", "Confusioni (era -> letto come: quante)", *_confusions(self.confusion)]
        if self.calibration:
            parts += [
                "",
                "Calibrazione (quanto dice di essere sicuro -> quante volte ha ragione)",
                *_curve(self.calibration),
            ]
        if self.errors:
            worst = sorted(self.errors, key=lambda error: -error[0])[:WORST]
            parts += ["", f"I {len(worst)} errori peggiori", *(f"  {text}" for _, text in worst)]
        return "\n".join(parts)


async def evaluate(listener: Understanding, folder: Path) -> list[Report]:
    """Measure a listener on every set of a folder.

    Args:
        listener: What is measured.
        folder: Holds `acts.jsonl`, `facts.jsonl`, `alarms.jsonl`, or some of them, and any `acts2.jsonl` and so on.

    Raises:
        ValueError: A line of a set is not readable; the text, in Italian, says which.
    """
    reports = []
    for name, measure in (("acts", _acts), ("facts", _facts), ("alarms", _alarms)):
        for file in _sets(folder, name):
            rows = _rows(file)
            report = Report(file.stem)
            measure(report, [(row, await _understood(listener, row, report)) for row in rows])
            reports.append(report)
    return reports


def wilson(part: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % by default (E. B. Wilson, JASA 22, 1927)."""
    if not of:
        return 0.0, 1.0
    share = part / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _sets(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}*.jsonl"))


def _rows(file: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
                row["text"]
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"{file}:{number}: la riga non è leggibile") from None
            rows.append(row)
    return rows


async def _understood(listener: Understanding, row: dict[str, Any], report: Report) -> Understood:
    asked = row.get("asked") or ""
    started = time.perf_counter()
    understood = await listener.understand(Utterance(row["text"], asked, own_number=asked == "contatto"))
    report.milliseconds.append((time.perf_counter() - started) * 1000)
    return understood


_Read = Sequence[tuple[dict[str, Any], Understood]]


def _acts(report: Report, read: _Read) -> None:
    beside = Tally()
    for row, understood in read:
        wanted, got = row["act"], understood.act.value
        report.confusion[wanted, got] += wanted != got
        report.calibration.append((understood.confidence, wanted == got))
        if wanted == got:
            report.tally(wanted).right += 1
        else:
            report.tally(wanted).missed += 1
            report.tally(got).invented += 1
            asked = row.get("asked") or NONE
            report.errors.append(
                (
                    understood.confidence,
                    f"{wanted} -> {got} ({understood.confidence:.2f}) [{asked}] {row['text'][:160]}",
                )
            )
        also, heard = set(row.get("also") or []), {act.value for act in understood.also}
        beside.right += len(also & heard)
        beside.invented += len(heard - also)
        beside.missed += len(also - heard)
    report.rates.append(("acts beside, precision", beside.right, beside.right + beside.invented))
    report.rates.append(("acts beside, recall", beside.right, beside.right + beside.missed))


def _facts(report: Report, read: _Read) -> None:
    for row, understood in read:
        wanted, got = _pairs(row["facts"]), _pairs(facts_as_json(understood))
        for fact, _ in wanted & got:
            report.tally(fact).right += 1
        for fact, _ in got - wanted:
            report.tally(fact).invented += 1
        for fact, _ in wanted - got:
            report.tally(fact).missed += 1
        if wanted != got:
            missed = ", ".join(f"-{f}={v}" for f, v in sorted(wanted - got))
            invented = ", ".join(f"+{f}={v}" for f, v in sorted(got - wanted))
            asked = row.get("asked") or NONE
            report.errors.append(
                (
                    float(len(wanted ^ got)),
                    f"{' '.join((missed, invented)).strip()} [{asked}] {row['text'][:160]}",
                )
            )


def _alarms(report: Report, read: _Read) -> None:
    kinds: dict[str, Counter[str]] = {}
    heard_of = Counter[str]()
    total = Counter[str]()
    for row, understood in read:
        wanted, kind = row["alarm"], row.get("kind") or "?"
        rung = understood.alarm or understood.doubt
        got = rung.value if rung else None
        mark = "alarm" if understood.alarm else "doubt" if understood.doubt else "none"
        report.confusion[wanted or NONE, f"{got or NONE}{'?' if mark == 'doubt' else ''}"] += wanted != got
        for alarm in {wanted, got} - {None}:
            tally = report.tally(alarm)
            tally.right += alarm == wanted == got
            tally.missed += alarm == wanted != got
            tally.invented += alarm == got != wanted
        if wanted:
            total[wanted] += 1
            heard_of[wanted] += rung is not None
        else:
            kinds.setdefault(kind, Counter())[mark] += 1
        if wanted != got:
            weight = 3.0 if wanted and not got else 2.0 if mark == "alarm" else 1.0
            report.errors.append(
                (weight, f"{wanted or NONE} -> {got or NONE} ({mark}, {kind}) {row['text'][:160]}")
            )
    report.rates.append(("recall (alarm or doubt), all", heard_of.total(), total.total()))
    for alarm in Alarm:
        report.rates.append((f"recall (alarm or doubt), {alarm}", heard_of[alarm], total[alarm]))
    hard = Counter[str]()
    for kind, marks in sorted(kinds.items()):
        for mark in ("alarm", "doubt"):
            report.rates.append((f"false {mark}, {kind}", marks[mark], marks.total()))
        if kind != "narration":
            hard += marks
    for mark in ("alarm", "doubt"):
        report.rates.append((f"false {mark}, hard ones together", hard[mark], hard.total()))


def _pairs(facts: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (fact, str(value).casefold())
        for fact, values in facts.items()
        for value in (values if isinstance(values, list) else [values])
    }


def _share(part: float, of: float) -> float:
    return part / of if of else math.nan


def _heads(report: Report) -> Iterable[str]:
    figures = report.figures()
    for name in ("macro_f1", "micro_f1", "micro_precision", "micro_recall"):
        yield f"{name:<42} {figures[name]:6.3f}"
    yield f"{'milliseconds_median':<42} {figures['milliseconds_median']:6.1f}"
    for name, part, of in report.rates:
        low, high = wilson(part, of)
        yield f"{name:<42} {_share(part, of):6.3f}  [{low:.3f}, {high:.3f}]  {part}/{of}"


def _classes(classes: dict[str, Tally]) -> str:
    lines = [f"{'classe':<22} {'n':>5} {'precisione':>24} {'recupero':>24} {'F1':>6}"]
    for name, tally in sorted(classes.items()):
        said, real = tally.right + tally.invented, tally.right + tally.missed
        lines.append(
            f"{name:<22} {real:>5} {_ranged(tally.right, said):>24} {_ranged(tally.right, real):>24} {tally.f1:6.3f}"
        )
    return "\n".join(lines)


def _ranged(part: int, of: int) -> str:
    low, high = wilson(part, of)
    return f"{_share(part, of):.3f} [{low:.2f}, {high:.2f}]" if of else NONE


def _confusions(confusion: Counter[tuple[str, str]]) -> Iterable[str]:
    for (wanted, got), times in confusion.most_common(25):
        if times:
            yield f"  {wanted:>20} -> {got:<22} {times:>4} {'█' * min(times, 40)}"


def _curve(pairs: Sequence[tuple[float, bool]]) -> Iterable[str]:
    for number in range(_BINS):
        low, high = number / _BINS, (number + 1) / _BINS
        inside = [right for sure, right in pairs if low <= sure < high or (high == 1.0 and sure == 1.0)]
        if inside:
            share = sum(inside) / len(inside)
            yield f"  {low:.1f}-{high:.1f}  {share:.2f}  {'█' * round(share * 30):<30}  {len(inside)}"
