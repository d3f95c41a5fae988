"""Whoever is an angel sees the angels' commands in private, and nobody else does; a Telegram that slows down is told of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.desk import MenuOf
from bot.store import outbox
from bot.store.calls import SendText
from bot.store.outbox import Order
from bot.telegram.menu import load_menu, register, renew
from bot.telegram.wire import Later

from .local_house import House

MENU, DIGEST = load_menu(Path(__file__).parents[2] / "dialogues" / "menu.yml")


def shown(house: House, chat_id: int) -> set[str]:
    """The commands set for a chat of its own."""
    profile: Any = house.local.profile
    return {
        c["command"]
        for (scope, _), own in profile.commands.items()
        if scope == f"chat:{chat_id}"
        for c in own
    }


def renewed(house: House, before: dict[str, str]) -> dict[str, str]:
    """One round of the menus."""
    wanted = house.database.work(house.desk.menus)
    return house.run(renew(house.wire.bot, MENU, DIGEST, before, wanted))


def test_an_angel_sees_the_angels_menu_in_private_for_as_long_as_they_are_one(house: House) -> None:
    house.run(register(house.wire.bot, MENU))
    anna = house.angel(11, "Anna")
    house.person(1, "Maria").says("/start")
    now = renewed(house, {})
    assert not shown(house, anna.id)  # she never wrote to the bot: Telegram knows no such chat
    anna.says("/start", private=True)
    now = renewed(house, now)
    assert shown(house, anna.id) == set(MENU.angels)
    assert shown(house, house.group) == set(MENU.group)
    assert not shown(house, 1)
    anna.leaves()
    now = renewed(house, now)
    assert not shown(house, anna.id)
    assert renewed(house, now) == now


def test_the_menu_follows_the_groups_migration(house: House) -> None:
    now = renewed(house, {})
    house.owner("migrate")
    assert renewed(house, now)[str(house.group)] == f"{MenuOf.GROUP}:{DIGEST}"


def test_what_telegram_refuses_is_not_asked_again_and_again(house: House) -> None:
    now = house.run(renew(house.wire.bot, MENU, DIGEST, {}, {999: MenuOf.ANGEL}))
    assert now == {"999": f"{MenuOf.ANGEL}:{DIGEST}"}


def test_a_429_that_lasts_is_told_to_the_coordinators_once(house: House) -> None:
    carla = house.angel(13, "Carla", coordinator=True)
    carla.says("/start", private=True)
    house.delivery._slowed = house.desk.slowed
    for number in range(3):
        text = SendText(chat_id=house.group, text=f"{number}")
        house.database.work(
            lambda s, t=text, n=number: (
                outbox.enqueue(s, Order(t, f"general:{n}"), house.clock.now()) and None
            )
        )
    house.wire.fault(Later(40), lambda call: call.chat_id == house.group, times=3)
    house.settle()
    house.later(minutes=2)
    assert carla.reads().count("Telegram mi sta frenando nel gruppo") == 1
    assert {"0", "1", "2"} <= {m.text for m in house.shown()}


def test_a_short_429_is_nobodys_business(house: House) -> None:
    carla = house.angel(13, "Carla", coordinator=True)
    carla.says("/start", private=True)
    house.delivery._slowed = house.desk.slowed
    text = SendText(chat_id=house.group, text="ciao")
    house.database.work(lambda s: outbox.enqueue(s, Order(text, "general:x"), house.clock.now()) and None)
    house.wire.fault(Later(1), lambda call: call.chat_id == house.group)
    house.settle()
    house.later(minutes=1)
    assert "frenando" not in carla.reads()
