"""Buttons and commands: each does one thing, twice the same tap does it once, a forged one does nothing."""

from __future__ import annotations

from bot.conversation import aloud, answers, asides, closing, distress, interview, opening, returning
from bot.conversation import pending as replies
from bot.conversation.exchange import Exchange, row
from bot.conversation.road import current
from bot.conversation.sheet import choose
from bot.conversation.state import Pending, Phase
from bot.conversation.templates import in_language
from bot.conversation.types import (
    LIST_FACTS,
    CaseReason,
    DropTimer,
    FactId,
    Sheet,
    SpeechAct,
    Started,
    WantPerson,
)

MAX_CHOICE = 48


def pressed(x: Exchange, choice: str) -> None:
    """A button of ours was tapped, or somebody forged one."""
    if choice == asides.UNSHARE:
        asides.withdraw_sharing(x)  # a right: it holds in an alarm and while an angel writes too
        return
    if x.state.phase is Phase.WITH_ANGEL or len(choice.encode("utf-8", "replace")) > MAX_CHOICE:
        return
    name, _, value = choice.partition(":")
    if x.state.listening:
        x.set(last_at=x.moment.at)
    if x.state.phase is Phase.DISTRESS and _in_distress(x, name, value):
        return
    match name:
        case "persona" if value == "no":
            if x.state.pending is Pending.PERSON:
                replies.no_person(x)
        case "persona":
            person(x)
        case "ascolto":
            _listen(x, value)
        case "privacy" | "aiuto":
            ordered(x, name, "")
        case "lingua":
            asides.set_language(x, value)
        case "cancella" if x.state.pending is Pending.ERASE:
            _erase(x, value)
        case "tracce" if value == "":
            distress.delete_traces(x)
        case "numeri" if x.state.alarm is not None:
            distress.give_numbers(x, distress.talk_of(x, x.state.alarm))
        case _ if x.state.listening:
            _agreed(x, name, value)
        case _:
            return


def _in_distress(x: Exchange, name: str, value: str) -> bool:
    """Within an alarm only what belongs there is done; True when the tap has been dealt with."""
    match name:
        case "persona" if value == "":
            distress.person(x)
        case "numeri":
            distress.give_numbers(x, distress.talk_of(x, x.state.alarm)) if x.state.alarm else None
            x.offer(row(x.button("person", "persona")))
        case "torno" | "avanti":
            _leave_distress(x)
        case "tracce" if value == "no":
            x.set(pending=Pending.NOTHING)
            distress.stay(x, frozenset())
        case "tracce" | "cancella" | "privacy" | "lingua":
            return False
        case _:
            return True
    return True


def _leave_distress(x: Exchange) -> None:
    """The person wants to speak of the shop again: their choice; the flag stays and the angel knows."""
    before = x.state.before if x.state.before is not Phase.DISTRESS else Phase.LISTENING
    x.set(phase=before, pending=Pending.NOTHING)
    x.say("back_to_shop")
    x.paragraph()
    asides.resume(x)


def person(x: Exchange) -> None:
    """[Voglio parlare con una persona], from anywhere."""
    if x.state.phase is Phase.DISTRESS:
        distress.person(x)
    elif x.state.listening:
        closing.person(x)
    else:
        opening.with_person(x)


def _listen(x: Exchange, value: str) -> None:
    if x.state.listening or value not in ("si", "no"):
        return
    if value == "si":
        opening.agree(x)
    else:
        opening.refuse(x)


def _erase(x: Exchange, value: str) -> None:
    if value == "si":
        asides.erase(x)
    elif value == "no":
        x.set(pending=Pending.NOTHING, asked="")
        x.say("erase_no")
        asides.resume(x)


