"""Two angels tap claim at the same moment, while the bot is about to speak: one owner, and a silent bot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import races
from .stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3000)]

RACES = int(os.environ.get("DESK_RACES", "24"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path)
    found.start()
    yield found
    found.close()


def test_a_claim_has_one_winner_and_no_word_of_the_bot_after_it(stage: Stage) -> None:
    tally = races.run(stage, RACES)
    assert tally.clean, str(tally)
