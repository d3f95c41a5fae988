"""Summary, second consent, contact, handover: from "is this you?" to a person who already knows the story."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.clock import in_rome, next_opening, open_until, spoken_time
from bot.conversation.exchange import Exchange, Rows, column, row
from bot.conversation.retelling import retold
from bot.conversation.script import ValueWords
from bot.conversation.sheet import choose, confirm, decline, hedged
from bot.conversation.state import Pending, Phase
from bot.conversation.templates import in_language
from bot.conversation.types import (
    LIST_FACTS,
    NON_DETTO,
    Button,
    CaseReason,
    Consent,
    Fact,
    FactId,
    OpenCase,
    RecordConsent,
    SpeechAct,
    WantPerson,
)
from bot.conversation.voice import holds, says_again

SLOTS_SHOWN = 3
CHANNELS = ("qui", "telefono", "in_negozio", "allo_sportello")


# --- the summary -----------------------------------------------------------------------------------------------


def read_back(x: Exchange) -> None:
    """Read the situation back in a few sentences and ask whether that is it."""
    script = x.library.script(x.state.script or x.library.first_script, x.state.language)
    where = f"{x.state.language}/{script.script}/summary"
    summary, sheet = script.summary, x.sheet
    told = [f for f in sheet.facts if f.value != NON_DETTO and f.fact not in (FactId.NOME, FactId.LINGUA)]
    x.set(phase=Phase.SUMMARY, step="")
    x.paragraph()
    opening = x.choose(summary.opening if told else summary.thin, f"{where}/opening", SpeechAct.SUMMARY)
    if opening:
        x.add(SpeechAct.SUMMARY, opening)
    unsure = {f.fact for f in hedged(sheet)}
    around, told_so_far, own = x.voice.around, "", retold(x, sheet)
    for index, part in enumerate(summary.parts):
        if told and holds(part.when, sheet, around):
            chosen = x.choose(part.text, f"{where}/parts/{index}", SpeechAct.SUMMARY, sheet=sheet, **own)
            facts = (
                chosen.facts | {FactId(k) for k in part.when if k in FactId._value2member_map_}
                if chosen
                else ()
            )
            if chosen and not (facts and set(facts) <= unsure) and not says_again(chosen.text, told_so_far):
                x.add(SpeechAct.SUMMARY, chosen)
                told_so_far = f"{told_so_far} {chosen.text}"
    for fact in hedged(sheet)[:2]:
        chosen = x.choose(
            summary.unsure, f"{where}/unsure", SpeechAct.SUMMARY, sheet=sheet, dubbio=_in_words(x, fact)
        )
        if chosen:
            x.add(SpeechAct.SUMMARY, chosen)
    x.paragraph()
    question = x.choose(summary.question, f"{where}/question", SpeechAct.CLOSED, sheet=sheet) or x.choose(
        summary.question, f"{where}/question", SpeechAct.SUMMARY, sheet=sheet
    )
    if question:
        x.add(SpeechAct.CLOSED, question)
    x.await_answer(Pending.SUMMARY, "riassunto", summary_buttons(x))


def _in_words(x: Exchange, fact: Fact) -> str:
    """A fact said with doubt, in words that stand by themselves where it has some."""
    definition = x.library.book.facts[fact.fact]
    value = definition.values.get(fact.value)
    if value is None:
        return fact.value
    if spoken := in_language(value.spoken, x.state.language):
        return spoken
    label = in_language(definition.label, x.state.language).lower()
    return f"{label}, {in_language(value.label, x.state.language)}"


def summary_buttons(x: Exchange) -> Rows:
    """[Sì, è così] [Correggo qualcosa] [Voglio parlare con una persona]."""
    return column(
        x.button("summary_yes", "riassunto:si"),
        x.button("summary_correct", "riassunto:correggo"),
        x.button("person", "persona"),
    )


def approve(x: Exchange) -> None:
    """The person recognises themselves: hedges are confirmed and sharing is asked."""
    x.set(notes=confirm(x.state.notes), approved=True, pending=Pending.NOTHING)
    x.say("summary_thanks", SpeechAct.INFORMATION)
    if x.state.sharing:
        x.do(OpenCase(CaseReason.AGREED))
        ask_contact_or_hand_over(x)
    else:
        ask_to_share(x)


def ask_correction(x: Exchange) -> None:
    """What should be put right: free text, or one of the facts as a button."""
    known = dict.fromkeys(
        f.fact for f in x.state.notes.facts if f.fact not in (FactId.LINGUA, FactId.TRUFFA_IN_CORSO)
    )
    buttons = [
        Button(in_language(x.library.book.facts[f].label, x.state.language), f"correggi:{f.value}")
        for f in known
    ]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    x.set(clash=None)
    x.ask(
        "correct_which",
        pending=Pending.CORRECTION,
        asked="riassunto",
        act=SpeechAct.OPEN,
        buttons=(*rows, (x.button("person", "persona"),)),
    )


def ask_correction_of(x: Exchange, fact: FactId) -> None:
    """How this fact should read: its values as buttons where it has them, free text always."""
    definition = x.library.book.facts[fact]
    held = set(x.state.notes.values(fact)) if fact in LIST_FACTS else set()
    values = [
        Button(
            _correction_label(x, v, taken_away=value in held),
            f"correggi:{fact.value}:{value}",
        )
        for value, v in definition.values.items()
        if definition.asked == "confirmed"
    ]
    rows = tuple(tuple(values[i : i + 2]) for i in range(0, len(values), 2))
    x.ask(
        "correct_how",
        pending=Pending.CORRECTION,
        asked=fact.value,
        act=SpeechAct.OPEN,
        domanda=in_language(definition.label, x.state.language).lower(),
        buttons=(*rows, (x.button("person", "persona"),)),
    )
    x.set(clash=fact)


def _correction_label(x: Exchange, value: ValueWords, *, taken_away: bool) -> str:
    """What a tap puts on the sheet; of a list, what is there already is taken away, and the button says so."""
    label = in_language(value.button, x.state.language) or in_language(value.label, x.state.language)
    return x.word("take_away", "- {voce}").format(voce=label) if taken_away else label


# --- sharing, contact, handover --------------------------------------------------------------------------------


def ask_to_share(x: Exchange) -> None:
    """The second consent; its button says what the angel will see."""
    x.set(phase=Phase.SHARE)
    x.paragraph()
    x.ask(
        "share_ask",
        pending=Pending.SHARE,
        asked="consenso",
        buttons=column(x.button("share_yes", "condivido:si"), x.button("share_no", "condivido:no")),
    )


def agree_to_share(x: Exchange, reason: CaseReason) -> None:
    """Record the second consent (and the first, which it contains) and open the case."""
    if not x.state.listening:
        x.do(RecordConsent(Consent.LISTEN, True, x.library.version))
    if not x.state.sharing:
        x.do(RecordConsent(Consent.SHARE, True, x.library.version))
    x.set(listening=True, sharing=True)
    x.do(OpenCase(reason))


def decline_to_share(x: Exchange) -> None:
    """Nothing goes to anybody; a useful pointer may still be offered."""
    x.set(phase=Phase.RESTING, pending=Pending.NOTHING, asked="")
    x.say("share_no", SpeechAct.INFORMATION)
    if not offer_pointer(x):
        x.offer(row(x.button("person", "persona")))


def ask_contact_or_hand_over(x: Exchange) -> None:
    """Contact is asked last, and only if it is not known."""
    if x.knows(FactId.CONTATTO):
        hand_over(x, CaseReason.AGREED)
        return
    x.set(phase=Phase.CONTACT)
    x.paragraph()
    buttons = [x.button(f"contact_{c}", f"contatto:{c}") for c in CHANNELS]
    rows = (tuple(buttons[:2]), tuple(buttons[2:]), *slots(x), (x.button("person", "persona"),))
    for again in (False, True):  # in other words, while there are some
        if x.ask("contact_ask", pending=Pending.CONTACT, asked="contatto", buttons=rows, exempt=again):
            return


def slots(x: Exchange) -> Rows:
    """Times at which somebody could call, while nobody is there: one tap each."""
    if x.moment.desk_open:
        return ()
    return tuple(
        (Button(spoken_moment(x, at), f"ora:{int(at.timestamp())}"),) for at in x.moment.slots[:SLOTS_SHOWN]
    )


def call_at(x: Exchange, at: datetime) -> None:
    """A slot was chosen: the wish is booked, a person confirms it; the number is asked if it is not known."""
    if not x.state.sharing:
        return
    contact = x.library.book.facts[FactId.CONTATTO].values["telefono"]
    known = any(c.isdigit() for f in x.state.notes.of(FactId.CONTATTO) for c in f.detail + f.words)
    if not known:
        label = in_language(contact.label, x.state.language)
        x.set(notes=choose(x.state.notes, FactId.CONTATTO, "telefono", label, x.library.rules))
    x.do(WantPerson(CaseReason.CALLBACK, spoken_moment(x, at), at))
    x.set(phase=Phase.WAITING, pending=Pending.NOTHING, asked="")
    x.say("callback_slot", SpeechAct.NOTICE, quando=spoken_moment(x, at))
    if not known and not x.state.number_asked:
        _ask_number(x, "callback_number")  # the hour has just been chosen


def contact_told(x: Exchange) -> None:
    """A channel was chosen: the number is asked once if it is a telephone, then the handover."""
    contact = x.state.notes.of(FactId.CONTATTO)
    phone = bool(contact) and contact[-1].value == "telefono"
    if (
        phone
        and not any(c.isdigit() for c in contact[-1].detail + contact[-1].words)
        and not x.state.number_asked
    ):
        _ask_number(x, "contact_number")
        return
    hand_over(x, CaseReason.AGREED)


def _ask_number(x: Exchange, question: str) -> None:
    x.set(number_asked=True)
    x.ask(
        question,
        pending=Pending.NUMBER,
        asked="contatto",
        act=SpeechAct.OPEN,
        buttons=row(x.button("contact_qui", "contatto:qui"), x.button("person", "persona")),
    )


def contact_declined(x: Exchange) -> None:
    """They would rather not say: the chat remains."""
    x.set(notes=decline(x.state.notes, FactId.CONTATTO))
    hand_over(x, CaseReason.AGREED)


def hand_over(x: Exchange, reason: CaseReason, callback: str = "") -> None:
    """The person waits for an angel: said honestly, with no promise of a time nobody confirmed."""
    if not x.state.approved and x.state.sharing:
        # They had asked for a person before the summary: the angels know, only the contact is new.
        x.set(phase=Phase.WAITING, pending=Pending.NOTHING, asked="")
        x.say("waiting_status", SpeechAct.NOTICE)
        x.say("waiting_invite", SpeechAct.INFORMATION)
        return
    x.do(WantPerson(reason, callback))
    x.set(
        phase=Phase.WAITING,
        pending=Pending.NOTHING,
        asked="",
        step=x.state.step if not x.state.approved else "",
    )
    x.say("handover", SpeechAct.NOTICE)
    say_presence(x)
    if x.state.approved and not x.has_asked:
        x.message()
        offer_pointer(x)


def person(x: Exchange, reason: CaseReason = CaseReason.ASKED, callback: str = "") -> None:
    """A person is wanted: asking is the second agreement, and one step is enough."""
    if x.state.phase is Phase.WAITING and x.state.sharing:
        x.say("waiting_status", SpeechAct.NOTICE)
        say_presence(x)
        x.set(pending=Pending.NOTHING)
        return
    agree_to_share(x, reason)
    x.do(WantPerson(reason, callback))
    x.set(phase=Phase.WAITING, pending=Pending.NOTHING, asked="", rung=0)
    x.say("callback_ok" if reason is CaseReason.CALLBACK else "person_ok", SpeechAct.NOTICE)
    say_presence(x)
    if not x.knows(FactId.CONTATTO) and not x.moment.desk_open and x.state.alarm is None:
        x.message()
        buttons = [x.button(f"contact_{c}", f"contatto:{c}") for c in CHANNELS]
        x.ask(
            "contact_ask",
            pending=Pending.CONTACT,
            asked="contatto",
            buttons=(tuple(buttons[:2]), tuple(buttons[2:]), *slots(x)),
        )
    elif not x.moment.desk_open and slots(x):
        x.offer(slots(x))
    elif not x.state.approved:
        x.say("waiting_invite", SpeechAct.INFORMATION)


def say_presence(x: Exchange) -> None:
    """Who is there now, or when somebody will be: today's hours as they really are."""
    at = x.moment.at
    if x.moment.desk_open:
        until = open_until(x.library.hours, at)
        if until is not None:
            x.say("presence_open", riapertura=spoken_time(until, x.state.language))
        else:
            x.say("presence_open_late")
    else:
        opening = x.moment.next_opening or next_opening(x.library.hours, at)
        if opening is not None:
            x.say("presence_closed", riapertura=spoken_moment(x, opening))
        else:
            x.say("presence_unknown")
    if x.moment.desk_open and x.state.sharing and x.moment.usual_wait_minutes is not None:
        x.say("usual_wait", attesa=str(max(1, x.moment.usual_wait_minutes)))


