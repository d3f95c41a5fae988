"""Forum topics. Sources: core.telegram.org/bots/api (createForumTopic and its neighbours); tdlib/td, ForumTopicManager.cpp;
tdlib/telegram-bot-api, Client::check_message_topic."""

from __future__ import annotations

import pytest

from tests.rehearsal.conftest import Kit

GONE = "400 Bad Request: message thread not found"


async def test_a_topic_is_numbered_by_the_message_that_opened_it(kit: Kit) -> None:
    # Bot API, ForumTopic.message_thread_id, Message.forum_topic_created
    topic = await kit.topic("Rosa, fiorista, Isola")
    opened = (await kit.updates())[-1]["message"]
    assert opened["message_id"] == opened["message_thread_id"] == topic != 1
    assert opened["forum_topic_created"]["name"] == "Rosa, fiorista, Isola"


async def test_messages_of_a_topic_say_so_and_hang_under_its_first_message(kit: Kit) -> None:
    topic = await kit.topic()
    sent = await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=topic, text="scheda")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    assert "forum_topic_created" in sent["reply_to_message"]
    await kit.says(kit.angel, chat_id=kit.group, thread_id=topic, text="eccomi")
    assert (await kit.updates())[-1]["message"]["message_thread_id"] == topic


async def test_general_has_no_thread_number(kit: Kit) -> None:
    sent = await kit.bot("sendMessage", chat_id=kit.group, text="a tutti")
    assert "message_thread_id" not in sent
    assert [m["message_id"] for m in await kit.sees(kit.angel, chat_id=kit.group, thread_id=1)][-1] == sent[
        "message_id"
    ]


@pytest.mark.parametrize("thread_id", [1, 4242])
async def test_a_thread_that_is_none_is_refused_and_so_is_generals_number(kit: Kit, thread_id: int) -> None:
    # Client::check_message_topic: GENERAL_FORUM_TOPIC_ID, TdOnCheckForumTopicCallback
    said = await kit.refused("sendMessage", chat_id=kit.group, message_thread_id=thread_id, text="x")
    assert said == GONE


@pytest.mark.parametrize("by", ["bot", "owner"])
async def test_nothing_goes_to_a_deleted_topic_and_its_messages_are_gone(kit: Kit, by: str) -> None:
    topic = await kit.topic()
    sent = (await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=topic, text="scheda"))[
        "message_id"
    ]
    if by == "bot":
        await kit.bot("deleteForumTopic", chat_id=kit.group, message_thread_id=topic)
    else:
        await kit.owner("delete_topic", thread_id=topic)
    assert await kit.refused("sendMessage", chat_id=kit.group, message_thread_id=topic, text="x") == GONE
    said = await kit.refused("editMessageText", chat_id=kit.group, message_id=sent, text="x")
    assert said == "400 Bad Request: message to edit not found"
    assert await kit.look(f"/phone/users/{kit.angel}/topics") == []
    assert all(m["deleted"] for m in await kit.sees(kit.angel, chat_id=kit.group, thread_id=topic))


async def test_a_topics_name_and_icon_change_and_the_telephones_see_it(kit: Kit) -> None:
    topic = await kit.topic()
    icons = await kit.bot("getForumTopicIconStickers")
    fire = next(s for s in icons if s["emoji"] == "🔥")["custom_emoji_id"]
    change = {"chat_id": kit.group, "message_thread_id": topic, "name": "Rosa", "icon_custom_emoji_id": fire}
    assert await kit.bot("editForumTopic", **change) is True
    assert (await kit.updates())[-1]["message"]["forum_topic_edited"] == {
        "name": "Rosa",
        "icon_custom_emoji_id": fire,
    }
    assert await kit.look(f"/phone/users/{kit.angel}/topics", chat_id=kit.group) == [
        {"thread_id": topic, "name": "Rosa", "icon": "🔥", "closed": False}
    ]
    assert await kit.refused("editForumTopic", **change) == "400 Bad Request: TOPIC_NOT_MODIFIED"


