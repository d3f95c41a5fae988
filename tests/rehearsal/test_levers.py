"""Flood limits, faults, the clock, the log, and the ways of calling. Sources: core.telegram.org/bots/faq (limits), core.telegram.org/bots/api
(making requests, ResponseParameters)."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path

import httpx
import pytest

from bot.rehearsal.limits import FloodLimits
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.log import CallLog
from bot.rehearsal.server import serve
from tests.rehearsal.conftest import Kit

JUDGE = Path(__file__).parents[3] / "shared" / "telegram" / "check.py"


def test_a_private_chat_takes_about_one_message_a_second() -> None:
    limits = FloodLimits(True)
    burst = [limits.wait_for(7, private=True, now=100.0) for _ in range(4)]
    assert burst == [0, 0, 0, 1]
    assert limits.wait_for(7, private=True, now=101.0) == 0
    assert limits.wait_for(7, private=True, now=101.1) == 1
    assert limits.wait_for(8, private=True, now=101.1) == 0


def test_a_group_takes_20_messages_a_minute() -> None:
    limits = FloodLimits(True)
    assert [limits.wait_for(-7, private=False, now=100.0 + n) for n in range(20)] == [0] * 20
    assert limits.wait_for(-7, private=False, now=130.0) == 30
    assert limits.wait_for(-7, private=False, now=160.5) == 0


def test_a_bot_sends_30_messages_a_second_in_all() -> None:
    limits = FloodLimits(True)
    assert [limits.wait_for(n, private=True, now=100.0) for n in range(31)] == [0] * 30 + [1]
    assert limits.wait_for(99, private=True, now=101.0) == 0


def test_an_album_counts_as_its_messages() -> None:
    limits = FloodLimits(True)
    assert limits.wait_for(-7, private=False, now=100.0, weight=10) == 0
    assert limits.wait_for(-7, private=False, now=100.5, weight=10) == 0
    assert limits.wait_for(-7, private=False, now=102.0, weight=1) > 0


async def test_floods_are_answered_with_retry_after_and_can_be_switched(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.http.post("/limits", json={"enabled": True})
    bodies = [await kit.call("sendMessage", chat_id=rosa, text=str(n)) for n in range(8)]
    refused = [b for b in bodies if not b["ok"]]
    assert refused
    assert refused[0]["error_code"] == 429
    seconds = refused[0]["parameters"]["retry_after"]
    assert refused[0]["description"] == f"Too Many Requests: retry after {seconds}"
    await kit.http.post("/clock", json={"advance_s": seconds})
    assert await kit.bot("sendMessage", chat_id=rosa, text="dopo")
    await kit.http.post("/limits", json={"enabled": False})
    for n in range(40):
        await kit.bot("sendMessage", chat_id=kit.group, text=str(n))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("429", "429 Too Many Requests: retry after 7"),
        ("500", "500 Internal Server Error"),
        ("403", "403 Forbidden: bot was blocked by the user"),
    ],
)
async def test_a_fault_on_order_strikes_as_often_as_ordered(kit: Kit, kind: str, answer: str) -> None:
    rosa, piero = await kit.person(), await kit.person("Piero")
    order = {"method": "sendMessage", "chat_id": rosa, "kind": kind, "count": 2, "seconds": 7}
    await kit.http.post("/faults", json=order)
    assert await kit.bot("sendMessage", chat_id=piero, text="altra chat")
    assert [await kit.refused("sendMessage", chat_id=rosa, text="x") for _ in range(2)] == [answer] * 2
    assert await kit.bot("sendMessage", chat_id=rosa, text="x")
    assert [m["text"] for m in await kit.sees(rosa)] == ["/start", "x"]


@pytest.mark.parametrize(
    ("kind", "acted"), [("timeout_before", False), ("timeout_after", True), ("disconnect", False)]
)
async def test_a_lost_call_gets_no_answer_whether_it_acted_or_not(kit: Kit, kind: str, acted: bool) -> None:
    rosa = await kit.person()
    await kit.http.post("/faults", json={"kind": kind, "count": 1, "seconds": 0.05})
    with pytest.raises(httpx.TransportError):
        await kit.call("sendMessage", chat_id=rosa, text="persa?")
    assert ("persa?" in [m.get("text") for m in await kit.sees(rosa)]) is acted
    line = json.loads((await kit.http.get("/log")).text.splitlines()[-1])
    assert (line["fault"], line["ok"]) == (kind, acted)


async def test_a_lost_call_hangs_until_the_caller_gives_up(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.http.post("/faults", json={"kind": "timeout_before", "count": 1})
    with pytest.raises(httpx.ReadTimeout):
        await kit.http.post(
            f"/bot{kit.local.token}/sendMessage", json={"chat_id": rosa, "text": "x"}, timeout=0.05
        )


async def test_a_slow_call_acts_after_its_seconds(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.http.post("/faults", json={"kind": "slow", "count": 1, "seconds": 0.2})
    slow = asyncio.create_task(kit.bot("sendMessage", chat_id=rosa, text="lenta"))
    await asyncio.sleep(0)
    quick = await kit.bot("getMe")
    assert (quick["is_bot"], slow.done()) == (True, False)
    assert (await slow)["text"] == "lenta"


@pytest.mark.parametrize(
    "order", [{"kind": "flood"}, {"kind": "429", "count": "many"}, {"kind": "slow", "seconds": "long"}]
)
async def test_a_fault_that_is_none_is_refused(kit: Kit, order: dict) -> None:
    answer = await kit.http.post("/faults", json=order)
    assert (answer.status_code, "error" in answer.json()) == (400, True)


async def test_telegrams_time_follows_the_clock(kit: Kit) -> None:
    rosa = await kit.person()
    before = (await kit.bot("sendMessage", chat_id=rosa, text="oggi"))["date"]
    assert (await kit.http.post("/clock", json={"advance_s": 86_400})).json()["offset_s"] == 86_400
    assert (await kit.bot("sendMessage", chat_id=rosa, text="domani"))["date"] - before >= 86_400
    assert (await kit.http.post("/clock", json={"advance_s": -1})).status_code == 400


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
async def test_parameters_come_in_four_ways(kit: Kit, way: str) -> None:
    rosa = await kit.person()
    path, params = f"/bot{kit.local.token}/SENDMESSAGE", {"chat_id": str(rosa), "text": "ciao"}
    answer = await {
        "query": lambda: kit.http.get(path, params=params),
        "form": lambda: kit.http.post(path, data=params),
        "multipart": lambda: kit.http.post(
            path, files={name: (None, value) for name, value in params.items()}
        ),
        "json": lambda: kit.http.post(path, json=params),
    }[way]()
    assert answer.json()["result"]["text"] == "ciao"


async def test_an_unknown_method_and_a_wrong_token_are_told_apart(kit: Kit) -> None:
    assert await kit.refused("sendInvoice", chat_id=1) == "404 Not Found"
    answer = await kit.http.post("/bot1:x/getMe")
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_the_log_goes_on_from_a_number(kit: Kit) -> None:
    for _ in range(3):
        await kit.bot("getMe")
    lines = [json.loads(line) for line in (await kit.http.get("/log", params={"after": 1})).text.splitlines()]
    assert [line["seq"] for line in lines] == [2, 3]
    assert {(line["via"], line["method"], line["ok"]) for line in lines} == {("call", "getMe", True)}


def test_a_log_that_is_found_is_continued(tmp_path: Path) -> None:
    first = CallLog(tmp_path / "log.jsonl")
    first.add({"method": "getMe"})
    first.close()
    second = CallLog(tmp_path / "log.jsonl")
    second.add({"method": "getChat"}, b"{}")
    assert [json.loads(line)["seq"] for line in b"".join(second.after(0)).splitlines()] == [1, 2]
    second.close()


async def test_a_local_telegram_goes_on_from_its_folder(tmp_path: Path) -> None:
    local = LocalTelegram(tmp_path)
    async with serve(local) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        kit = Kit(local, url, http)
        rosa = await kit.person()
        topic = await kit.topic()
    again = LocalTelegram(tmp_path)
    assert (again.token, again.ready("x")["angels"]) == (local.token, local.angel_ids)
    async with serve(again) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        kit = Kit(again, url, http)
        assert [u["message"].get("text") for u in await kit.updates()] == ["/start", None]
        assert await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=topic, text="di nuovo")
        assert await kit.says(rosa, text="eccomi") == 2


async def test_nothing_costs_more_in_a_long_chat(kit: Kit) -> None:
    # counted, not timed: what a call touches must not grow with what went before
    world, group = kit.local.world, kit.local.first_group
    angel = world.users[kit.angel]
    for n in range(50_000):
        world.write(group, angel, {"text": str(n)})
    cursor = world.seq
    sent = await kit.bot("sendMessage", chat_id=kit.group, text="ultima")
    assert sum(1 for _ in group.changes.since(cursor)) == 1
    shown = await kit.sees(kit.angel, chat_id=kit.group, after=cursor)
    assert [m["message_id"] for m in shown] == [sent["message_id"]] == [50_002]


@pytest.mark.skipif(not JUDGE.exists(), reason="the Bot API's judge is not beside this repository")
async def test_the_judge_finds_no_fault_in_what_is_called_answered_and_posted(kit: Kit) -> None:
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    assert spec is not None
    assert spec.loader is not None
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    await _live(kit)
    lines = [json.loads(line) for line in (await kit.http.get("/log")).text.splitlines()]
    faults = []
    for line in lines:
        faults += judge.request_faults(line["method"], line["params"])
        if line["ok"]:
            faults += judge.response_faults(line["method"], line["result"])
    assert faults == []
    assert len({line["method"] for line in lines}) >= 35


async def _live(kit: Kit) -> None:
    """Use everything once, as the bot and as people."""
    from bot.rehearsal.files import KINDS
    from bot.rehearsal.updates import KINDS as UPDATES

    await kit.bot("getUpdates", allowed_updates=sorted(UPDATES))
    rosa = await kit.person(language_code="it", username="rosa_fiori")
    chat = {"chat_id": rosa}
    topic = await kit.topic()
    there = {"chat_id": kit.group, "message_thread_id": topic}
    for kind in KINDS:
        said = await kit.says(rosa, **{kind: "sample"}, caption="ecco")
        await kit.bot("copyMessage", **there, from_chat_id=rosa, message_id=said)
        await kit.bot("forwardMessage", **there, from_chat_id=rosa, message_id=said)
    ids = (await kit.phone(f"users/{rosa}/send", album=[{"photo": "sample"}, {"video": "sample"}]))[
        "message_ids"
    ]
    await kit.bot("copyMessages", **there, from_chat_id=rosa, message_ids=ids)
    await kit.bot("forwardMessages", **there, from_chat_id=rosa, message_ids=ids)
    keys = {
        "inline_keyboard": [[{"text": "sì", "callback_data": "s"}, {"text": "via", "url": "https://spin.it"}]]
    }
    sent = await kit.bot(
        "sendMessage", **chat, text="<b>Rosa</b> https://spin.it", parse_mode="HTML", reply_markup=keys
    )
    one = {**chat, "message_id": sent["message_id"]}
    await kit.bot("editMessageText", **one, text="Rosa", link_preview_options={"is_disabled": True})
    await kit.bot("setMessageReaction", **one, reaction=[{"type": "emoji", "emoji": "👍"}])
    await kit.phone(f"users/{rosa}/react", message_id=sent["message_id"], emoji="🔥")
    await kit.phone(f"users/{rosa}/edit", message_id=await kit.says(rosa, text="un"), text="uno")
    await kit.says(rosa, text="rispondo", reply_to=sent["message_id"])
    await kit.says(kit.angel, **{"chat_id": kit.group, "thread_id": topic, "text": "nota"})
    for method, params in {
        "pinChatMessage": one,
        "sendLocation": {**chat, "latitude": 45.4, "longitude": 9.2},
        "sendVenue": {**chat, "latitude": 45.4, "longitude": 9.2, "title": "SPIN", "address": "Milano"},
        "sendContact": {**chat, "phone_number": "02", "first_name": "SPIN"},
        "sendPoll": {**chat, "question": "?", "options": [{"text": "sì"}, {"text": "no"}]},
        "sendDice": chat,
        "sendChatAction": {**chat, "action": "typing"},
        "getChat": {"chat_id": kit.group},
        "getChatMember": {"chat_id": kit.group, "user_id": rosa},
        "getChatAdministrators": {"chat_id": kit.group},
        "getChatMemberCount": {"chat_id": kit.group},
        "createChatInviteLink": {"chat_id": kit.group},
        "restrictChatMember": {"chat_id": kit.group, "user_id": kit.angel, "permissions": {}},
        "promoteChatMember": {"chat_id": kit.group, "user_id": kit.angel, "can_pin_messages": True},
        "getForumTopicIconStickers": {},
        "editForumTopic": {**there, "name": "Rosa"},
        "closeForumTopic": there,
        "reopenForumTopic": there,
        "hideGeneralForumTopic": {"chat_id": kit.group},
        "setMyCommands": {"commands": [{"command": "aiuto", "description": "Aiuto"}]},
        "getMyCommands": {},
        "setMyName": {"name": "SPIN"},
        "getMyName": {},
        "getMyDescription": {},
        "getMyShortDescription": {},
        "setChatMenuButton": {"menu_button": {"type": "commands"}},
        "getChatMenuButton": {},
        "getUserProfilePhotos": {"user_id": rosa},
        "getMe": {},
        "getWebhookInfo": {},
    }.items():
        await kit.bot(method, **params)
    await kit.phone(f"users/{rosa}/block")
    await kit.phone(f"users/{rosa}/join", chat_id=kit.group)
    await kit.owner("anonymous_message", text="prendo io")
    await kit.owner("set_rights", user_id=kit.local.angel_ids[1], can_send_messages=False)
    await kit.owner("migrate")
    await kit.owner("kick")
    await kit.bot("getUpdates", limit=100)
