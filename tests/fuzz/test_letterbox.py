"""A small share of `make fuzz` in the inner ring, and Hypothesis on the edge alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Library, load_library
from bot.desk.events import AngelTapped
from bot.telegram.updates import (
    CHOICE_PREFIX,
    Ignored,
    MaskedText,
    PrivateTapped,
    PrivateWrote,
    read,
    receive,
)
from tests.e2e.house import ROOT
from tests.fuzz.letterbox import fuzz

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT / "dialogues")


async def test_no_hostile_update_makes_the_house_fail_or_waits_for_ever(
    tmp_path: Path, library: Library
) -> None:
    found = await fuzz(tmp_path, library, seed=20260302, count=250)
    assert found.done > 200
    assert found.errors == {}


@settings(max_examples=150, deadline=None)
@given(text=ANY_TEXT, name=ANY_TEXT)
def test_any_text_and_any_name_pass_the_edge_as_something_that_can_be_stored(text: str, name: str) -> None:
    user = {"id": 5, "is_bot": False, "first_name": name}
    message = {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}, "from": user, "text": text}
    incoming = receive({"update_id": 1, "message": message}, MaskedText)
    stored = read(incoming.body, 4242)
    assert isinstance(stored, PrivateWrote | Ignored)
    if isinstance(stored, PrivateWrote):
        assert (stored.content.text + stored.first_name).encode().count(b"\x00") == 0


@settings(max_examples=150, deadline=None)
@given(data=ANY_TEXT)
def test_forged_callback_data_is_a_choice_of_the_dialogue_a_tap_for_the_desk_or_nothing(data: str) -> None:
    user = {"id": 5, "is_bot": False, "first_name": "x"}
    message = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    query = {"id": "1", "from": user, "chat_instance": "c", "data": data, "message": message}
    item = read(receive({"update_id": 1, "callback_query": query}, MaskedText).body, 4242)
    assert isinstance(item, PrivateTapped | AngelTapped)
    if isinstance(item, PrivateTapped) and item.choice:
        assert data.replace("\x00", "").startswith(CHOICE_PREFIX)


JUNK = st.one_of(st.none(), st.booleans(), st.integers(), ANY_TEXT, st.just([]), st.just({}), st.just([{}]))
USER = {"id": 5, "is_bot": False, "first_name": "x"}
HERE = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "from": USER}
THERE = HERE | {
    "chat": {"id": -5, "type": "supergroup", "title": "x"},
    "message_thread_id": 7,
    "is_topic_message": True,
}
MEMBER = {"user": USER, "status": "member"}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
UPDATES = (
    {"message": HERE | {"text": "ciao", "entities": [{"type": "bold", "offset": 0, "length": 2}]}},
    {"message": HERE | {"photo": [PHOTO], "caption": "ecco", "media_group_id": "1"}},
    {"message": HERE | {"contact": {"phone_number": "02", "first_name": "x", "user_id": 5}}},
    {"message": THERE | {"text": "ciao", "reply_to_message": THERE | {"text": "prima"}}},
    {"message": THERE | {"forum_topic_created": {"name": "x", "icon_color": 1}}},
    {"edited_message": HERE | {"text": "ciao"}},
    {"callback_query": {"id": "1", "from": USER, "chat_instance": "c", "data": "d:1", "message": THERE}},
    {
        "message_reaction": {
            "chat": HERE["chat"],
            "message_id": 1,
            "user": USER,
            "date": 1,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "x"}],
        }
    },
    {
        "chat_member": {
            "chat": THERE["chat"],
            "from": USER,
            "date": 1,
            "old_chat_member": MEMBER,
            "new_chat_member": {"user": USER, "status": "left"},
        }
    },
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every key or index of a nested thing, with what holds it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in inside for place in ((value, key), *_places(item))]


@settings(max_examples=400, deadline=None)
@given(which=st.sampled_from(UPDATES), spoil=st.data())
def test_an_update_spoilt_anywhere_is_refused_at_the_door_or_read_as_something(
    which: dict[str, Any], spoil: st.DataObject
) -> None:
    update = copy.deepcopy({"update_id": 1, **which})
    holder, key = spoil.draw(st.sampled_from(_places(update)))
    junk = spoil.draw(JUNK)
    if isinstance(holder, dict) and spoil.draw(st.booleans()):
        holder["x" + key] = holder.pop(key)
    else:
        holder[key] = junk
    try:
        incoming = receive(update, MaskedText)
    except (TypeError, ValueError, OverflowError, AttributeError, KeyError):
        return
    assert read(incoming.body, 4242) is not None
