"""A ledger that finds nothing must be one that would have found something."""

from __future__ import annotations

from tests.chaos.ledger import Verdict, compare


def _verdict(sent: list[str], seen: list[str], unsure: int = 0) -> Verdict:
    verdict = Verdict()
    compare(sent, seen, unsure, verdict)
    return verdict


def test_what_arrived_once_and_in_order_is_clean() -> None:
    assert _verdict(["a", "b"], ["a", "b"]).clean()


def test_what_is_missing_is_lost_unless_the_bot_itself_said_so() -> None:
    assert _verdict(["a", "b"], ["b"]).lost == ["a"]
    told = _verdict(["a", "b"], ["b"], unsure=1)
    assert told.clean()
    assert told.announced == 1


def test_what_came_twice_is_doubled_even_when_the_bot_was_unsure() -> None:
    assert _verdict(["a", "b"], ["a", "a", "b"], unsure=1).doubled == ["a"]


def test_what_overtook_another_is_out_of_order() -> None:
    assert _verdict(["a", "b", "c"], ["a", "c", "b"]).disordered == ["b"]


def test_what_somebody_else_wrote_is_crossed() -> None:
    assert _verdict(["a"], ["a", "x"]).crossed == ["x"]