def _agreed(x: Exchange, name: str, value: str) -> None:
    """Buttons that make sense only after the first consent."""
    phase, pending = x.state.phase, x.state.pending
    match name, value:
        case "vocale", "si" if pending is Pending.VOICE:
            answers.confirmed(x, aloud.put_back(x))
        case "vocale", "no" if pending is Pending.VOICE:
            aloud.taken_back(x)
            aloud.put_back(x)
            aloud.say_it_again(x)
        case "salta", step if phase is Phase.LISTENING and step == x.state.step:
            x.set(pending=Pending.NOTHING)
            interview.skip(x, step)
        case "avanti", "" if phase is Phase.LISTENING and pending is Pending.NOTHING:
            interview.go_on(x, reflected=True)
        case "basta", "" if phase in (Phase.LISTENING, Phase.PAUSED):
            closing.read_back(x)
        case "fatto", _:
            _value(x, value)
        case "riassunto", "si" if pending is Pending.SUMMARY:
            closing.approve(x)
        case "riassunto", "correggo" if phase is Phase.SUMMARY:
            closing.ask_correction(x)
        case "correggi", _ if phase in (Phase.SUMMARY, Phase.LISTENING):
            _correction(x, value)
        case "condivido", "si" if pending is Pending.SHARE:
            closing.agree_to_share(x, CaseReason.AGREED)
            x.say("share_thanks", SpeechAct.INFORMATION)
            closing.ask_contact_or_hand_over(x)
        case "condivido", "no" if pending is Pending.SHARE:
            closing.decline_to_share(x)
        case "contatto", channel if channel in closing.CHANNELS and pending in (
            Pending.CONTACT,
            Pending.NUMBER,
        ):
            _contact(x, channel)
        case "indicazione", "si" if pending is Pending.POINTER:
            closing.give_pointer(x)
        case "indicazione", "no" if pending is Pending.POINTER:
            x.set(pending=Pending.NOTHING, asked="")
            x.say("pointer_no", SpeechAct.INFORMATION)
        case _:
            _later(x, name, value)


def _later(x: Exchange, name: str, value: str) -> None:
    """Buttons of pauses, closings and waits."""
    phase, pending = x.state.phase, x.state.pending
    match name, value:
        case "pausa", "":
            asides.pause(x)
        case "promemoria", ("si" | "no") if pending is Pending.REMINDER:
            asides.reminder(x, value == "si")
        case "riprendi", "" if phase is Phase.PAUSED:
            returning.resume(x, frozenset())
        case "riprendi", "no" if pending is Pending.RESUME:
            x.set(pending=Pending.NOTHING)
            x.do(DropTimer(asides.REMINDER))
            x.say("reminder_no")
        case "voto", ("1" | "2" | "3" | "4" | "5") if pending is Pending.RATING:
            replies.rated(x, int(value))
        case "nuovo", ("si" | "no") if pending is Pending.NEW_NEED:
            returning.new_need(x, wanted=value == "si")
        case "richiamata", "" if phase is Phase.WAITING:
            _when(x)
        case "ora", chosen if phase in (Phase.WAITING, Phase.CONTACT):
            at = next((s for s in x.moment.slots if str(int(s.timestamp())) == chosen), None)
            closing.call_at(x, at) if at is not None else _when(x)
        case "aspetto", "" if phase is Phase.WAITING:
            x.say("waiting_goodbye", SpeechAct.INFORMATION)
        case _:
            return


def _when(x: Exchange) -> None:
    """When should somebody call? The next times as buttons, or in their own words."""
    x.do(WantPerson(CaseReason.CALLBACK, ""))
    x.ask(
        "callback_when",
        pending=Pending.CONTACT,
        asked="contatto",
        act=SpeechAct.OPEN,
        buttons=(*closing.slots(x), (x.button("person", "persona"),)),
    )
    x.set(phase=Phase.CONTACT)


def _value(x: Exchange, value: str) -> None:
    fact, _, chosen = value.partition(":")
    if fact not in FactId._value2member_map_ or x.state.phase is not Phase.LISTENING:
        return
    here = current(x)
    if here is None or here[1].buttons is not FactId(fact):
        return
    if interview.chosen_value(x, FactId(fact), chosen):
        x.set(pending=Pending.NOTHING)
        interview.go_on(x)


