"""A small share of `python -m tests.fuzz answers | settings | scripts` in the inner ring, and of `doors` in the outer one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.house import ROOT
from tests.fuzz import borders
from tests.fuzz.doors import doors
from tests.fuzz.scripts import scripts


async def test_nothing_that_rasa_could_answer_is_more_than_no_answer() -> None:
    found = await borders.answers(seed=1, count=1500)
    assert (found.done, found.errors) == (1500, {})


def test_nothing_in_the_environment_is_more_than_a_wrong_setting() -> None:
    found = borders.settings(seed=1, count=300)
    assert (found.done, found.errors) == (300, {})


def test_no_mutant_of_a_script_file_makes_the_checker_fail(tmp_path: Path) -> None:
    found = scripts(tmp_path, ROOT / "dialogues", seed=1, count=20)
    assert (found.done, found.errors) == (20, {})


@pytest.mark.e2e
@pytest.mark.timeout(300)
async def test_whoever_knocks_at_the_running_bot_gets_an_answer_and_no_further(tmp_path: Path) -> None:
    found = await doors(tmp_path, seed=1, count=400)
    assert (found.done, found.errors) == (400, {})
