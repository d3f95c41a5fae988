"""A ledger that finds nothing must be one that would have found something."""

from __future__ import annotations

from tests.chaos.ledger import Verdict, alarming, compare, welcomed


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


def test_a_newcomer_who_read_less_than_in_calm_weather_lost_something_unless_the_bot_said_so() -> None:
    verdict = Verdict()
    welcomed("Carla", ["Buongiorno."], 2, 0, verdict)
    assert verdict.lost
    told = Verdict()
    welcomed("Carla", ["Buongiorno."], 2, 1, told)
    assert told.clean()


def test_a_newcomer_who_reads_the_same_words_twice_was_answered_twice() -> None:
    verdict = Verdict()
    welcomed("Carla", ["Buongiorno.", "Buongiorno."], 2, 0, verdict)
    assert verdict.doubled


def test_a_message_that_no_angel_was_told_of_makes_a_storm_unclean() -> None:
    assert not Verdict(untold=["pair 1: 1 missing, 0 told"]).clean()


def test_an_uncertain_message_that_no_fault_explains_makes_a_storm_unclean() -> None:
    assert not Verdict(uncertain=2, explained=1).clean()


def test_a_set_aside_update_in_the_log_is_found() -> None:
    assert alarming(['{"event": "turn.set_aside"}', '{"event": "house.open"}']) == [
        '{"event": "turn.set_aside"}'
    ]


def test_a_process_that_found_no_database_at_its_start_is_excused_and_no_other() -> None:
    fallen = "errore inatteso: ValueError"
    assert alarming(["errore inatteso: OperationalError", fallen]) == [fallen]
