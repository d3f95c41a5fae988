"""A small share of `make fuzz` in the inner ring, and Hypothesis on the edge alone."""

from __future__ import annotations

from pathlib import Path

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
