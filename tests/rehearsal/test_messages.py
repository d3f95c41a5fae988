"""Texts, edits and deletions. Sources: core.telegram.org/bots/api; tdlib/telegram-bot-api, Client.cpp; tdlib/td."""

from __future__ import annotations

import pytest

from tests.rehearsal.conftest import Kit

NOT_MODIFIED = (
    "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def test_both_sides_of_a_private_chat_see_the_same_message_id(kit: Kit) -> None:
    rosa = await kit.person()
    said = await kit.says(rosa, text="buonasera")
    answered = await kit.bot("sendMessage", chat_id=rosa, text="Buonasera, che cosa la porta qui?")
    assert (await kit.updates())[-1]["message"]["message_id"] == said
    assert [m["message_id"] for m in await kit.sees(rosa)][-2:] == [said, answered["message_id"]]


async def test_nobody_is_written_to_before_they_pressed_start(kit: Kit) -> None:
    # td, process_send_message_fail_error: PEER_ID_INVALID
    rosa = await kit.person(start=False)
    refusal = await kit.refused("sendMessage", chat_id=rosa, text="buongiorno")
    assert refusal == "403 Forbidden: bot can't initiate conversation with a user"


async def test_who_blocked_the_bot_is_not_reached(kit: Kit) -> None:
    # Client::fail_query_with_error: USER_IS_BLOCKED; Bot API, Update.my_chat_member
    rosa = await kit.person()
    await kit.phone(f"users/{rosa}/block")
    assert (
        await kit.refused("sendMessage", chat_id=rosa, text="c'è?")
        == "403 Forbidden: bot was blocked by the user"
    )
    told = (await kit.updates())[-1]["my_chat_member"]
    assert (told["old_chat_member"]["status"], told["new_chat_member"]["status"]) == ("member", "kicked")
    await kit.phone(f"users/{rosa}/unblock")
    assert await kit.bot("sendMessage", chat_id=rosa, text="bentornata")


async def test_a_deleted_account_is_not_reached(kit: Kit) -> None:
    # Client::check_chat_access
    rosa = await kit.person()
    await kit.phone(f"users/{rosa}/deactivate")
    assert await kit.refused("sendMessage", chat_id=rosa, text="c'è?") == "403 Forbidden: user is deactivated"


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": "x"}, "400 Bad Request: chat_id is empty"),
        ({"chat_id": 1, "text": "x"}, "400 Bad Request: chat not found"),
        ({"chat_id": "rosa", "text": "x"}, "400 Bad Request: chat not found"),
        ({"chat_id": 1}, "400 Bad Request: message text is empty"),
    ],
)
async def test_a_call_without_a_chat_or_a_text_is_refused_in_telegrams_words(
    kit: Kit, params: dict, refusal: str
) -> None:
    # Client::check_chat, TdOnCheckChatCallback, Client::get_input_message_text
    assert await kit.refused("sendMessage", **params) == refusal


async def test_a_text_of_4096_characters_goes_and_one_more_does_not(kit: Kit) -> None:
    # Bot API, sendMessage, text: "1-4096 characters after entities parsing"; td: MESSAGE_TOO_LONG
    rosa = await kit.person()
    assert await kit.bot("sendMessage", chat_id=rosa, text="<b>" + "à" * 4096 + "</b>", parse_mode="HTML")
    assert (
        await kit.refused("sendMessage", chat_id=rosa, text="à" * 4097)
        == "400 Bad Request: message is too long"
    )


async def test_a_caption_of_1024_characters_goes_and_one_more_does_not(kit: Kit) -> None:
    # Bot API, sendPhoto, caption: "0-1024 characters after entities parsing"; td: MEDIA_CAPTION_TOO_LONG
    rosa = await kit.person()
    await kit.says(rosa, photo="sample")
    photo = (await kit.updates())[-1]["message"]["photo"][-1]["file_id"]
    assert await kit.bot("sendPhoto", chat_id=rosa, photo=photo, caption="c" * 1024)
    refusal = await kit.refused("sendPhoto", chat_id=rosa, photo=photo, caption="c" * 1025)
    assert refusal == "400 Bad Request: message caption is too long"


