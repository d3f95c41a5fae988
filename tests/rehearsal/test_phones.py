"""The people's side, as DESIGN section 5 writes it."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.rehearsal.conftest import Kit

KEYS = {"inline_keyboard": [[{"text": "Prendo io", "callback_data": "claim"}]]}


async def _tapped(kit: Kit, rosa: int, **tap: object) -> tuple[asyncio.Task, dict]:
    """Press a button; return the person's wait and the bot's query."""
    await kit.updates()
    waiting = asyncio.create_task(kit.phone(f"users/{rosa}/tap", **tap))
    (update,) = await kit.bot("getUpdates", timeout=10)
    return waiting, update["callback_query"]


async def test_a_tap_waits_for_the_bots_answer(kit: Kit) -> None:
    rosa = await kit.person()
    sent = (await kit.bot("sendMessage", chat_id=rosa, text="?", reply_markup=KEYS))["message_id"]
    waiting, query = await _tapped(kit, rosa, message_id=sent, data="claim")
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("claim", rosa, sent)
    await kit.bot(
        "answerCallbackQuery", callback_query_id=query["id"], text="Se ne occupa Anna", show_alert=True
    )
    assert await waiting == {"answered": True, "text": "Se ne occupa Anna", "show_alert": True}


async def test_a_tap_may_carry_forged_data_and_come_from_any_member(kit: Kit) -> None:
    sent = (await kit.bot("sendMessage", chat_id=kit.group, text="?", reply_markup=KEYS))["message_id"]
    waiting, query = await _tapped(kit, kit.angel, chat_id=kit.group, message_id=sent, data="close:999")
    assert query["data"] == "close:999"
    await kit.bot("answerCallbackQuery", callback_query_id=query["id"])
    assert await waiting == {"answered": True, "text": None, "show_alert": False}
    rosa = await kit.person()
    status, _ = await kit.phone_refuses(f"users/{rosa}/tap", chat_id=kit.group, message_id=sent, data="claim")
    assert status == 403


async def test_an_old_tap_cannot_be_answered_any_more(kit: Kit) -> None:
    # Client::fail_query_with_error: QUERY_ID_INVALID
    rosa = await kit.person()
    sent = (await kit.bot("sendMessage", chat_id=rosa, text="?", reply_markup=KEYS))["message_id"]
    waiting, query = await _tapped(kit, rosa, message_id=sent, data="claim")
    await kit.http.post("/clock", json={"advance_s": 3600})
    for query_id in (query["id"], "123", ""):
        said = await kit.refused("answerCallbackQuery", callback_query_id=query_id)
        assert said == "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    waiting.cancel()


async def test_only_what_is_new_or_changed_since_the_cursor_is_shown(kit: Kit) -> None:
    rosa = await kit.person()
    sent = (await kit.bot("sendMessage", chat_id=rosa, text="uno"))["message_id"]
    shown = await kit.look(f"/phone/users/{rosa}/messages", after=0)
    assert len(shown["messages"]) == 2
    assert (await kit.look(f"/phone/users/{rosa}/messages", after=shown["cursor"]))["messages"] == []
    await kit.bot("editMessageText", chat_id=rosa, message_id=sent, text="due")
    (changed,) = (await kit.look(f"/phone/users/{rosa}/messages", after=shown["cursor"]))["messages"]
    assert (changed["message_id"], changed["text"]) == (sent, "due")


async def test_a_telephone_waits_for_the_next_message(kit: Kit) -> None:
    rosa = await kit.person()
    cursor = (await kit.look(f"/phone/users/{rosa}/messages"))["cursor"]
    waiting = asyncio.create_task(kit.look(f"/phone/users/{rosa}/messages", after=cursor, wait=20))
    other = await kit.person("Piero")
    await kit.bot("sendMessage", chat_id=other, text="non per Rosa")
    await kit.bot("sendMessage", chat_id=rosa, text="eccomi")
    assert [m["text"] for m in (await asyncio.wait_for(waiting, 5))["messages"]] == ["eccomi"]


async def test_the_event_stream_carries_the_same_changes(kit: Kit) -> None:
    rosa = await kit.person()
    async with kit.http.stream("GET", f"/phone/users/{rosa}/events") as stream:
        lines = stream.aiter_lines()
        first = await _event(lines)
        assert [m["text"] for m in first["messages"]] == ["/start"]
        await kit.bot("sendMessage", chat_id=rosa, text="eccomi")
        second = await _event(lines)
    assert [m["text"] for m in second["messages"]] == ["eccomi"]
    assert second["cursor"] > first["cursor"]


async def _event(lines) -> dict:
    async for line in lines:
        if line.startswith("data: "):
            return json.loads(line[6:])
    raise AssertionError("the stream ended")


async def test_something_forwarded_says_from_whom(kit: Kit) -> None:
    rosa = await kit.person()
    said = (await kit.bot("sendMessage", chat_id=rosa, text="eccomi"))["message_id"]
    await kit.says(rosa, forward_from={"message_id": said})
    await kit.says(rosa, text="offerta imperdibile", forward_from="Agenzia Web")
    ours, theirs = [u["message"] for u in (await kit.updates())[-2:]]
    assert (ours["text"], ours["forward_origin"]["sender_user"]["id"]) == ("eccomi", kit.local.bot.id)
    assert theirs["forward_origin"]["sender_user_name"] == "Agenzia Web"


async def test_a_person_deletes_only_what_is_theirs_in_a_group(kit: Kit) -> None:
    other = kit.local.angel_ids[1]
    hers = await kit.says(kit.angel, chat_id=kit.group, text="mio")
    status, _ = await kit.phone_refuses(f"users/{other}/delete", chat_id=kit.group, message_ids=[hers])
    assert status == 403
    await kit.phone(f"users/{kit.angel}/delete", chat_id=kit.group, message_ids=[hers])


async def test_who_blocked_the_bot_writes_again_with_start(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.phone(f"users/{rosa}/block")
    assert (await kit.phone_refuses(f"users/{rosa}/send", text="ciao"))[0] == 403
    await kit.phone(f"users/{rosa}/send", text="/start")
    assert await kit.bot("sendMessage", chat_id=rosa, text="bentornata")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users", {}, 400),
        ("users/1/send", {"text": "x"}, 404),
        ("users/abc/send", {"text": "x"}, 404),
        ("users/{rosa}/send", {"chat_id": -5, "text": "x"}, 404),
        ("users/{rosa}/send", {"chat_id": "{group}", "text": "x"}, 403),
        ("users/{rosa}/tap", {"message_id": 99, "data": "x"}, 404),
        ("users/{rosa}/edit", {"message_id": 1}, 400),
        ("users/{rosa}/react", {"message_id": 1, "emoji": "🥖"}, 400),
        ("users/{rosa}/dance", {}, 404),
        ("groups/5/admin", {"action": "kick"}, 404),
    ],
)
async def test_what_a_telephone_cannot_do_is_an_error_with_its_reason(
    kit: Kit, path: str, body: dict, status: int
) -> None:
    rosa = await kit.person()
    body = {k: kit.group if v == "{group}" else v for k, v in body.items()}
    answered, error = await kit.phone_refuses(path.format(rosa=rosa), **body)
    assert (answered, bool(error)) == (status, True)


async def test_a_body_that_is_no_json_is_an_error(kit: Kit) -> None:
    answer = await kit.http.post("/phone/users", content=b"{")
    assert (answer.status_code, answer.json()) == (400, {"error": "the body is not JSON"})


async def test_a_persons_telephone_knows_the_bots_menu(kit: Kit) -> None:
    # Bot API, BotCommandScope, "Determining list of commands"
    rosa = await kit.person(language_code="en")
    it, en = [{"command": "aiuto", "description": "Aiuto"}], [{"command": "help", "description": "Help"}]
    await kit.bot("setMyCommands", commands=it)
    await kit.bot("setMyCommands", commands=en, language_code="en", scope={"type": "all_private_chats"})
    assert (await kit.look(f"/phone/users/{rosa}"))["commands"] == en
