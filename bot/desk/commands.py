"""The angels' commands, in a case's topic, in General or in private."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.desk import (
    callbacks,
    canned,
    card,
    cases,
    claims,
    duty,
    outcomes,
    outgoing,
    roster,
    training,
    transcript,
    withdrawing,
)
from bot.desk.events import AngelOrdered, AngelWrote, ForConversation
from bot.desk.work import Work, key_of
from bot.store.calls import Keyboard, SendText
from bot.store.content import Content
from bot.store.conversations import Snapshot, find_message
from bot.store.models import Angel, Author, Case, CaseState
from bot.store.outbox import Order, enqueue

Told = tuple[ForConversation, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A command that has been found genuine.

    Attributes:
        event: As it came.
        angel: Who gave it.
        case: The topic's case, locked; None elsewhere.
        snap: Its conversation.
    """

    event: AngelOrdered
    angel: Angel
    case: Case | None
    snap: Snapshot | None


def ordered(work: Work, event: AngelOrdered) -> Told:
    """Do what a command says; people who are no angels get no answer."""
    angel = roster.member(work.session, event.who)
    if angel is None or (not event.private and event.chat_id != work.group):
        return ()
    if event.addressee not in ("", work.config.bot_username.lower()):
        return ()
    found = (
        cases.of_topic(work.session, event.chat_id, event.thread_id) if event.thread_id is not None else None
    )
    held = cases.locked(work.session, found.id) if found else None
    order = Given(event, angel, held[0] if held else None, held[1] if held else None)
    if (
        event.private
        and (not event.command or event.command == "annulla")
        and training.under_way(work, angel)
    ):
        training.said(work, angel, event.argument if not event.command else "/annulla")
        return ()
    if not event.command:
        _reply(work, order, work.texts.notice("private_hint"))
        return ()
    verb = IN_TOPIC.get(event.command)
    if verb is not None:
        if order.case is None or order.snap is None:
            _reply(work, order, work.texts.notice("no_case_here"))
            return ()
        return verb(work, order, order.case, order.snap)
    anywhere = ANYWHERE.get(event.command)
    if anywhere is None:
        _reply(work, order, work.texts.notice("unknown_command"))
        return ()
    anywhere(work, order)
    return ()


def _reply(work: Work, order: Given, html: str, keyboard: Keyboard = ()) -> None:
    """Answer where the command was given."""
    event = order.event
    if event.private:
        work.to_angel(event.chat_id, html, keyboard)
    elif order.case is not None:
        work.in_topic(order.case, html, keyboard, reply_to=event.message_id, silent=True)
    else:
        call = SendText(
            chat_id=event.chat_id, text=html, html=True, keyboard=keyboard, reply_to=event.message_id
        )
        enqueue(work.session, Order(call, "general"), work.now)


# --- in a case's topic ---------------------------------------------------------------------------------------------


def _owns(work: Work, order: Given, case: Case) -> bool:
    if case.owner_id is not None and (case.owner_id == order.angel.id or order.angel.coordinator):
        return True
    owner = cases.owner(work.session, case)
    name = "closed" if case.state == CaseState.CLOSED else "not_owner" if owner else "nobody"
    _reply(work, order, work.texts.answer(name, angel=owner.name if owner else ""))
    return False


