"""The situation card: pinned on top of the topic, kept up to date in place; it shows only what was said."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.conversation import State
from bot.conversation.clock import in_rome
from bot.conversation.templates import in_language
from bot.conversation.types import NON_DETTO, Fact, FactId
from bot.desk import canned, cases, notes, safety, signals, topics
from bot.desk.work import Work, key_of, topic_url
from bot.store.calls import EditText, Key, Keyboard, Pin, SendText
from bot.store.conversations import read_content
from bot.store.models import Author, Case, CaseState, Message, Priority
from bot.store.outbox import Purpose

LISTENING_PAUSE = timedelta(seconds=30)
"""While only the bot listens, changes of the card are gathered for this long."""

STORY = (FactId.COSA_SUCCEDE, FactId.ESPERIENZE_PASSATE, FactId.COSA_VORREBBE)
LISTED = (
    FactId.COME_STA,
    FactId.BISOGNO,
    FactId.ATTIVITA,
    FactId.ZONA,
    FactId.PERSONE,
    FactId.PRESENZA_OGGI,
    FactId.OSTACOLI,
    FactId.URGENZA,
)
ASKED = (*STORY, *LISTED, FactId.CONTATTO)
WORDS_SHOWN = 420
"""Characters of one story shown; the whole is one tap away."""

UNSURE_BELOW = 0.5
TEXT_LIMIT = 3800


def send(work: Work, case: Case, state: State) -> None:
    """Send the card into the topic; it is pinned once its number is known."""
    text, keyboard = render(work, case, state)
    case.card_digest = _digest(text, keyboard)
    urgent = Priority.ALARM if case.alarm else Priority.RELAY
    chat = work.topic_chat(case)
    call = SendText(chat_id=chat, thread_of_case=True, text=text, html=True, keyboard=keyboard)
    work.order(case, call, purpose=Purpose.CARD, priority=urgent, key=_key(case, "card"))


def pin(work: Work, case: Case, number: int) -> None:
    """Pin the card: beside the case's lane, where no word waits for it."""
    call = Pin(chat_id=work.topic_chat(case), thread_of_case=True, message_id=number)
    work.order(case, call, priority=Priority.CARD, key=_key(case, "pin"), lane=f"card:{case.id}")


def send_again(work: Work, case: Case, state: State) -> None:
    """The card was deleted by hand, or nobody knows whether it arrived: another one."""
    case.card_message_id = None
    case.topic_no += 1
    send(work, case, state)


def refresh(work: Work, case: Case, state: State, *, now: bool = False) -> None:
    """Bring the card up to date, at once or with the next changes.

    Args:
        work: The unit of work.
        case: Whose card.
        state: What is known.
        now: Do not wait for more changes.
    """
    if not case.topic_no or topics.hidden(case):
        return
    text, keyboard = render(work, case, state)
    digest = _digest(text, keyboard)
    if digest == case.card_digest:
        return
    # Who has the case changes the buttons, and that is never kept waiting.
    buttons_changed = digest[32:] != case.card_digest[32:]
    case.card_digest = digest
    if case.card_message_id is None:
        return  # the one under way is brought up to date when its number is known
    call = EditText(
        chat_id=work.topic_chat(case),
        thread_of_case=True,
        message_id=0,
        text=text,
        html=True,
        keyboard=keyboard,
    )
    waits = case.state == CaseState.LISTENING and not case.alarm and not now and not buttons_changed
    row = work.order(
        case,
        call,
        priority=Priority.CARD,
        key=f"cardedit:{case.id}",
        lane=f"card:{case.id}",
        coalesce=True,
        delay=LISTENING_PAUSE if waits else timedelta(),
    )
    if row is not None and not waits:
        row.due_at = min(row.due_at, work.now)


def _key(case: Case, what: str) -> str:
    return f"{what}:{case.id}:{case.topic_no}"


def _digest(text: str, keyboard: Keyboard) -> str:
    """Half of it for the words, half for the buttons."""
    return "".join(hashlib.sha256(part.encode()).hexdigest()[:32] for part in (text, repr(keyboard)))


# --- what is on it -----------------------------------------------------------------------------------------------


