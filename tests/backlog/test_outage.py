"""A small outage in the outer ring; `python -m tests.backlog` makes larger ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backlog.outage import MOST_OVERTAKEN, Figures, Outage, Plan

pytestmark = pytest.mark.timeout(600)


@pytest.mark.e2e
async def test_what_waited_is_worked_off_in_order_danger_first_and_nobody_is_flooded(tmp_path: Path) -> None:
    figures = await Outage(tmp_path, Plan(count=300, people=60, dangers=3)).run()
    assert figures.faults() == []
    assert len(figures.overtaken) == 3


def test_figures_that_are_not_as_they_should_be_say_so() -> None:
    assert Figures(missing=1).faults()
    assert Figures(disordered=1).faults()
    assert Figures(unanswered=1).faults()
    assert Figures(answers=(2, 100)).faults()
    assert Figures(overtaken=[0, MOST_OVERTAKEN + 1]).faults()
    assert Figures(answers=(2, 3), overtaken=[0, 3]).faults() == []
