"""A small storm in the outer ring; `make chaos` makes larger ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.ledger import table
from tests.chaos.postgres import server
from tests.chaos.storm import Plan, Storm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_nothing_is_lost_doubled_disordered_or_crossed_while_everything_breaks(tmp_path: Path) -> None:
    verdict = Storm(tmp_path, Plan(seed=7, pairs=2, messages=32, kills=4, faults=10)).run()
    assert verdict.sent >= 32
    assert verdict.kills >= 4
    assert verdict.clean(), table({"sqlite": verdict})


@pytest.mark.postgres
def test_two_workers_share_a_database_that_is_stopped_and_started(tmp_path: Path) -> None:
    with server() as (url, restart):
        plan = Plan(seed=8, pairs=2, messages=32, kills=4, faults=10, workers=2)
        verdict = Storm(tmp_path, plan, url, restart).run()
    assert verdict.sent >= 32
    assert verdict.clean(), table({"postgres": verdict})
