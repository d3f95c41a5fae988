"""Polling and webhooks. Sources: core.telegram.org/bots/api#getting-updates; tdlib/telegram-bot-api, Client::do_get_updates,
process_set_webhook_query; its author on webhook timeouts (issue 341 of tdlib/telegram-bot-api)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.rehearsal.conftest import Kit


def texts(updates: list[dict]) -> list[str]:
    return [u["message"]["text"] for u in updates]


async def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(kit: Kit) -> None:
    rosa = await kit.person(start=False)
    for text in ("uno", "due", "tre"):
        await kit.says(rosa, text=text)
    first = await kit.bot("getUpdates", limit=2)
    assert texts(first) == ["uno", "due"]
    assert texts(await kit.bot("getUpdates")) == ["uno", "due", "tre"]
    assert texts(await kit.bot("getUpdates", offset=first[-1]["update_id"] + 1)) == ["tre"]
    assert texts(await kit.bot("getUpdates")) == ["tre"]
    assert [u["update_id"] - first[0]["update_id"] for u in first] == [0, 1]


async def test_a_negative_offset_keeps_only_the_last_ones(kit: Kit) -> None:
    rosa = await kit.person(start=False)
    for text in ("uno", "due", "tre"):
        await kit.says(rosa, text=text)
    assert texts(await kit.bot("getUpdates", offset=-1)) == ["tre"]
    assert texts(await kit.bot("getUpdates")) == ["tre"]


async def test_a_long_poll_answers_as_soon_as_there_is_something(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.updates()
    poll = asyncio.create_task(kit.bot("getUpdates", timeout=15))
    await _someone_waits(kit)
    await kit.says(rosa, text="eccomi")
    assert texts(await asyncio.wait_for(poll, 5)) == ["eccomi"]


async def test_a_second_poller_ends_the_wait_of_the_first(kit: Kit) -> None:
    # Client::abort_long_poll
    first = asyncio.create_task(kit.call("getUpdates", timeout=15))
    await _someone_waits(kit)
    second = asyncio.create_task(kit.call("getUpdates", timeout=15))
    body = await asyncio.wait_for(first, 5)
    assert (body["error_code"], body["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await kit.person()
    assert len((await asyncio.wait_for(second, 5))["result"]) == 1


async def test_the_wanted_kinds_are_remembered_until_others_are_named(kit: Kit) -> None:
    # Bot API, getUpdates, allowed_updates: "If not specified, the previous setting will be used"
    rosa = await kit.person()
    await kit.bot("getUpdates", allowed_updates=["callback_query"], offset=-1)
    await kit.updates()
    await kit.says(rosa, text="non interessa")
    assert await kit.updates() == []
    await kit.bot("getUpdates", allowed_updates=[])
    await kit.says(rosa, text="interessa")
    assert texts(await kit.updates()) == ["interessa"]


async def test_polling_and_a_webhook_exclude_each_other(kit: Kit) -> None:
    poll = asyncio.create_task(kit.call("getUpdates", timeout=15))
    await _someone_waits(kit)
    await kit.bot("setWebhook", url="http://127.0.0.1:9/nobody")
    assert (await asyncio.wait_for(poll, 5))["description"] == "Conflict: terminated by setWebhook request"
    assert (await kit.refused("getUpdates")) == (
        "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    await kit.bot("deleteWebhook")
    assert await kit.bot("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"url": "http://spin.example/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "ftp://127.0.0.1/"}, "invalid webhook URL specified"),
        ({"url": "http://127.0.0.1:9/", "secret_token": "è"}, "secret token contains unallowed characters"),
        ({"url": "http://127.0.0.1:9/", "secret_token": "x" * 257}, "secret token is too long"),
    ],
)
async def test_a_bad_webhook_is_refused_in_telegrams_words(kit: Kit, params: dict, refusal: str) -> None:
    assert await kit.refused("setWebhook", **params) == f"400 Bad Request: {refusal}"


async def test_updates_are_posted_in_order_with_the_secret_and_again_until_they_are_taken(kit: Kit) -> None:
    # Bot API, setWebhook: "In case of an unsuccessful request ... we will repeat the request"; X-Telegram-Bot-Api-Secret-Token
    answers = iter([500, 200, 200])
    async with hook(lambda update: (next(answers), b"")) as (url, posted):
        await kit.bot("setWebhook", url=url, secret_token="segreto")
        rosa = await kit.person(start=False)
        await kit.says(rosa, text="uno")
        await kit.says(rosa, text="due")
        got = [await asyncio.wait_for(posted.get(), 10) for _ in range(3)]
    assert texts([update for update, _ in got]) == ["uno", "uno", "due"]
    assert {secret for _, secret in got} == {"segreto"}
    info = await kit.bot("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_call_in_the_answer_to_a_post_is_made(kit: Kit) -> None:
    # Bot API, "Making requests when getting updates"
    rosa = await kit.person()
    await kit.updates()
    call = json.dumps({"method": "sendMessage", "chat_id": rosa, "text": "dalla risposta"}).encode()
    async with hook(lambda update: (200, call)) as (url, posted):
        await kit.bot("setWebhook", url=url)
        said = await kit.says(rosa, text="ciao")
        await asyncio.wait_for(posted.get(), 10)
        shown = await kit.sees(rosa, after=kit.local.world.chats[rosa].messages[said].version, wait=10)
    assert shown[-1]["text"] == "dalla risposta"


async def _someone_waits(kit: Kit) -> None:
    """Return once a long poll is held."""
    await kit.local.bell.wait(("poll",), 5)


@asynccontextmanager
async def hook(
    answer: Callable[[dict], tuple[int, bytes]],
) -> AsyncIterator[tuple[str, asyncio.Queue[tuple[dict, str | None]]]]:
    """A bot's own web server, that answers as it is told."""
    posted: asyncio.Queue[tuple[dict, str | None]] = asyncio.Queue()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            writer.close()
            return
        headers = httpx.Headers([line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line])
        update = json.loads(await reader.readexactly(int(headers["content-length"])))
        status, body = answer(update)
        reason = "OK" if status == 200 else "Internal Server Error"
        writer.write(
            f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
        posted.put_nowait((update, headers.get("x-telegram-bot-api-secret-token")))

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", posted