def _correction(x: Exchange, value: str) -> None:
    """[fact] asks how it should read; [fact:value] puts it right (in a list: adds it, or takes it away)."""
    name, _, chosen = value.partition(":")
    if name not in FactId._value2member_map_ or FactId(name) not in x.library.book.facts:
        return
    fact = FactId(name)
    if not chosen:
        closing.ask_correction_of(x, fact)
        return
    definition = x.library.book.facts[fact]
    if chosen not in definition.values:
        return
    label = in_language(definition.values[chosen].label, x.state.language)
    held = x.state.notes.of(fact)
    if fact in LIST_FACTS and any(f.value == chosen for f in held):
        notes = Sheet(tuple(f for f in x.state.notes.facts if f.fact is not fact or f.value != chosen))
        x.say("correct_removed", SpeechAct.INFORMATION, voce=label)
    else:
        notes = choose(x.state.notes, fact, chosen, label, x.library.rules)
        x.say("correct_done", SpeechAct.INFORMATION)
    x.set(notes=notes, clash=None, pending=Pending.NOTHING)
    closing.read_back(x)


def _contact(x: Exchange, channel: str) -> None:
    definition = x.library.book.facts[FactId.CONTATTO]
    label = in_language(definition.values[channel].label, x.state.language)
    x.set(notes=choose(x.state.notes, FactId.CONTATTO, channel, label, x.library.rules))
    closing.contact_told(x)


# --- commands ----------------------------------------------------------------------------------------------------


def ordered(x: Exchange, command: str, argument: str) -> None:
    """A command of the private menu."""
    phase = x.state.phase
    desk = x.library.desk
    if phase is Phase.WITH_ANGEL:
        _with_angel(x, command)
        return
    match command:
        case "start":
            returning.started(x, Started(source=argument))
        case "privacy":
            asides.privacy(x)
            _back(x)
        case "imieidati":
            asides.show_data(x)
            _back(x)
        case "cancella":
            asides.erase_asked(x)
        case "persona":
            person(x)
        case "aiuto" | "help":
            x.say("help", telefono_spin=desk.phone, sportello=desk.name)
            _back(x)
        case "lingua":
            if not (argument and asides.set_language(x, argument)):
                asides.ask_language(x)
        case _ if phase is Phase.DISTRESS or not x.state.listening:
            if command in ("pausa", "riprendi", "basta"):
                _back(x)
        case "pausa":
            asides.pause(x)
        case "riprendi":
            returning.welcome(x)
        case "basta":
            if phase in (Phase.LISTENING, Phase.PAUSED, Phase.SUMMARY):
                closing.read_back(x)
            else:
                asides.resume(x)
        case _:
            x.say("help", telefono_spin=desk.phone, sportello=desk.name)
            x.offer(row(x.button("person", "persona")))


def _with_angel(x: Exchange, command: str) -> None:
    """Rights hold while an angel writes too; the bot itself stays silent."""
    if command == "imieidati":
        asides.show_data(x)
    elif command == "privacy":
        x.serve_right()
        asides.privacy(x)
    elif command == "cancella" and x.state.pending is Pending.ERASE:
        asides.erase(x)  # asked twice: the bot may not ask for a confirmation while an angel writes
    elif command == "cancella":
        x.set(pending=Pending.ERASE)


def _back(x: Exchange) -> None:
    """After a command: what was open stays open; within an alarm the bot only stays."""
    if x.state.phase is Phase.DISTRESS:
        x.say("help_in_distress") if x.silent else None
        x.offer(row(x.button("person", "persona"), x.button("numbers", "numeri")))
        return
    x.paragraph()
    asides.resume(x)


def ask_anew(x: Exchange) -> None:
    """The last question may not have arrived: ask it again, in other words."""
    if x.state.phase is Phase.WITH_ANGEL or not x.state.may_write_first:
        return
    if x.state.phase is Phase.DISTRESS:
        distress.stay(x, frozenset())
        return
    asides.resume(x)