def render(work: Work, case: Case, state: State) -> tuple[str, Keyboard]:
    """The card's text (Telegram HTML) and buttons."""
    values = _values(work, case, state)
    text = work.texts.card(values)
    while len(text) > TEXT_LIMIT and (values["missed"] or values["story"]):
        # The longest words give way first; nothing is lost, "La chat finora" has them.
        for line in values["story"]:
            line["text"] = _short(line["text"], len(line["text"]) // 2)
        values["missed"] = values["missed"][:-1]
        if all(len(line["text"]) < 40 for line in values["story"]):
            values["story"] = []
        text = work.texts.card(values)
    return text, keyboard_of(work, case)


def _values(work: Work, case: Case, state: State) -> dict[str, Any]:
    texts = work.texts.words
    open_book = topics.told_openly(case, state)
    state = notes.with_noted(work, case, state)
    owner = cases.owner(work.session, case)
    outcome = work.library.outcomes.outcomes.get(case.outcome)
    values: dict[str, Any] = {
        "alarm": texts.alarms.get(case.alarm, case.alarm),
        "alarm_handled": case.alarm_handled_at is not None,
        "signal": signals.spoken(work.texts, case.alarm, case.alarm_reason) if case.alarm else "",
        "safety": safety.line(work, state) if case.alarm else "",
        "minimal": not open_book,
        "blocked": work.person(case).blocked_at is not None,
        "who": topics.who(work, case, state),
        "trade": topics.trade(work, state) if open_book else "",
        "place": state.sheet.value(FactId.ZONA) if open_book else "",
        "state": texts.states[case.state],
        "owner": owner.name if owner and case.state == CaseState.CLAIMED else "",
        "since": topics.since(work, case) if case.state == CaseState.WAITING else "",
        "reason": texts.reasons.get(case.reason, ""),
        "next_step": case.next_step if open_book else "",
        "due": f"{in_rome(case.due_at):%d/%m alle %H:%M}" if case.due_at else "",
        "language": "" if state.language == "it" else texts.languages.get(state.language, state.language),
        "rating": case.rating,
        "outcome": outcome.label if outcome else "",
        "earlier": [
            {"url": topic_url(one), "label": one.topic_title}
            for one in cases.earlier(work.session, case)
            if topic_url(one)
        ],
    }
    values |= _sheet(work, case, state) if open_book else _nothing()
    return values


def _nothing() -> dict[str, Any]:
    return {
        "story": [],
        "facts": [],
        "scam": False,
        "contact": "",
        "missed": [],
        "unknown": "",
        "opening": "",
    }


def _sheet(work: Work, case: Case, state: State) -> dict[str, Any]:
    sheet, book = state.sheet, work.library.book
    story = []
    for fact in STORY:
        words = " … ".join(dict.fromkeys(f.words or f.value for f in sheet.of(fact) if f.value != NON_DETTO))
        label = in_language(book.facts[fact].label, "it")
        kinds = [_value(work, f) for f in sheet.of(fact) if f.value in book.facts[fact].values]
        if kinds:
            label = f"{label} ({', '.join(dict.fromkeys(kinds))})"
        if words:
            # Words that a program wrote down from a voice message may be wrong: the sound is in the topic.
            sign = "🎙 " if any(f.voice for f in sheet.of(fact)) else ""
            story.append({"label": label, "text": sign + _short(words, WORDS_SHOWN)})
    facts = []
    for fact in LISTED:
        entries = [f for f in sheet.of(fact) if f.value != NON_DETTO]
        if entries:
            text = ", ".join(dict.fromkeys(_value(work, f) + _detail(f) for f in entries))
            unsure = any(f.certainty < UNSURE_BELOW for f in entries)
            label = in_language(book.facts[fact].label, "it")
            facts.append({"label": label, "text": _short(text, 200), "unsure": unsure})
    missing = [in_language(book.facts[f].label, "it").lower() for f in ASKED if not sheet.knows(f)]
    contact = [_way(work, f) for f in sheet.of(FactId.CONTATTO) if f.value != NON_DETTO]
    waiting = case.state != CaseState.CLAIMED and case.state != CaseState.CLOSED
    return {
        "story": story,
        "facts": facts,
        "scam": bool(sheet.value(FactId.TRUFFA_IN_CORSO)),
        "contact": "; ".join(contact),
        "missed": _missed(work, case),
        "unknown": ", ".join(missing),
        "opening": canned.opening(work, case, state) if waiting else "",
    }


def _value(work: Work, fact: Fact) -> str:
    value = work.library.book.facts[fact.fact].values.get(fact.value)
    return in_language(value.label, "it") if value else fact.value


def _way(work: Work, fact: Fact) -> str:
    """How to reach them; a button's words say what its label says already."""
    label, detail = _value(work, fact), _detail(fact)
    return label if detail.strip(" ()").casefold() in (label.casefold(), fact.value) else f"{label}{detail}"


def _detail(fact: Fact) -> str:
    detail = fact.detail or (fact.words if fact.fact is FactId.CONTATTO else "")
    return f" ({detail})" if detail and detail != fact.value else ""


def _missed(work: Work, case: Case) -> list[str]:
    query = (
        select(Message)
        .where(Message.case_id == case.id, Message.author == Author.SHOPKEEPER, Message.understood.is_(False))
        .order_by(Message.id.desc())
        .limit(3)
    )
    contents = [read_content(m) for m in work.session.scalars(query)]
    return [_short(c.text or c.transcript, 200) for c in contents if c.text or c.transcript]


def _short(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: max(1, limit - 1)].rstrip() + "…"


def keyboard_of(work: Work, case: Case) -> Keyboard:
    """The card's buttons, by who has the case."""
    button = work.texts.button
    chat = key_of(button("chat"), "chat", case.id)
    match case.state:
        case CaseState.CLOSED:
            return ((key_of(button("reopen"), "reopen", case.id), chat),)
        case CaseState.CLAIMED:
            owner = cases.owner(work.session, case)
            return (
                (key_of(button("who", angel=owner.name if owner else "…"), "who", case.id),),
                (
                    key_of(button("give_back"), "back", case.id),
                    key_of(button("close"), "close", case.id),
                ),
                (
                    key_of(button("reassign"), "pass", case.id),
                    key_of(button("release"), "free", case.id),
                ),
                (key_of(button("canned"), "canned", case.id), chat),
                (key_of(button("withdraw"), "undo", case.id),),
            )
        case _:
            claim: Key = key_of(button("claim_alarm" if case.alarm else "claim"), "claim", case.id)
            return ((claim,), (chat,))
