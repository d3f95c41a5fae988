"""Groups, rights and members. Sources: core.telegram.org/bots/api (ChatMember, restrictChatMember, promoteChatMember, Update);
tdlib/telegram-bot-api, Client::check_chat_access; tdlib/td, MessageContent.cpp (can_send_message_content)."""

from __future__ import annotations

import pytest

from tests.rehearsal.conftest import Kit


async def test_the_group_is_ready_for_an_angels_desk(kit: Kit) -> None:
    chat = await kit.bot("getChat", chat_id=kit.group)
    assert (chat["type"], chat["is_forum"]) == ("supergroup", True)
    assert await kit.bot("getChatMemberCount", chat_id=kit.group) == 5
    ranks = {m["user"]["id"]: m["status"] for m in await kit.bot("getChatAdministrators", chat_id=kit.group)}
    assert ranks == {kit.local.coordinator_id: "creator", kit.local.bot.id: "administrator"}
    ours = await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.local.bot.id)
    assert all(ours[right] for right in ours if right.startswith("can_") and right != "can_be_edited")
    angel = await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel)
    assert angel["status"] == "member"


async def test_a_bot_that_was_removed_is_told_and_reaches_nobody(kit: Kit) -> None:
    # Client::check_chat_access; Bot API, Update.my_chat_member
    await kit.owner("kick")
    told = (await kit.updates())[-1]["my_chat_member"]
    assert (told["old_chat_member"]["status"], told["new_chat_member"]["status"]) == (
        "administrator",
        "kicked",
    )
    for method, params in {
        "sendMessage": {"text": "x"},
        "getChat": {},
        "createForumTopic": {"name": "x"},
    }.items():
        said = await kit.refused(method, chat_id=kit.group, **params)
        assert said == "403 Forbidden: bot was kicked from the supergroup chat"
    await kit.says(kit.angel, chat_id=kit.group, text="il bot non c'è")
    assert await kit.updates() == []
    await kit.owner("promote")
    assert await kit.bot("sendMessage", chat_id=kit.group, text="rieccomi")


async def test_who_leaves_is_announced_and_no_longer_a_member(kit: Kit) -> None:
    await kit.bot("getUpdates", allowed_updates=["message", "chat_member"])
    await kit.phone(f"users/{kit.angel}/leave", chat_id=kit.group)
    change, service = await kit.updates()
    assert change["chat_member"]["new_chat_member"]["status"] == "left"
    assert service["message"]["left_chat_member"]["id"] == kit.angel
    assert (await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel))["status"] == "left"
    status, _ = await kit.phone_refuses(f"users/{kit.angel}/send", chat_id=kit.group, text="x")
    assert status == 403
    await kit.phone(f"users/{kit.angel}/join", chat_id=kit.group)
    assert (await kit.updates())[-1]["message"]["new_chat_members"][0]["id"] == kit.angel


async def test_changes_of_members_come_only_when_asked_for(kit: Kit) -> None:
    # Bot API, getUpdates, allowed_updates
    await kit.phone(f"users/{kit.angel}/leave", chat_id=kit.group)
    assert [list(u)[1] for u in await kit.updates()] == ["message"]


@pytest.mark.parametrize(
    ("method", "params", "right", "words"),
    [
        (
            "pinChatMessage",
            {"message_id": 2},
            "can_pin_messages",
            "not enough rights to manage pinned messages in the chat",
        ),
        (
            "banChatMember",
            {"user_id": "angel"},
            "can_restrict_members",
            "not enough rights to restrict/unrestrict chat member",
        ),
        ("setChatTitle", {"title": "x"}, "can_change_info", "not enough rights to change chat title"),
        ("exportChatInviteLink", {}, "can_invite_users", "not enough rights to manage chat invite link"),
        ("deleteMessage", {"message_id": 2}, "can_delete_messages", "message can't be deleted"),
    ],
)
async def test_what_takes_a_right_is_refused_without_it(
    kit: Kit, method: str, params: dict, right: str, words: str
) -> None:
    assert await kit.says(kit.angel, chat_id=kit.group, text="ciao") == 2
    params = {name: kit.angel if value == "angel" else value for name, value in params.items()}
    await kit.owner("set_rights", user_id="bot", rights={right: False})
    assert await kit.refused(method, chat_id=kit.group, **params) == f"400 Bad Request: {words}"
    await kit.owner("set_rights", user_id="bot", rights={right: True})
    assert await kit.bot(method, chat_id=kit.group, **params)


async def test_a_bot_without_rank_sends_only_what_members_may(kit: Kit) -> None:
    # td, can_send_message_content
    await kit.owner("demote")
    await kit.owner("set_rights", can_send_messages=False)
    said = await kit.refused("sendMessage", chat_id=kit.group, text="x")
    assert said == "400 Bad Request: not enough rights to send text messages to the chat"


