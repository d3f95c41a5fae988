"""Callbacks and snoozes: a time is chosen with one tap, and comes back at its hour."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.conversation.clock import in_rome, spoken_time
from bot.conversation.library import HOME
from bot.conversation.templates import in_language
from bot.conversation.types import FactId
from bot.desk import outgoing, roster, safety, topics
from bot.desk.hours import ahead
from bot.desk.work import Work, key_of
from bot.store.calls import Keyboard
from bot.store.models import Angel, Audit, Case, CaseState
from bot.store.timers import drop_timer, set_timer


def spoken(work: Work, at: datetime, language: str = HOME) -> str:
    """ "oggi alle 16", "domani alle 9", "giovedì 26/11 alle 9", in the language asked for."""
    there, now = in_rome(at), in_rome(work.now)
    days = (there.date() - now.date()).days
    shared = work.library.shared.get(language) or work.library.shared[HOME]
    day = shared.words[{0: "today", 1: "tomorrow"}.get(days, f"day_{there.weekday()}")]
    if days not in (0, 1):
        day = f"{day} {there.day}/{there.month}"
    return shared.words["at_hour"].format(day=day, hour=spoken_time(at, language))


def choices(
    work: Work, case: Case, verb: str = "call", button: str = "callback_at", wished: datetime | None = None
) -> Keyboard:
    """Times as buttons, two in a row, the one that the person wished first."""
    times = [*([wished] if wished else ()), *(at for at in ahead(work) if at != wished)]
    keys = [
        key_of(work.texts.button(button, when=spoken(work, at)), verb, case.id, int(at.timestamp()))
        for at in times
    ]
    return tuple(tuple(keys[n : n + 2]) for n in range(0, len(keys), 2))


def wish(work: Work, case: Case, at: datetime) -> None:
    """The person chose a time that was offered: the case comes back then, whether or not somebody confirmed it."""
    _comes_back(work, case, at)
    work.audit("shopkeeper", "callback", case)


def _comes_back(work: Work, case: Case, at: datetime) -> None:
    case.due_at = at
    if case.owner_id is None:
        case.state, case.waiting_since = CaseState.CALLBACK, None
        drop_timer(work.session, f"case:{case.id}", "unclaimed")
    set_timer(work.session, f"case:{case.id}", "due", at)


def book(work: Work, case: Case, angel: Angel, at: datetime) -> None:
    """Promise a call: the person is told in the angel's name, and the case comes back at that time."""
    when = spoken(work, at)
    state = work.state(case)
    _comes_back(work, case, at)
    quiet = safety.careful(state)
    who = topics.who(work, case, state)
    notice = work.texts.notice(
        f"callback_booked{'_quiet' if quiet else ''}", angel=angel.name, who=who, when=when
    )
    if quiet:
        work.in_topic(case, notice)
    else:
        told = spoken(work, at, state.language)
        said = work.texts.to_person("callback_booked", state.language, state.address, when=told)
        outgoing.say(work, case, angel, said, notice)
    work.audit(f"angel:{angel.id}", "callback", case)


def snooze(work: Work, case: Case, angel: Angel, at: datetime) -> None:
    """Put a case off: its owner hears of it again at that time."""
    case.due_at = at
    set_timer(work.session, f"case:{case.id}", "due", at)
    drop_timer(work.session, f"case:{case.id}", "owner")
    work.in_topic(case, work.texts.notice("snoozed", when=spoken(work, at)), silent=True)
    work.audit(f"angel:{angel.id}", "snoozed", case)


def due(work: Work, case: Case) -> None:
    """The time that was chosen has come."""
    case.due_at = None
    state = work.state(case)
    who = topics.who(work, case, state)
    if case.state == CaseState.CALLBACK:
        ways = state.sheet.of(FactId.CONTATTO) if state.sharing else ()
        labels = work.library.book.facts[FactId.CONTATTO].values
        contact = "; ".join(
            f.detail or (in_language(labels[f.value].label, HOME) if f.value in labels else f.value)
            for f in ways
        )
        # "By telephone" and no number: whoever is to call had better know it.
        no_number = any(f.value == "telefono" for f in ways) and not any(c.isdigit() for c in contact)
        case.state, case.waiting_since = CaseState.WAITING, work.now
        promised = _who_promised(work, case)
        name = promised.name if promised else ""
        notice = work.texts.notice("callback_due", who=who, contact=contact, no_number=no_number, angel=name)
    else:
        promised = None
        notice = work.texts.notice("snooze_over", who=who, step=case.next_step)
    work.in_topic(case, notice)
    owner = work.session.get(Angel, case.owner_id) if case.owner_id else None
    told = [owner] if owner else [a for a in roster.members(work.session) if a.on_duty or a is promised]
    for angel in roster.reachable(work.session, told):
        work.to_angel(angel.user_id, notice, work.link(case), case=case)


def _who_promised(work: Work, case: Case) -> Angel | None:
    """The angel in whose name the call was promised last: whoever takes the case, they hear of it."""
    query = select(Audit.actor).where(Audit.case_id == case.id, Audit.action == "callback")
    actor = work.session.scalar(query.order_by(Audit.id.desc()).limit(1)) or ""
    number = actor.removeprefix("angel:")
    return work.session.get(Angel, int(number)) if number.isdecimal() else None
