"""The small storm of every day; the big one is `python -m tests.desk.storm`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .storm import Plan, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3000)]

PEOPLE = int(os.environ.get("DESK_STORM_PEOPLE", "4"))
MESSAGES = int(os.environ.get("DESK_STORM_MESSAGES", "64"))
SEED = int(os.environ.get("DESK_STORM_SEED", "7"))


def test_a_storm_loses_doubles_and_crosses_nothing(tmp_path: Path) -> None:
    outcome = run(tmp_path, Plan(people=PEOPLE, angels=4, messages=MESSAGES, seed=SEED))
    assert outcome.clean, str(outcome)