async def test_a_bot_without_rank_hears_only_what_is_for_it(kit: Kit) -> None:
    # core.telegram.org/bots/features#privacy-mode
    await kit.owner("demote")
    await kit.updates()
    await kit.says(kit.angel, chat_id=kit.group, text="tra noi")
    await kit.says(kit.angel, chat_id=kit.group, text="/aiuto")
    ours = (await kit.bot("sendMessage", chat_id=kit.group, text="eccomi"))["message_id"]
    await kit.says(kit.angel, chat_id=kit.group, text="grazie", reply_to=ours)
    assert [u["message"]["text"] for u in await kit.updates()] == ["/aiuto", "grazie"]


async def test_a_banned_member_is_out_until_unbanned(kit: Kit) -> None:
    assert await kit.bot("banChatMember", chat_id=kit.group, user_id=kit.angel)
    assert (await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel))["status"] == "kicked"
    assert (await kit.phone_refuses(f"users/{kit.angel}/join", chat_id=kit.group))[0] == 403
    assert await kit.bot("unbanChatMember", chat_id=kit.group, user_id=kit.angel)
    await kit.phone(f"users/{kit.angel}/join", chat_id=kit.group)


async def test_a_restricted_member_may_not_write(kit: Kit) -> None:
    await kit.bot(
        "restrictChatMember", chat_id=kit.group, user_id=kit.angel, permissions={"can_send_messages": False}
    )
    assert (await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel))["status"] == "restricted"
    assert (await kit.phone_refuses(f"users/{kit.angel}/send", chat_id=kit.group, text="x"))[0] == 403


async def test_the_bot_promotes_and_demotes(kit: Kit) -> None:
    await kit.bot("promoteChatMember", chat_id=kit.group, user_id=kit.angel, can_pin_messages=True)
    member = await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel)
    assert (member["status"], member["can_pin_messages"], member["can_change_info"]) == (
        "administrator",
        True,
        False,
    )
    await kit.bot("promoteChatMember", chat_id=kit.group, user_id=kit.angel)
    assert (await kit.bot("getChatMember", chat_id=kit.group, user_id=kit.angel))["status"] == "member"


async def test_the_owner_cannot_be_removed(kit: Kit) -> None:
    said = await kit.refused("banChatMember", chat_id=kit.group, user_id=kit.local.coordinator_id)
    assert said == "400 Bad Request: can't remove chat owner"


async def test_an_upgraded_group_says_where_it_went(kit: Kit) -> None:
    # Client::check_chat_access; Bot API, ResponseParameters.migrate_to_chat_id, Message.migrate_to_chat_id
    topic = await kit.topic()
    await kit.updates()
    new = (await kit.owner("migrate"))["id"]
    body = await kit.call("sendMessage", chat_id=(old := _old(kit, new)), message_thread_id=topic, text="x")
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert body["parameters"] == {"migrate_to_chat_id": new}
    there, here = [u["message"] for u in await kit.updates()]
    assert (there["chat"]["id"], there["migrate_to_chat_id"]) == (old, new)
    assert (here["chat"]["id"], here["migrate_from_chat_id"]) == (new, old)
    assert await kit.bot("sendMessage", chat_id=new, message_thread_id=topic, text="di nuovo qui")
    assert await kit.says(kit.angel, chat_id=old, thread_id=topic, text="il telefono segue da sé")


def _old(kit: Kit, new: int) -> int:
    return next(i for i, chat in kit.local.world.chats.items() if chat.migrated_to == new)


async def test_an_anonymous_administrator_writes_as_the_group(kit: Kit) -> None:
    # Bot API, Message.sender_chat: "the supergroup itself for messages sent by its anonymous administrators"
    topic = await kit.topic()
    await kit.owner("anonymous_message", text="prendo io", thread_id=topic)
    told = (await kit.updates())[-1]["message"]
    assert (told["from"]["username"], told["sender_chat"]["id"]) == ("GroupAnonymousBot", kit.group)
    assert told["message_thread_id"] == topic


async def test_title_and_description_change_once(kit: Kit) -> None:
    assert await kit.bot("setChatTitle", chat_id=kit.group, title="Angeli di Milano")
    assert (await kit.updates())[-1]["message"]["new_chat_title"] == "Angeli di Milano"
    assert await kit.bot("setChatDescription", chat_id=kit.group, description="Lo sportello")
    said = await kit.refused("setChatDescription", chat_id=kit.group, description="Lo sportello")
    assert said == "400 Bad Request: chat description is not modified"


async def test_an_unknown_action_of_the_owner_is_refused_with_the_list(kit: Kit) -> None:
    status, error = await kit.phone_refuses(f"groups/{kit.group}/admin", action="dance")
    assert status == 400
    assert "anonymous_message" in error


async def test_a_bot_that_left_is_no_member(kit: Kit) -> None:
    assert await kit.bot("leaveChat", chat_id=kit.group)
    said = await kit.refused("sendMessage", chat_id=kit.group, text="x")
    assert said == "403 Forbidden: bot is not a member of the supergroup chat"
