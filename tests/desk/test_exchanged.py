"""Edits without words: a file in another's place, a place that moves."""

from __future__ import annotations

import pytest

from bot.store.calls import EditMedia

from .local_house import House, Phone

ISOLA = {"latitude": 45.486, "longitude": 9.188, "live_period": 900}
NOLO = {"latitude": 45.494, "longitude": 9.217, "live_period": 900}


def other_photo() -> dict[str, str]:
    """Another picture than the sample."""
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    return {"name": "altra.png", "mime": "image/png", "data": dot}


def exchanges(house: House) -> list[EditMedia]:
    """What the bot put in another file's place."""
    return [call for call in house.wire.calls if isinstance(call, EditMedia)]


@pytest.mark.parametrize("caption", [{}, {"caption": "la vetrina"}])
def test_a_photo_that_the_shopkeeper_exchanges_is_exchanged_in_the_topic(
    house: House, people: tuple[Phone, Phone], caption: dict[str, str]
) -> None:
    _anna, maria = people
    number = maria.says(photo="sample", **caption)
    shown = len(house.topic())
    maria.rewrites(number, photo=other_photo())
    (call,) = exchanges(house)
    assert call.chat_id == house.group
    assert call.caption.startswith("🗨 Maria")
    assert call.caption.endswith(caption.get("caption", "Maria"))
    assert len(house.topic()) == shown


def test_a_photo_that_the_angel_exchanges_is_exchanged_for_the_person(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, maria = people
    number = anna.says(case=1, photo="sample", caption="ecco")
    anna.rewrites(number, photo=other_photo())
    (call,) = exchanges(house)
    assert call.chat_id == maria.id


def test_a_file_that_cannot_take_the_others_place_is_announced_and_sent(
    house: House, people: tuple[Phone, Phone]
) -> None:
    _anna, maria = people
    number = maria.says(photo="sample", caption="lunga " * 170)
    maria.rewrites(number, photo=other_photo())
    assert "ha messo una foto al posto di quello che c'era" in house.texts()
    assert [m.kind for m in house.topic()].count("photo") == 2


def test_an_edited_caption_exchanges_nothing(house: House, people: tuple[Phone, Phone]) -> None:
    _anna, maria = people
    number = maria.says(photo="sample", caption="prima")
    maria.rewrites(number, caption="dopo")
    assert not exchanges(house)
    assert "dopo" in house.texts()


def test_a_place_that_moves_is_told_once_and_shown_again_where_it_stops(
    house: House, people: tuple[Phone, Phone]
) -> None:
    _anna, maria = people
    number = maria.says(location=ISOLA)
    for _ in range(3):
        maria.rewrites(number, location=NOLO)
    assert house.texts().count("è in diretta e cambia") == 1
    maria.rewrites(number, location={k: v for k, v in ISOLA.items() if k != "live_period"})
    assert "si è fermata qui" in house.texts()
    assert [m.kind for m in house.topic()].count("location") == 2
    assert "«»" not in house.texts()


def test_the_angels_own_place_arrives_still_and_that_is_said_once(
    house: House, people: tuple[Phone, Phone]
) -> None:
    anna, _maria = people
    number = anna.says(case=1, location=ISOLA)
    for _ in range(3):
        anna.rewrites(number, location=NOLO)
    assert house.texts().count("arriva ferma") == 1
    assert "non si è potuta portare" not in house.texts()
