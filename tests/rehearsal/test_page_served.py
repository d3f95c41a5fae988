"""What the local Telegram serves for its page: files, and what telephones are told beside messages."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from bot.rehearsal.pages import FOLDER
from tests.rehearsal.conftest import Kit


async def test_the_page_loads_nothing_from_elsewhere(kit: Kit) -> None:
    page = await kit.http.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/page/js/main.js" in addresses
    for address in addresses:
        assert address.startswith("/page/")
        assert (await kit.http.get(address)).status_code == 200


@pytest.mark.parametrize("script", sorted(FOLDER.glob("js/*.js")), ids=lambda path: path.name)
async def test_every_script_is_served_and_finds_what_it_imports(kit: Kit, script) -> None:
    served = await kit.http.get(f"/page/js/{script.name}")
    assert served.headers["content-type"].startswith("text/javascript")
    for named in re.findall(r'from "\./([^"]+)"', served.text):
        assert (FOLDER / "js" / named).exists()
    # Data becomes text, never markup.
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", served.text)


async def test_nothing_outside_the_page_can_be_fetched(kit: Kit) -> None:
    for path in ("/page/../pages.py", "/page/%2e%2e/server.py", "/page//etc/passwd", "/page/js/"):
        assert (await kit.http.get(path)).status_code == 404


async def test_a_telephone_that_watches_sees_the_bot_typing_and_where(kit: Kit) -> None:
    # Bot API, sendChatAction; the event reads like the others, so that who does not know it loses nothing
    topic = await kit.topic()
    query = {"after": 10_000, "chat_id": kit.group}
    async with kit.http.stream("GET", f"/phone/users/{kit.angel}/events", params=query) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await kit.bot("sendChatAction", chat_id=kit.group, message_thread_id=topic, action="typing")
        async with asyncio.timeout(10):
            seen = [line async for line in _until_data(lines)]
    assert "event: typing" in seen
    told = json.loads(seen[-1].removeprefix("data: "))
    assert told["typing"] == {"chat_id": kit.group, "thread_id": topic, "action": "typing"}
    assert told["messages"] == []


async def _until_data(lines):
    async for line in lines:
        yield line
        if line.startswith("data: "):
            return


async def test_the_menu_of_a_group_is_another_than_that_of_a_private_chat(kit: Kit) -> None:
    # Bot API, BotCommandScope, "Determining list of commands", Commands in group and supergroup chats
    scopes = {
        "private": {"type": "all_private_chats"},
        "group": {"type": "chat", "chat_id": kit.group},
        "managers": {"type": "chat_administrators", "chat_id": kit.group},
    }
    for words, scope in scopes.items():
        await kit.bot("setMyCommands", commands=[{"command": "aiuto", "description": words}], scope=scope)

    async def menu(user: int, **query: int) -> str:
        return str((await kit.look(f"/phone/users/{user}", **query))["commands"][0]["description"])

    assert await menu(kit.angel) == "private"
    assert await menu(kit.angel, chat_id=kit.group) == "group"
    assert await menu(kit.local.coordinator_id, chat_id=kit.group) == "managers"
