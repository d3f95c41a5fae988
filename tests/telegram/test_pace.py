"""Telegram's flood limits are kept before Telegram has to say so."""

from __future__ import annotations

from bot.store.models import Priority
from bot.telegram.pace import Pace


def test_two_messages_of_a_turn_leave_together_and_the_fourth_waits() -> None:
    pace = Pace(private_per_second=1, group_per_minute=20, overall_per_second=30)
    waits = [pace.wait(7, "sendMessage", Priority.RELAY, 100.0) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 0 < waits[3] <= 1


def test_cards_leave_room_for_relays_and_alarms_in_the_groups_budget() -> None:
    pace = Pace(1, 20, 0)

    def leave(priority: Priority) -> int:
        return sum(pace.wait(-1, "sendMessage", priority, 100.0) == 0 for _ in range(40))

    assert [leave(p) for p in (Priority.SERVICE, Priority.CARD, Priority.RELAY, Priority.ALARM)] == [
        10,
        2,
        2,
        6,
    ]


def test_a_group_is_never_told_more_than_its_minute_holds() -> None:
    pace = Pace(1, 20, 30)
    left = []
    for t in range(300):
        if pace.wait(-1, "sendMessage", Priority.ALARM, 100.0 + t) == 0:
            left.append(t)
            pace.landed(-1, "sendMessage", 100.0 + t)
    assert all(sum(t <= other < t + 60 for other in left) <= 20 for t in left)
    assert len(left) >= 80


def test_a_call_counts_until_a_minute_after_its_answer() -> None:
    pace = Pace(1, 2, 30)
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 0.0) == 0
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 0.0) == 0
    assert (
        pace.wait(-1, "sendMessage", Priority.ALARM, 90.0) > 0
    )  # both still under way, however long ago they left
    pace.landed(-1, "sendMessage", 90.0)
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 91.0) > 0
    pace.landed(-1, "sendMessage", 91.0, left=False)  # this one never went
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 91.0) == 0


def test_an_album_counts_as_its_messages() -> None:
    pace = Pace(1, 20, 0)
    assert pace.wait(-1, "sendMediaGroup", Priority.ALARM, 0.0, 10) == 0
    assert sum(pace.wait(-1, "sendMessage", Priority.ALARM, 0.0) == 0 for _ in range(40)) == 10
    assert pace.wait(7, "sendMediaGroup", Priority.RELAY, 0.0, 3) == 0
    assert pace.wait(7, "sendMessage", Priority.RELAY, 0.0) == 1.0


def test_what_was_sent_before_a_restart_still_counts() -> None:
    pace = Pace(1, 20, 30)
    for _ in range(20):
        pace.remember(-1, "sendMessage", 70.0)
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 100.0) == 30.5
    assert pace.wait(-1, "sendMessage", Priority.ALARM, 130.6) == 0


def test_answers_to_taps_are_not_counted() -> None:
    pace = Pace(1, 20, 30)
    assert all(pace.wait(7, "answerCallbackQuery", Priority.ALARM, 100.0) == 0 for _ in range(100))


def test_a_chat_that_telegram_holds_back_waits_as_long_as_it_said() -> None:
    pace = Pace(0, 0, 0)
    pace.hold(7, 5.0, 100.0)
    assert pace.wait(7, "sendMessage", Priority.RELAY, 101.0) == 4.0
    assert pace.wait(8, "sendMessage", Priority.RELAY, 101.0) == 0


def test_no_limit_means_no_wait() -> None:
    pace = Pace(0, 0, 0)
    assert all(pace.wait(-1, "sendMessage", Priority.SERVICE, 1.0) == 0 for _ in range(500))