async def test_a_text_of_spaces_is_empty(kit: Kit) -> None:
    # td, MessageEntity.cpp: fix_formatted_text
    rosa = await kit.person()
    assert (
        await kit.refused("sendMessage", chat_id=rosa, text=" \n ")
        == "400 Bad Request: text must be non-empty"
    )


async def test_an_edit_shows_on_the_telephone_and_has_a_date(kit: Kit) -> None:
    rosa = await kit.person()
    sent = await kit.bot("sendMessage", chat_id=rosa, text="uno")
    edited = await kit.bot("editMessageText", chat_id=rosa, message_id=sent["message_id"], text="due")
    assert edited["edit_date"] >= sent["date"]
    assert (await kit.sees(rosa))[-1]["text"] == "due"


async def test_an_edit_that_changes_nothing_is_refused(kit: Kit) -> None:
    # Client::fail_query_with_error: MESSAGE_NOT_MODIFIED
    rosa = await kit.person()
    keys = {"inline_keyboard": [[{"text": "sì", "callback_data": "s"}]]}
    sent = (await kit.bot("sendMessage", chat_id=rosa, text="uno", reply_markup=keys))["message_id"]
    same = {"chat_id": rosa, "message_id": sent, "reply_markup": keys}
    assert await kit.refused("editMessageText", text="uno", **same) == NOT_MODIFIED
    assert await kit.refused("editMessageReplyMarkup", **same) == NOT_MODIFIED
    assert await kit.bot("editMessageReplyMarkup", chat_id=rosa, message_id=sent)


@pytest.mark.parametrize(
    ("method", "extra", "refusal"),
    [
        ("editMessageText", {"text": "x"}, "message to edit not found"),
        ("editMessageReplyMarkup", {}, "message to edit not found"),
        ("deleteMessage", {}, "message to delete not found"),
        ("pinChatMessage", {}, "message to pin not found"),
        (
            "setMessageReaction",
            {"reaction": [{"type": "emoji", "emoji": "👍"}]},
            "message to react not found",
        ),
        ("copyMessage", {"from_chat_id": "same"}, "message to copy not found"),
        ("forwardMessage", {"from_chat_id": "same"}, "message to forward not found"),
    ],
)
async def test_what_is_not_there_cannot_be_touched(kit: Kit, method: str, extra: dict, refusal: str) -> None:
    # Client::check_message and its callers
    rosa = await kit.person()
    extra = {name: rosa if value == "same" else value for name, value in extra.items()}
    said = await kit.refused(method, chat_id=rosa, message_id=99999, **extra)
    assert said == f"400 Bad Request: {refusal}"


async def test_the_bot_cannot_edit_what_a_person_wrote(kit: Kit) -> None:
    # td, MessagesManager::can_edit_message
    rosa = await kit.person()
    hers = await kit.says(rosa, text="mio")
    said = await kit.refused("editMessageText", chat_id=rosa, message_id=hers, text="tuo")
    assert said == "400 Bad Request: message can't be edited"


async def test_text_and_caption_are_edited_each_by_its_own_method(kit: Kit) -> None:
    # td, MessagesManager::edit_message_text, edit_message_caption
    rosa = await kit.person()
    text = (await kit.bot("sendMessage", chat_id=rosa, text="uno"))["message_id"]
    await kit.says(rosa, photo="sample")
    photo_id = (await kit.updates())[-1]["message"]["photo"][-1]["file_id"]
    photo = (await kit.bot("sendPhoto", chat_id=rosa, photo=photo_id))["message_id"]
    said = await kit.refused("editMessageText", chat_id=rosa, message_id=photo, text="x")
    assert said == "400 Bad Request: there is no text in the message to edit"
    said = await kit.refused("editMessageCaption", chat_id=rosa, message_id=text, caption="x")
    assert said == "400 Bad Request: there is no caption in the message to edit"
    assert (await kit.bot("editMessageCaption", chat_id=rosa, message_id=photo, caption="vetrina"))[
        "caption"
    ] == "vetrina"