def spoken_moment(x: Exchange, moment: datetime) -> str:
    """ "oggi alle 14", "domani alle 9", "lunedì alle 9", in the language spoken."""
    there, now = in_rome(moment), in_rome(x.moment.at)
    days = (there.date() - now.date()).days
    day = x.word({0: "today", 1: "tomorrow"}.get(days, f"day_{there.weekday()}"))
    if days > 6:
        day = f"{day} {there.day}/{there.month}"
    return x.word("at_hour", "{day}, {hour}").format(day=day, hour=spoken_time(moment, x.state.language))


# --- the useful pointer ------------------------------------------------------------------------------------------


def offer_pointer(x: Exchange) -> bool:
    """Ask permission for a useful word, once, if there is one for this person."""
    if x.state.pointed or not x.state.approved or x.has_asked or _pointer(x) is None:
        return False
    x.set(pointed=True)
    return x.ask(
        "pointer_ask",
        pending=Pending.POINTER,
        asked="consenso",
        buttons=row(x.button("yes", "indicazione:si"), x.button("no", "indicazione:no")),
    )


def _pointer(x: Exchange) -> int | None:
    script = x.library.script(x.state.script or x.library.first_script, x.state.language)
    for index, pointer in enumerate(script.pointers):
        said = FactId.TRUFFA_IN_CORSO.value in pointer.when and "scam" in x.state.skipped
        if not said and holds(pointer.when, x.sheet, x.voice.around):
            return index
    return None


def give_pointer(x: Exchange) -> None:
    """The useful word, permitted."""
    index = _pointer(x)
    x.set(pending=Pending.NOTHING, asked="")
    if index is None or not x.state.approved:
        return
    script = x.library.script(x.state.script or x.library.first_script, x.state.language)
    chosen = x.choose(script.pointers[index].text, f"{script.script}/pointers/{index}", SpeechAct.NOTICE)
    if chosen:
        x.add(SpeechAct.INFORMATION, chosen)