def _take(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    told = claims.claim(work, case, order.angel, snap)
    if told is not None:
        return told
    owner = cases.owner(work.session, case)
    name = (
        "closed"
        if case.state == CaseState.CLOSED
        else "yours"
        if case.owner_id == order.angel.id
        else "already"
    )
    _reply(work, order, work.texts.answer(name, angel=owner.name if owner else ""))
    return ()


def _give_back(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    return claims.give_back(work, case, order.angel, snap) if _owns(work, order, case) else ()


def _close(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    if not _owns(work, order, case):
        return ()
    if order.event.argument in work.library.outcomes.outcomes:
        return outcomes.close(work, case, order.angel, snap, order.event.argument)
    _reply(work, order, work.texts.answer("choose_outcome"), outcomes.choices(work, case)[:-1])
    return ()


def _pass(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    if not _owns(work, order, case):
        return ()
    wanted = order.event.argument.removeprefix("@").casefold()
    others = roster.others(work.session, case)
    named = [a for a in others if wanted and wanted in (a.name.casefold(), a.username)]
    if len(named) == 1:
        claims.reassign(work, case, order.angel, named[0])
        card.refresh(work, case, snap.state, now=True)
        return ()
    keys = tuple((key_of(a.name, "to", case.id, a.id),) for a in others[:20])
    _reply(work, order, work.texts.answer("choose_angel" if keys else "nobody_else"), keys)
    return ()


def _note(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    event = order.event
    wrote = AngelWrote(
        event.who,
        event.chat_id,
        event.thread_id,
        event.message_id,
        Content(text=event.argument),
        event.reply_to,
    )
    if event.argument and find_message(work.session, event.chat_id, event.message_id) is None:
        outgoing.note(work, case, wrote, order.angel)
    return ()


def _canned(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    text, keyboard = canned.offered(work, case, snap.state, order.event.argument)
    _reply(work, order, text, keyboard)
    return ()


def _withdraw(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    event = order.event
    message = find_message(work.session, event.chat_id, event.reply_to) if event.reply_to else None
    mine = message is not None and (message.angel_id == order.angel.id or order.angel.coordinator)
    if message is None or not mine or message.author != Author.ANGEL:
        _reply(work, order, work.texts.notice("withdraw_reply"))
    elif withdrawing.withdraw(work, case, message):
        work.audit(f"angel:{order.angel.id}", "withdrew", case)
        _reply(work, order, work.texts.answer("withdrawn"))
    else:
        _reply(work, order, work.texts.notice("withdrawn_late"))
    return ()


def _step(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    case.next_step = order.event.argument[:300]
    _reply(work, order, work.texts.notice("next_step", step=case.next_step or "—"))
    card.refresh(work, case, snap.state, now=True)
    return ()


def _put_off(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    if _owns(work, order, case):
        keyboard = callbacks.choices(work, case, "snooze", "snooze")
        _reply(work, order, work.texts.notice("snooze_choose"), keyboard)
    return ()


def _call_back(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    if case.owner_id is None or _owns(work, order, case):
        _reply(work, order, work.texts.notice("callback_choose"), callbacks.choices(work, case))
    return ()


def _transcript(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    if not order.angel.coordinator:
        _reply(work, order, work.texts.notice("coordinators_only"))
    else:
        transcript.send(work, case, order.angel)
    return ()


ERASURES = ("cancella", "cancellare", "erase")
"""A person's command for all of their data; from an angel it means a message of theirs."""


def _erase(work: Work, order: Given, case: Case, snap: Snapshot) -> Told:
    """Nothing is done: the wrong command must not take a message back, nor a person's data."""
    withdraw = work.texts.button("withdraw")
    _reply(work, order, work.texts.notice("erase_reply", command=order.event.command, withdraw=withdraw))
    return ()


IN_TOPIC: dict[str, Callable[[Work, Given, Case, Snapshot], Told]] = {
    "prendi": _take,
    "restituisci": _give_back,
    "chiudi": _close,
    "passa": _pass,
    "nota": _note,
    "risposte": _canned,
    **dict.fromkeys(withdrawing.COMMANDS, _withdraw),
    **dict.fromkeys(ERASURES, _erase),
    "passo": _step,
    "rimanda": _put_off,
    "richiama": _call_back,
    "trascrizione": _transcript,
}


# --- anywhere ---------------------------------------------------------------------------------------------------------


def _help(work: Work, order: Given) -> None:
    _reply(work, order, work.texts.notice("help"))


def _mine(work: Work, order: Given) -> None:
    _reply(work, order, duty.my_cases(work, order.angel))


def _duty(work: Work, order: Given) -> None:
    text, keyboard = duty.toggle(work, order.angel)
    _reply(work, order, text, keyboard)


def _rota(work: Work, order: Given) -> None:
    """Who answers alarms; `io` puts in and `esco` takes out, so that saying it twice undoes nothing."""
    angel, wish = order.angel, order.event.argument.casefold()
    if wish not in ("io", "esco"):
        _reply(work, order, duty.rota(work))
        return
    if angel.on_call != (wish == "io"):
        angel.on_call = wish == "io"
        work.audit(f"angel:{angel.id}", "on_call" if angel.on_call else "off_call")
    name = "rota_in" if angel.on_call else "rota_out"
    if angel.on_call and not roster.reachable(work.session, [angel]):
        name = "rota_start"
    work.session.flush()
    left = len(roster.on_call(work.session))
    _reply(work, order, work.texts.notice(name, bot=work.config.bot_username, left=left))


def _sign(work: Work, order: Given) -> None:
    angel = order.angel
    angel.signature = "name" if angel.signature == "spin" else "spin"
    _reply(work, order, work.texts.notice(f"signature_{angel.signature}", name=angel.name))


def _start(work: Work, order: Given) -> None:
    if order.event.private:
        order.angel.started = True
        _reply(work, order, work.texts.notice("welcome_angel", angel=order.angel.name))


def _practise(work: Work, order: Given) -> None:
    if order.event.private:
        training.begin(work, order.angel)
    else:
        _reply(work, order, work.texts.notice("private_hint"))


ANYWHERE: dict[str, Callable[[Work, Given], None]] = {
    "aiuto": _help,
    "miei": _mine,
    "turno": _duty,
    "reperibili": _rota,
    "firma": _sign,
    "start": _start,
    "prova": _practise,
}