async def test_a_persons_edit_reaches_the_bot_and_a_persons_deletion_does_not(kit: Kit) -> None:
    # Bot API, Update.edited_message; there is no update for deleted messages
    rosa = await kit.person()
    said = await kit.says(rosa, text="un bar")
    await kit.updates()
    await kit.phone(f"users/{rosa}/edit", message_id=said, text="un baretto")
    (update,) = await kit.updates()
    assert update["edited_message"]["text"] == "un baretto"
    await kit.phone(f"users/{rosa}/delete", message_ids=[said])
    assert await kit.updates() == []
    assert next(m for m in await kit.sees(rosa) if m["message_id"] == said)["deleted"] is True


async def test_what_is_older_than_48_hours_cannot_be_deleted_in_a_private_chat(kit: Kit) -> None:
    # Bot API, deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago"
    rosa = await kit.person()
    old = (await kit.bot("sendMessage", chat_id=rosa, text="vecchio"))["message_id"]
    await kit.http.post("/clock", json={"advance_s": 49 * 3600})
    new = (await kit.bot("sendMessage", chat_id=rosa, text="nuovo"))["message_id"]
    said = await kit.refused("deleteMessage", chat_id=rosa, message_id=old)
    assert said == "400 Bad Request: message can't be deleted"
    assert await kit.bot("deleteMessage", chat_id=rosa, message_id=new) is True


async def test_what_is_older_than_48_hours_is_edited_only_where_it_has_buttons(kit: Kit) -> None:
    # DESIGN section 5, "48 h for edits". Bot API, editMessageText, says it only of "business messages that were not sent
    # by the bot and do not contain an inline keyboard"; we hold all of the bot's to it, so that a bot learns to cope.
    rosa = await kit.person()
    keys = {"inline_keyboard": [[{"text": "sì", "callback_data": "s"}]]}
    hers = await kit.says(rosa, text="un bar")
    plain = (await kit.bot("sendMessage", chat_id=rosa, text="uno"))["message_id"]
    card = (await kit.bot("sendMessage", chat_id=rosa, text="scheda", reply_markup=keys))["message_id"]
    await kit.http.post("/clock", json={"advance_s": 49 * 3600})
    said = await kit.refused("editMessageText", chat_id=rosa, message_id=plain, text="due")
    assert said == "400 Bad Request: message can't be edited"
    assert await kit.bot(
        "editMessageText", chat_id=rosa, message_id=card, text="scheda nuova", reply_markup=keys
    )
    assert (await kit.phone_refuses(f"users/{rosa}/edit", message_id=hers, text="due bar"))[0] == 403


async def test_deleting_many_passes_over_those_that_are_gone(kit: Kit) -> None:
    # Bot API, deleteMessages: "If some of the specified messages can't be found, they are skipped"
    rosa = await kit.person()
    ids = [(await kit.bot("sendMessage", chat_id=rosa, text=str(n)))["message_id"] for n in range(3)]
    assert await kit.bot("deleteMessages", chat_id=rosa, message_ids=[*ids, 99999]) is True
    assert [m["message_id"] for m in await kit.sees(rosa) if m.get("deleted")] == ids
    said = await kit.refused("deleteMessages", chat_id=rosa, message_ids=list(range(1, 102)))
    assert said == "400 Bad Request: too many message identifiers specified"


async def test_an_answer_shows_what_it_answers(kit: Kit) -> None:
    rosa = await kit.person()
    hers = await kit.says(rosa, text="ho un bar in Isola")
    reply = {"message_id": hers, "quote": "in Isola"}
    sent = await kit.bot("sendMessage", chat_id=rosa, text="Isola, quindi.", reply_parameters=reply)
    assert sent["reply_to_message"]["message_id"] == hers
    assert sent["quote"] == {"text": "in Isola", "position": 10, "is_manual": True}


