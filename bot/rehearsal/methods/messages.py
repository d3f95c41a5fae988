"""Text and the small kinds of message; actions, reactions, pins, answers to taps."""

from __future__ import annotations

import secrets

from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.reactions import read_reactions
from bot.rehearsal.registry import method
from bot.rehearsal.render import message_json, user_json
from bot.rehearsal.sending import chat_of, formatted, known, message_in, place_of, send
from bot.rehearsal.text import parse
from bot.rehearsal.world import Chat, Json, Message

_ACTIONS = {
    "cancel",
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


@method("getMe")
def get_me(local: LocalTelegram, args: Args) -> Json:
    """Describe the bot."""
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }
    name = local.profile.names.get("", local.bot.first_name)
    return {**user_json(local.bot), "first_name": name, **abilities}


@method("sendMessage")
def send_message(local: LocalTelegram, args: Args) -> Json:
    """Send a text."""
    if not args.text("text"):
        raise bad_request("Message text is empty")
    read = formatted(local, args, "text")
    content = read.fields("text", "entities")
    preview = args.parsed("link_preview_options", "link preview options")
    if isinstance(preview, dict) and preview:
        content["link_preview_options"] = preview
    elif args.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return message_json(send(local, place_of(local, args), content))


@method("sendLocation")
def send_location(local: LocalTelegram, args: Args) -> Json:
    """Send a point on the map, live if `live_period` (seconds) is given."""
    location = _location(args)
    for name in ("live_period", "heading", "proximity_alert_radius"):
        if args.integer(name):
            location[name] = args.integer(name)
    return message_json(send(local, place_of(local, args), {"location": location}))


def _location(args: Args) -> Json:
    location: Json = {"latitude": args.number("latitude"), "longitude": args.number("longitude")}
    if not -90 <= location["latitude"] <= 90:
        raise bad_request("Wrong latitude specified")
    if args.has("horizontal_accuracy"):
        location["horizontal_accuracy"] = args.number("horizontal_accuracy")
    return location


@method("sendVenue")
def send_venue(local: LocalTelegram, args: Args) -> Json:
    """Send a place with name and address."""
    venue: Json = {"location": _location(args), "title": args.text("title"), "address": args.text("address")}
    for name in ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type"):
        if args.has(name):
            venue[name] = args.text(name)
    return message_json(send(local, place_of(local, args), {"venue": venue, "location": venue["location"]}))


@method("sendContact")
def send_contact(local: LocalTelegram, args: Args) -> Json:
    """Send a telephone contact."""
    if not args.has("phone_number"):
        raise bad_request("Wrong phone number specified")
    if not args.has("first_name"):
        raise bad_request("First name must be non-empty")
    contact = {
        name: args.text(name)
        for name in ("phone_number", "first_name", "last_name", "vcard")
        if args.has(name)
    }
    return message_json(send(local, place_of(local, args), {"contact": contact}))


@method("sendDice")
def send_dice(local: LocalTelegram, args: Args) -> Json:
    """Throw a die, or one of its relatives."""
    emoji = args.text("emoji").rstrip("\ufe0f") or "🎲"
    if emoji not in _DICE:
        raise bad_request("Wrong dice emoji specified")
    dice = {"emoji": emoji, "value": 1 + secrets.randbelow(_DICE[emoji])}
    return message_json(send(local, place_of(local, args), {"dice": dice}))


