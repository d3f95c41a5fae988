"""The whole transcript of a case and who did what with it, as a file for the coordinator who asks for it."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversation.clock import in_rome
from bot.desk import chat, topics
from bot.desk.work import Work
from bot.store.calls import SendDocument
from bot.store.conversations import read_content
from bot.store.models import Angel, Audit, Author, Case, Message
from bot.store.outbox import Order, enqueue


def send(work: Work, case: Case, angel: Angel) -> None:
    """Send the transcript to the coordinator in private, and write down that they asked."""
    state = work.state(case)
    who = topics.who(work, case, state)
    # Whoever has left the group since is still who did it.
    names = {a.id: a.name or "Angelo" for a in work.session.scalars(select(Angel))}
    signs = {Author.SHOPKEEPER: who, Author.BOT: "Programma", Author.NOTE: "Nota"}
    query = select(Message).where(Message.conversation_id == case.conversation_id).order_by(Message.id)
    lines = [f"Caso {case.id}: {case.topic_title}", ""]
    messages = list(work.session.scalars(query))
    fates = chat.fates(work, messages, work.person(case).chat_id)
    for message in messages:
        content = read_content(message)
        author = Author(message.author)
        writer = names.get(message.angel_id or 0, "Angelo") if author == Author.ANGEL else signs[author]
        kind = (
            "" if content.kind == "text" else f"[{work.texts.words.kinds.get(content.kind, content.kind)}] "
        )
        fate = fates.get(message.id, "")
        gone = " (ritirato)" if message.withdrawn_at else f" ({work.texts.words.fates[fate]})" if fate else ""
        lines.append(
            f"{in_rome(message.at):%d/%m/%Y %H:%M}  {writer}: {kind}{content.text or content.transcript}{gone}"
        )
    lines += ["", work.texts.words.audit["title"], *_audit(work, case, names)]
    call = SendDocument(
        chat_id=angel.user_id,
        name=f"caso-{case.id}.txt",
        body="\n".join(lines),
        caption=work.texts.notice("transcript"),
    )
    order = Order(call, f"angel:{angel.user_id}", person_id=case.person_id, case_id=case.id)
    enqueue(work.session, order, work.now)
    work.audit(f"angel:{angel.id}", "read_transcript", case)


def _audit(work: Work, case: Case, names: dict[int, str]) -> list[str]:
    """Who did what with the case, and when."""
    words = work.texts.words.audit

    def named(actor: str) -> str:
        kind, _, number = actor.partition(":")
        return names.get(int(number), "Angelo") if number.isdecimal() else words.get(kind, kind)

    lines = []
    for entry in work.session.scalars(select(Audit).where(Audit.case_id == case.id).order_by(Audit.id)):
        other = f" ({named(entry.detail)})" if entry.detail.startswith("angel:") else ""
        what = words.get(entry.action, entry.action)
        lines.append(f"{in_rome(entry.at):%d/%m/%Y %H:%M}  {named(entry.actor)}: {what}{other}")
    return lines