async def test_answering_what_is_gone_is_refused_unless_the_bot_says_that_it_does_not_mind(kit: Kit) -> None:
    # Client::check_reply_parameters
    rosa = await kit.person()
    said = await kit.refused("sendMessage", chat_id=rosa, text="x", reply_parameters={"message_id": 9999})
    assert said == "400 Bad Request: message to be replied not found"
    lenient = {"message_id": 9999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await kit.bot(
        "sendMessage", chat_id=rosa, text="x", reply_parameters=lenient
    )


async def test_a_copy_does_not_say_whose_it_was_and_a_forward_does(kit: Kit) -> None:
    # Bot API, copyMessage, forwardMessage, MessageOriginUser
    rosa = await kit.person()
    hers = await kit.says(rosa, text="ho un bar")
    copy = await kit.bot("copyMessage", chat_id=kit.group, from_chat_id=rosa, message_id=hers)
    forward = await kit.bot("forwardMessage", chat_id=kit.group, from_chat_id=rosa, message_id=hers)
    assert forward["forward_origin"]["sender_user"]["id"] == rosa
    shown = {m["message_id"]: m for m in await kit.sees(kit.angel, chat_id=kit.group)}
    assert shown[copy["message_id"]]["text"] == "ho un bar"
    assert "forward_origin" not in shown[copy["message_id"]]


async def test_pinning_leaves_a_service_message_that_the_bot_sees_too(kit: Kit) -> None:
    # Client::need_skip_update_message lists messagePinMessage among the own messages that are not skipped
    sent = (await kit.bot("sendMessage", chat_id=kit.group, text="scheda"))["message_id"]
    await kit.bot("pinChatMessage", chat_id=kit.group, message_id=sent)
    assert (await kit.updates())[-1]["message"]["pinned_message"]["message_id"] == sent
    assert (await kit.bot("getChat", chat_id=kit.group))["pinned_message"]["message_id"] == sent
    await kit.bot("unpinAllChatMessages", chat_id=kit.group)
    assert "pinned_message" not in await kit.bot("getChat", chat_id=kit.group)


async def test_reactions_show_on_the_telephone_and_reach_the_bot_only_when_it_asked_for_them(
    kit: Kit,
) -> None:
    # Bot API, getUpdates, allowed_updates: all "except chat_member, message_reaction, and message_reaction_count"
    rosa = await kit.person()
    sent = (await kit.bot("sendMessage", chat_id=rosa, text="uno"))["message_id"]
    await kit.updates()
    await kit.phone(f"users/{rosa}/react", message_id=sent, emoji="❤️")
    assert await kit.updates() == []
    assert (await kit.sees(rosa))[-1]["reactions"][0]["emoji"] == "❤"
    await kit.bot("getUpdates", allowed_updates=["message", "message_reaction"])
    await kit.phone(f"users/{rosa}/react", message_id=sent, emoji=None)
    (update,) = await kit.updates()
    assert update["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "❤"}]
    assert update["message_reaction"]["new_reaction"] == []


async def test_the_bot_reacts_with_one_emoji_of_those_allowed(kit: Kit) -> None:
    # Bot API, ReactionTypeEmoji and setMessageReaction: "bots can set up to one reaction per message"
    rosa = await kit.person()
    hers = await kit.says(rosa, text="grazie")
    await kit.bot(
        "setMessageReaction", chat_id=rosa, message_id=hers, reaction=[{"type": "emoji", "emoji": "👍"}]
    )
    assert (await kit.sees(rosa))[-1]["reactions"] == [
        {"type": "emoji", "emoji": "👍", "user_id": kit.local.bot.id}
    ]
    said = await kit.refused(
        "setMessageReaction", chat_id=rosa, message_id=hers, reaction=[{"type": "emoji", "emoji": "🥖"}]
    )
    assert said == "400 Bad Request: REACTION_INVALID"
