"""The chat so far, to read again in the topic."""

from __future__ import annotations

from html import escape

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.clock import in_rome
from bot.desk import topics
from bot.desk.work import Work
from bot.store.conversations import read_content
from bot.store.models import Author, Case, Message

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
    lines = [_line(work, m) for m in reversed(list(work.session.scalars(query.limit(SHOWN))))]
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


def _line(work: Work, message: Message) -> str:
    content = read_content(message)
    words = content.text or content.transcript
    kind = "" if content.kind == "text" else f"[{work.texts.words.kinds.get(content.kind, content.kind)}] "
    sign = _SIGNS[Author(message.author)]
    gone = " (ritirato)" if message.withdrawn_at else ""
    return f"{in_rome(message.at):%d/%m %H:%M} {sign} {escape(kind + words[:600])}{gone}"