async def test_a_closed_topic_is_for_those_who_manage_topics(kit: Kit) -> None:
    # Bot API, closeForumTopic; Telegram's server: TOPIC_CLOSED
    topic = (await kit.owner("create_topic", name="chiuso"))["thread_id"]
    assert await kit.bot("closeForumTopic", chat_id=kit.group, message_thread_id=topic) is True
    said = await kit.refused("closeForumTopic", chat_id=kit.group, message_thread_id=topic)
    assert said == "400 Bad Request: TOPIC_NOT_MODIFIED"
    assert await kit.bot(
        "sendMessage", chat_id=kit.group, message_thread_id=topic, text="il bot gestisce gli argomenti"
    )
    status, _ = await kit.phone_refuses(
        f"users/{kit.angel}/send", chat_id=kit.group, thread_id=topic, text="x"
    )
    assert status == 403
    await kit.owner("set_rights", user_id="bot", rights={"can_manage_topics": False})
    said = await kit.refused("sendMessage", chat_id=kit.group, message_thread_id=topic, text="x")
    assert said == "400 Bad Request: TOPIC_CLOSED"
    await kit.owner("reopen_topic", thread_id=topic)
    assert await kit.says(kit.angel, chat_id=kit.group, thread_id=topic, text="riaperto")


async def test_topics_take_the_right_to_manage_them(kit: Kit) -> None:
    # td, ForumTopicManager: "Not enough rights to ..."
    theirs = (await kit.owner("create_topic", name="loro"))["thread_id"]
    await kit.owner("set_rights", can_manage_topics=False, can_delete_messages=False)
    about = {"chat_id": kit.group, "message_thread_id": theirs}
    assert (
        await kit.refused("createForumTopic", chat_id=kit.group, name="x")
        == "400 Bad Request: not enough rights to create a topic"
    )
    assert (
        await kit.refused("editForumTopic", name="x", **about)
        == "400 Bad Request: not enough rights to edit the topic"
    )
    assert (
        await kit.refused("closeForumTopic", **about)
        == "400 Bad Request: not enough rights to close or open the topic"
    )
    assert (
        await kit.refused("deleteForumTopic", **about)
        == "400 Bad Request: not enough rights to delete the topic"
    )


async def test_a_group_whose_topics_were_switched_off_is_no_forum(kit: Kit) -> None:
    # td, ForumTopicManager::is_forum; Client::check_message_topic lets the message through without a thread
    topic = await kit.topic()
    await kit.owner("forum_off")
    assert (
        await kit.refused("createForumTopic", chat_id=kit.group, name="x")
        == "400 Bad Request: the chat is not a forum"
    )
    sent = await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=topic, text="senza argomento")
    assert "message_thread_id" not in sent
    assert "is_forum" not in await kit.bot("getChat", chat_id=kit.group)
    await kit.owner("forum_on")
    assert await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=topic, text="di nuovo")


async def test_the_general_topic_is_renamed_closed_and_hidden_by_its_own_methods(kit: Kit) -> None:
    assert await kit.bot("editGeneralForumTopic", chat_id=kit.group, name="Bacheca")
    assert await kit.bot("closeGeneralForumTopic", chat_id=kit.group)
    status, _ = await kit.phone_refuses(f"users/{kit.angel}/send", chat_id=kit.group, text="x")
    assert status == 403
    assert await kit.bot("reopenGeneralForumTopic", chat_id=kit.group)
    assert await kit.bot("hideGeneralForumTopic", chat_id=kit.group)
    assert (
        await kit.refused("hideGeneralForumTopic", chat_id=kit.group) == "400 Bad Request: TOPIC_NOT_MODIFIED"
    )
    assert await kit.bot("unhideGeneralForumTopic", chat_id=kit.group)


async def test_unpinning_a_topic_leaves_the_pins_of_others(kit: Kit) -> None:
    one, two = await kit.topic("uno"), await kit.topic("due")
    for thread in (one, two):
        sent = await kit.bot("sendMessage", chat_id=kit.group, message_thread_id=thread, text="scheda")
        await kit.bot("pinChatMessage", chat_id=kit.group, message_id=sent["message_id"])
    await kit.bot("unpinAllForumTopicMessages", chat_id=kit.group, message_thread_id=two)
    assert (await kit.bot("getChat", chat_id=kit.group))["pinned_message"]["message_thread_id"] == one


@pytest.mark.parametrize("name", ["", "   "])
async def test_a_topic_needs_a_name(kit: Kit, name: str) -> None:
    assert (
        await kit.refused("createForumTopic", chat_id=kit.group, name=name)
        == "400 Bad Request: name must be non-empty"
    )


async def test_an_icon_that_is_none_is_refused(kit: Kit) -> None:
    # Bot API, createForumTopic: "Use getForumTopicIconStickers to get all allowed custom emoji identifiers"
    said = await kit.refused("createForumTopic", chat_id=kit.group, name="x", icon_custom_emoji_id="123")
    assert said == "400 Bad Request: DOCUMENT_INVALID"
