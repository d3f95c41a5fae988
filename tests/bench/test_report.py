"""What `bot bench` shows of its figures."""

from __future__ import annotations

from xml.etree import ElementTree

from bot.bench import report
from bot.bench.measures import Spread


def _made(median: float) -> report.Json:
    def spread(factor: float) -> report.Json:
        return {
            "turns": 20,
            "median": factor * median,
            "p95": 2 * factor * median,
            "p99": 3 * factor * median,
        }

    results = {
        "cost": {"off": {**spread(1), "memory": 5_000_000}},
        "stored": {"sizes": {"100000": spread(1.5), "100": spread(1)}},
    }
    where = {"system": "Prova", "processor": "Un <processore>", "cores": 2, "python": "3.11",
             "load_before": 0.1, "at": "2026-01-01T00:00:00+00:00", "commit": "abc"}  # fmt: skip
    return {"machine": where, "results": report.with_growth(results)}


def test_latencies_are_told_in_milliseconds_with_their_tail() -> None:
    spread = Spread.of([n / 1000 for n in range(1, 101)])
    assert (spread.turns, spread.median, spread.p95, spread.p99) == (100, 51.0, 96.0, 100.0)


def test_growth_is_the_largest_size_over_the_smallest_in_whatever_order_they_come() -> None:
    assert _made(4.0)["results"]["stored"]["growth"] == 1.5


def test_a_promise_that_is_not_kept_is_told() -> None:
    table = report.table(_made(10.0))
    assert [line.split()[-1] for line in table.splitlines() if "promesso" in line] == ["NO", "NO"]
    kept = report.table(_made(5.0))
    assert "cost.off.p95                           10.00   promesso 15: sì" in kept
    assert "5 MB" in kept


def test_two_reports_are_compared_figure_by_figure() -> None:
    text = report.compare(_made(4.0), _made(2.0))
    line = next(line for line in text.splitlines() if line.startswith("cost.off.median"))
    assert line.split()[1:] == ["4", "2", "0.50"]


def test_the_drawing_is_a_picture_that_can_be_read_whatever_the_machine_is_called() -> None:
    root = ElementTree.fromstring(report.drawing(_made(4.0)))
    assert root.tag.endswith("svg")
    assert len([node for node in root if node.tag.endswith("rect")]) == 6
