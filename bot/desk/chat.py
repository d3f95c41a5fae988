"""The chat so far, to read again in the topic."""

from __future__ import annotations

from html import escape

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.clock import in_rome
from bot.desk import topics
from bot.desk.work import Work
from bot.store.conversations import read_content
from bot.store.models import Author, Case, Message, OutboxRow, SendState
from bot.store.outbox import Purpose

PAGE = 3500
SHOWN = 60
"""Most messages shown at once: the newest."""

_SIGNS = {Author.SHOPKEEPER: "🗨", Author.BOT: "🤖", Author.ANGEL: "👤", Author.NOTE: "📝"}


def show(work: Work, case: Case, state: State) -> None:
    """Post the conversation so far, oldest first, in as few messages as it takes."""
    if not topics.told_openly(case, state):
        why = "chat_hidden" if state.watched else "chat_before" if state.sharing else "chat_unshared"
        work.in_topic(case, work.texts.notice(why))
        return
    query = select(Message).where(Message.conversation_id == case.conversation_id).order_by(Message.id.desc())
    messages = list(reversed(list(work.session.scalars(query.limit(SHOWN)))))
    known = fates(work, messages, work.person(case).chat_id)
    lines = [_line(work, m, known.get(m.id, "")) for m in messages]
    if not lines:
        work.in_topic(case, work.texts.notice("chat_empty"))
        return
    page = work.texts.notice("chat_of")
    for line in lines:
        if len(page) + len(line) > PAGE:
            work.in_topic(case, page, silent=True)
            page = ""
        page = f"{page}\n{line}" if page else line
    work.in_topic(case, page, silent=True)


_FATES = {
    SendState.UNCERTAIN: "perhaps",
    SendState.FAILED: "never",
    SendState.BLOCKED: "never",
    SendState.WITHHELD: "never",
    SendState.QUEUED: "soon",
    SendState.SENDING: "soon",
}


def fates(work: Work, messages: list[Message], person_chat: int) -> dict[int, str]:
    """What became of those that may not have reached the person; sent again, the last try counts.

    Args:
        work: The unit of work.
        messages: Of one conversation, oldest first.
        person_chat: The person's chat.
    """
    if not messages:
        return {}
    query = (
        select(OutboxRow.message_id, OutboxRow.state)
        .where(
            OutboxRow.message_id.between(messages[0].id, messages[-1].id),
            OutboxRow.chat_id == person_chat,
            OutboxRow.purpose.in_((Purpose.RELAY, Purpose.REPLY)),
        )
        .order_by(OutboxRow.id)
    )
    last = {message_id: state for message_id, state in work.session.execute(query) if message_id is not None}
    return {number: _FATES[SendState(state)] for number, state in last.items() if SendState(state) in _FATES}


def _line(work: Work, message: Message, fate: str) -> str:
    content = read_content(message)
    words = content.text or content.transcript
    kind = "" if content.kind == "text" else f"[{work.texts.words.kinds.get(content.kind, content.kind)}] "
    sign = _SIGNS[Author(message.author)]
    gone = " (ritirato)" if message.withdrawn_at else ""
    if fate and not gone:
        gone = f" <i>({work.texts.words.fates[fate]})</i>"
    return f"{in_rome(message.at):%d/%m %H:%M} {sign} {escape(kind + words[:600])}{gone}"