@method("sendPoll")
def send_poll(local: LocalTelegram, args: Args) -> Json:
    """Ask a question with options."""
    question = formatted(
        local, args, "question", "question_parse_mode", "question_entities", may_be_empty=True
    )
    if not question.text:
        raise bad_request("Poll question must be non-empty")
    if len(question.text) > 300:
        raise bad_request("Poll question length must not exceed 300")
    raw = args.parsed("options", "options")
    if not isinstance(raw, list):
        raise bad_request("Expected an Array of String as options")
    if not 1 <= len(raw) <= 12:
        raise bad_request(
            "Poll can't have more than 12 options" if raw else "Poll must have at least one option"
        )
    options: list[Json] = []
    for number, item in enumerate(raw):
        written: Json = item if isinstance(item, dict) else {"text": str(item)}
        mode = str(written.get("text_parse_mode") or "")
        read = parse(
            str(written.get("text") or ""),
            mode,
            written.get("text_entities"),
            known(local),
            may_be_empty=True,
        )
        if not 1 <= len(read.text) <= 100:
            raise bad_request(
                "Poll options length must not exceed 100"
                if read.text
                else "Poll option text must be non-empty"
            )
        options.append(
            {"persistent_id": str(number), **read.fields("text", "text_entities"), "voter_count": 0}
        )
    quiz = args.text("type") == "quiz"
    poll: Json = {
        "id": str(secrets.randbits(60)),
        **question.fields("question", "question_entities"),
        "options": options,
        "total_voter_count": 0,
        "is_closed": args.flag("is_closed"),
        "is_anonymous": not args.has("is_anonymous") or args.flag("is_anonymous"),
        "type": "quiz" if quiz else "regular",
        "allows_multiple_answers": args.flag("allows_multiple_answers"),
        "allows_revoting": args.flag("allows_revoting") if args.has("allows_revoting") else not quiz,
        "members_only": args.flag("members_only"),
    }
    if quiz:
        correct = args.parsed("correct_option_ids", "correct option identifiers")
        poll["correct_option_ids"] = (
            correct if isinstance(correct, list) else [args.integer("correct_option_id")]
        )
        if args.has("explanation"):
            told = formatted(
                local,
                args,
                "explanation",
                "explanation_parse_mode",
                "explanation_entities",
                may_be_empty=True,
            )
            poll |= told.fields("explanation", "explanation_entities")
    for name in ("open_period", "close_date"):
        if args.integer(name):
            poll[name] = args.integer(name)
    return message_json(send(local, place_of(local, args), {"poll": poll}))


@method("sendChatAction")
def send_chat_action(local: LocalTelegram, args: Args) -> bool:
    """Show that the bot is typing, recording, ...; the telephones that watch are told."""
    action = args.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = chat_of(local, args)
    thread_id = args.integer("message_thread_id")
    if thread_id > 1 and chat.is_forum and thread_id not in chat.topics:
        raise bad_request("Message thread not found")
    local.act(chat, action, thread_id or None)
    return True


@method("setMessageReaction")
def set_message_reaction(local: LocalTelegram, args: Args) -> bool:
    """Set or take back the bot's reaction to a message."""
    reactions = read_reactions(args.parsed("reaction", "reaction types"))
    chat = chat_of(local, args, access="read")
    message = message_in(chat, args.integer("message_id"), "message to react")
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if message.service:
        raise bad_request("REACTION_INVALID")
    if not chat.may(local.bot.id, "can_react_to_messages"):
        raise bad_request("CHAT_WRITE_FORBIDDEN")
    local.react(message, local.bot, reactions)
    return True


@method("answerCallbackQuery")
def answer_callback_query(local: LocalTelegram, args: Args) -> bool:
    """Answer a tap on an inline button."""
    if len(args.text("text")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": args.text("text"), "show_alert": args.flag("show_alert"), "url": args.text("url")}
    local.answer_tap(args.text("callback_query_id"), answer)
    return True


def _pinnable(local: LocalTelegram, chat: Chat) -> None:
    if not chat.may(local.bot.id, "can_pin_messages"):
        raise bad_request("Not enough rights to manage pinned messages in the chat")


@method("pinChatMessage")
def pin_chat_message(local: LocalTelegram, args: Args) -> bool:
    """Pin a message; a service message says so."""
    chat = chat_of(local, args)
    message = message_in(chat, args.integer("message_id"), "message to pin")
    _pinnable(local, chat)
    if message.service:
        raise bad_request("Service messages can't be pinned")
    if message.id in chat.pinned:
        return True
    chat.pinned[message.id] = None
    shown = message_json(message, with_reply=False)
    local.service(chat, local.bot, {"pinned_message": shown}, thread_id=message.thread_id)
    return True


@method("unpinChatMessage")
def unpin_chat_message(local: LocalTelegram, args: Args) -> bool:
    """Unpin a message, the latest pinned one without `message_id`."""
    chat = chat_of(local, args)
    if not args.has("message_id"):
        _pinnable(local, chat)
        if not chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.popitem()
        return True
    message = message_in(chat, args.integer("message_id"), "message to unpin")
    _pinnable(local, chat)
    chat.pinned.pop(message.id, None)
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(local: LocalTelegram, args: Args) -> bool:
    """Unpin everything in a chat."""
    chat = chat_of(local, args)
    _pinnable(local, chat)
    chat.pinned.clear()
    return True


def unpin_thread(chat: Chat, thread_id: int | None) -> None:
    """Unpin everything in one topic."""

    def inside(message: Message | None) -> bool:
        return message is not None and message.thread_id == thread_id

    for message_id in [i for i in chat.pinned if inside(chat.messages.get(i))]:
        del chat.pinned[message_id]
