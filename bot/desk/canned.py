"""Canned replies: staff's sentences with the case's facts filled in."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import UndefinedError

from bot.conversation import Manner, State
from bot.conversation.library import HOME
from bot.conversation.script import CannedReply
from bot.conversation.templates import Misspelt, NotEligible, context
from bot.conversation.types import Fact, FactId, How, Sheet
from bot.desk.work import Work, key_of
from bot.store.calls import Keyboard
from bot.store.models import Case

OPENING = "benvenuto"
"""The reply that is suggested for the first word."""


MOST = 12
SHOWN = 3000
"""Most replies in one message, and most characters of theirs (Telegram takes 4096 in all)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A canned reply with the facts filled in.

    Attributes:
        name: Its key.
        title: How it is found.
        text: What would go out; "" when a fact that it needs is not known.
    """

    name: str
    title: str
    text: str


def ready(work: Work, case: Case, state: State) -> list[Ready]:
    """All replies in the person's language, or in Italian."""
    replies = work.library.canned.get(state.language) or work.library.canned.get(HOME)
    if replies is None:
        return []
    return [
        Ready(name, reply.title, fill(work, case, state, reply)) for name, reply in replies.replies.items()
    ]


def find(work: Work, case: Case, state: State, word: str) -> list[Ready]:
    """Replies whose title or text holds a word."""
    wanted = word.casefold().strip()
    return [r for r in ready(work, case, state) if wanted in f"{r.title} {r.text}".casefold()]


def opening(work: Work, case: Case, state: State) -> str:
    """A sentence to begin with."""
    return next((r.text for r in ready(work, case, state) if r.name == OPENING), "")


def offered(work: Work, case: Case, state: State, word: str = "") -> tuple[str, Keyboard]:
    """The replies as they would go out, each with the button that sends it; with a word, those that hold it.

    What is too long to be read here among the others is previewed alone before it goes.
    """
    found = (find(work, case, state, word) if word else ready(work, case, state))[:MOST]
    if not found:
        return work.texts.notice("canned_none", word=word), ()
    room = SHOWN // len(found)
    whole = [reply for reply in found if 0 < len(reply.text) <= room]
    keys = tuple(
        (
            key_of(f"✉️ {reply.title}", "say", case.id, reply.name)
            if reply in whole
            else key_of(f"💬 {reply.title}", "preview", case.id, reply.name),
        )
        for reply in found
    )
    return work.texts.notice("canned_list", replies=whole), keys


def fill(work: Work, case: Case, state: State, reply: CannedReply) -> str:
    """One reply with the case's facts; "" when it cannot be said."""
    source = reply.tu if state.address == "tu" and reply.tu else reply.lei
    sheet, name = state.sheet, work.person(case).first_name
    if not sheet.value(FactId.NOME) and name:
        sheet = Sheet((*sheet.facts, Fact(FactId.NOME, name, "", 0, How.INFERRED)))
    manner = Manner(state.language, state.address, state.gender, state.simple)
    try:
        compiled = work.library.templates.compile(source)
        values = context(sheet, work.library.book, manner, work.library.mirror, compiled.facts)
        return compiled.render(values).strip()
    except (Misspelt, NotEligible, UndefinedError):
        return ""
