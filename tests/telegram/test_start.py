"""The first word to Telegram: whatever it answers but "I do not know you" is waited for."""

from __future__ import annotations

import pytest

from bot.bootstrap import House, SettingsError
from bot.settings import Settings
from bot.telegram.wire import make_bot
from tests.telegram.conftest import Town


def _house(town: Town, token: str) -> House:
    house = House(Settings(bot_token=token, telegram_api_url=town.url))  # type: ignore[arg-type]
    house.bot = make_bot(token, town.url, read_timeout=1.0)
    return house


@pytest.mark.parametrize("kind", ["429", "500", "disconnect", "timeout_before"])
async def test_a_telegram_in_trouble_at_the_start_is_waited_for(town: Town, kind: str) -> None:
    await town.fault(kind, method="getMe", seconds=0.1)
    house = _house(town, town.local.token)
    await house._greet_telegram()
    assert house.bot.id == town.local.bot.id
    await house.bot.shutdown()


async def test_a_token_that_telegram_does_not_know_is_told_at_once(town: Town) -> None:
    house = _house(town, "123456:unknown")
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        await house._greet_telegram()
    await house.bot.shutdown()


@pytest.mark.parametrize("kind", ["429", "500", "disconnect"])
async def test_a_webhook_that_cannot_be_set_at_once_is_set_after_a_while(town: Town, kind: str) -> None:
    house = _house(town, town.local.token)
    house.settings.webhook_url = "http://127.0.0.1:1"
    await house._greet_telegram()
    await town.fault(kind, method="setWebhook", seconds=0.1)
    await house._set_webhook("segreto")
    assert town.local.updates.webhook.url == "http://127.0.0.1:1/telegram"
    await house.bot.shutdown()


async def test_an_address_that_telegram_refuses_is_told_at_once(town: Town) -> None:
    house = _house(town, town.local.token)
    house.settings.webhook_url = "ftp://sportello.example"
    await house._greet_telegram()
    with pytest.raises(SettingsError, match="WEBHOOK_URL"):
        await house._set_webhook("segreto")
    await house.bot.shutdown()
