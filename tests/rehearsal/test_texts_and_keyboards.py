"""Formatting and keyboards. Sources: core.telegram.org/bots/api#formatting-options; tdlib/td, MessageEntity.cpp, ReplyMarkup.cpp;
tdlib/telegram-bot-api, Client::get_reply_markup."""

from __future__ import annotations

import pytest

from bot.rehearsal.errors import ApiError
from bot.rehearsal.markup import parse as parse_markup
from bot.rehearsal.text import Formatted, parse
from tests.rehearsal.conftest import Kit


def read(text: str, mode: str = "", entities: list | None = None) -> Formatted:
    return parse(text, mode, entities, lambda user_id: {"id": user_id} if user_id == 12 else None)


def kinds(read_text: Formatted) -> list[tuple[str, int, int]]:
    return [(e["type"], e["offset"], e["length"]) for e in read_text.entities]


@pytest.mark.parametrize(
    ("text", "mode", "plain", "found"),
    [
        ("<b>ciao</b> <i>Rosa</i>", "HTML", "ciao Rosa", [("bold", 0, 4), ("italic", 5, 4)]),
        ("*ciao* _Rosa_", "MarkdownV2", "ciao Rosa", [("bold", 0, 4), ("italic", 5, 4)]),
        ("*ciao* `x`", "Markdown", "ciao x", [("bold", 0, 4), ("code", 5, 1)]),
        ("<blockquote expandable>a</blockquote>", "html", "a", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "HTML", "a", [("spoiler", 0, 1)]),
        ("&lt;b&gt;", "HTML", "<b>", []),
        ("<b>no</b>", "", "<b>no</b>", []),
    ],
)
def test_each_parse_mode_is_read_by_telegrams_own_parser(
    text: str, mode: str, plain: str, found: list
) -> None:
    result = read(text, mode)
    assert (result.text, kinds(result)) == (plain, found)


@pytest.mark.parametrize(
    ("text", "mode", "refusal"),
    [
        ("<b>ciao", "HTML", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("<x>ciao</x>", "HTML", 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
        (
            "ciao.",
            "MarkdownV2",
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ("*ciao", "Markdown", "can't parse entities: Can't find end of the entity starting at byte offset 0"),
        ("ciao", "BBCode", "unsupported parse_mode"),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(text: str, mode: str, refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        read(text, mode)
    assert error.value.description == f"Bad Request: {refusal}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start ciao", [("bot_command", 0, 6)]),
        ("veda https://spin.it e @spin_bot", [("url", 5, 15), ("mention", 23, 9)]),
        ("😀 /aiuto", [("bot_command", 3, 6)]),
        ("scriva a info@spin.it", [("email", 9, 12)]),
        ("mi chiami al +39 333 1234567", [("phone_number", 13, 15)]),
        ("il bar di via Borsieri", []),
    ],
)
def test_commands_links_and_numbers_are_found_in_plain_text(text: str, found: list) -> None:
    # offsets count UTF-16 code units (Bot API, MessageEntity)
    assert kinds(read(text)) == found


def test_a_link_inside_code_stays_code() -> None:
    assert kinds(read("<code>https://spin.it</code>", "HTML")) == [("code", 0, 15)]


def test_a_text_is_trimmed_and_its_entities_move_along() -> None:
    result = read("\n  <b>ciao</b>  \n", "HTML")
    assert (result.text, kinds(result)) == ("ciao", [("bold", 0, 4)])


def test_a_mention_of_somebody_unknown_is_plain_text() -> None:
    assert kinds(read('<a href="tg://user?id=12">a</a><a href="tg://user?id=13">b</a>', "HTML")) == [
        ("text_mention", 0, 1)
    ]


def test_half_a_character_is_refused_not_swallowed() -> None:
    with pytest.raises(ApiError, match="strings must be encoded in UTF-8"):
        read("\ud83d")


def test_entities_may_be_given_instead_of_a_parse_mode() -> None:
    assert kinds(read("ciao", "", [{"type": "bold", "offset": 0, "length": 4}])) == [("bold", 0, 4)]


@pytest.mark.parametrize(
    ("offset", "length", "refusal"),
    [
        (0, 9, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9"),
        (10, 2, "entity begins after the end of the text at UTF-16 offset 10"),
        (-1, 2, "receive an entity with incorrect offset -1"),
        (0, -2, "receive an entity with incorrect length -2"),
        (5, 1, "entity beginning at UTF-16 offset 5 ends in a middle of a UTF-16 symbol"),
    ],
)
def test_entities_that_do_not_lie_in_the_text_are_refused(offset: int, length: int, refusal: str) -> None:
    # td, clean_input_string_with_entities: its own words, through td_execute
    with pytest.raises(ApiError, match=refusal):
        read("ciao 😀", "", [{"type": "bold", "offset": offset, "length": length}])


@pytest.mark.parametrize("data", ["x", "à" * 32, "x" * 64])
def test_callback_data_of_1_to_64_bytes_goes(data: str) -> None:
    inline, _ = parse_markup({"inline_keyboard": [[{"text": "sì", "callback_data": data}]]})
    assert inline == {"inline_keyboard": [[{"text": "sì", "callback_data": data}]]}


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        ({"text": "sì", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "sì", "callback_data": "à" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "sì", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "sì"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": "x"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": "", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "via", "url": "http://localhost"},
            "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
        ),
        ("sì", "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
    ],
)
def test_a_bad_button_is_refused_in_telegrams_words(button: object, refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        parse_markup({"inline_keyboard": [[button]]})
    assert error.value.description == f"Bad Request: {refusal}"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        ('{"keyboard": 5}', 'field "keyboard" must be of type Array'),
        (
            '{"inline_keyboard": [{}]}',
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
    ],
)
def test_a_bad_keyboard_is_refused_in_telegrams_words(raw: str, refusal: str) -> None:
    with pytest.raises(ApiError) as error:
        parse_markup(raw)
    assert error.value.description == f"Bad Request: {refusal}"


async def test_a_custom_keyboard_shows_on_the_telephone_and_not_in_the_answer(kit: Kit) -> None:
    # Bot API, Message.reply_markup is an InlineKeyboardMarkup only
    rosa = await kit.person()
    keyboard = {"keyboard": [[{"text": "Il mio numero", "request_contact": True}]], "resize_keyboard": True}
    sent = await kit.bot("sendMessage", chat_id=rosa, text="Mi lascia un numero?", reply_markup=keyboard)
    assert "reply_markup" not in sent
    assert (await kit.sees(rosa))[-1]["keyboard"]["keyboard"][0][0]["request_contact"] is True
