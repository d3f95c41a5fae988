"""Side questions, commands and everything that is not the story: answered, then back to what was open."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from bot.conversation import aloud, closing, interview, opening
from bot.conversation.exchange import Exchange, column, row
from bot.conversation.script import Aside
from bot.conversation.state import Pending, Phase, State, new_state
from bot.conversation.templates import in_language
from bot.conversation.types import (
    Act,
    Button,
    CaseReason,
    Consent,
    DropTimer,
    Erase,
    RecordConsent,
    SetTimer,
    ShowData,
    SpeechAct,
    Understood,
)

REMINDER = "promemoria"
REMINDER_AFTER = timedelta(days=1)
UNSHARE = "condivido:revoca"

MOST_QUESTIONS = 7
"""Questions of a whole first listening, those beside the script too (PRODUCT.md, The voice)."""

ANSWERS: dict[Act, str] = {
    Act.SEI_UN_PROGRAMMA: "am_i_program",
    Act.CHI_SIETE: "who_are_we",
    Act.QUANTO_COSTA: "price",
    Act.PRIVACY: "privacy",
    Act.AIUTO: "help",
}
"""Side questions and the shared line that answers each."""


def answer(x: Exchange, acts: frozenset[Act], understood: Understood) -> bool:
    """Answer the side questions of a message; True when one was answered."""
    answered = False
    desk = x.library.desk
    if acts & {Act.AIUTO, Act.QUANTO_COSTA} and _said_aside(x, understood.text):
        return True  # "quanto manca?", "mi ridate i soldi?": what they really ask
    for act, name in ANSWERS.items():
        if act in acts and not (answered and act is Act.AIUTO):
            answered = (
                x.say(
                    name,
                    titolare=desk.controller,
                    telefono_spin=desk.phone,
                    sportello=desk.name,
                    indirizzo_spin=desk.address,
                )
                or answered
            )
            if act is Act.CHI_SIETE:
                closing.say_presence(x)
            elif act is Act.PRIVACY:
                offer_unshare(x)
    return answered or _said_aside(x, understood.text)


def _said_aside(x: Exchange, text: str) -> bool:
    """Answer with the aside whose words are in the text ("quanto manca?", "è per la tesi"); False without one."""
    found = recognised(x, text)
    if found is None:
        return False
    name, aside = found
    chosen = x.choose(aside.text, f"asides/{name}", SpeechAct.NOTICE)
    if chosen:
        x.add(SpeechAct.NOTICE, chosen)
    return bool(chosen)


def recognised(x: Exchange, text: str) -> tuple[str, Aside] | None:
    """The aside whose words are in the text, if any (student, supplier, minor, ...)."""
    folded = text[:1000].casefold()
    shared = x.library.shared.get(x.state.language) or x.library.shared["it"]
    for name, aside in shared.asides.items():
        if any(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", folded) for w in aside.words):
            return name, aside
    return None


def says_enough(x: Exchange, text: str) -> bool:
    """True when the words are one of the ways of saying "that is enough" in this language."""
    ways = [_plain(w) for w in x.word("enough").split("|") if w.strip()]
    said = _plain(text)
    return any(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", said) for w in ways)


def _plain(text: str) -> str:
    """Lower case, no accents: on a telephone "così" is "cosi"."""
    bare = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(c for c in bare if not unicodedata.combining(c))


def resume(x: Exchange) -> None:
    """Come back to what was open, in other words."""
    pending, phase = x.state.pending, x.state.phase
    if x.has_asked:
        return
    if pending is Pending.VOICE:
        aloud.ask(x)
        return
    if phase in (Phase.OPENING, Phase.DECLINED):
        if not x.state.listening:
            opening.before_consent(x, frozenset(), ())
    elif phase is Phase.LISTENING and pending in (Pending.NOTHING, Pending.HELP, Pending.CLASH):
        x.set(pending=Pending.NOTHING)
        interview.ask_again(x)
    elif phase is Phase.SUMMARY:
        x.paragraph()
        asked = x.ask(
            "summary_again",
            pending=Pending.SUMMARY,
            asked="riassunto",
            act=SpeechAct.CLOSED,
            exempt=False,
            buttons=closing.summary_buttons(x),
        )
        if not asked:
            # Every way of asking was used: the buttons ask.
            x.set(pending=Pending.SUMMARY, asked="riassunto")
            x.offer(closing.summary_buttons(x))
    elif phase is Phase.SHARE:
        closing.ask_to_share(x)
    elif phase is Phase.CONTACT:
        closing.ask_contact_or_hand_over(x)
    else:
        x.offer(row(x.button("person", "persona")))


def insulted(x: Exchange) -> None:
    """Once calm, twice a boundary and a person."""
    x.set(insults=x.state.insults + 1)
    if x.state.insults == 1:
        x.say("insult_1", SpeechAct.INFORMATION)
        resume(x)
        return
    x.say("insult_2")
    x.offer(column(x.button("person", "persona"), x.button("pause", "pausa")))


def pause(x: Exchange) -> None:
    """Not now: kept as it is, and one reminder only if they agree."""
    before = x.state.before if x.state.phase is Phase.PAUSED else x.state.phase
    if x.state.phase in (Phase.OPENING, Phase.DECLINED):
        x.say("pause_ok")
        return
    x.set(phase=Phase.PAUSED, before=before)
    x.say("pause_ok")
    if (
        not x.state.reminded
        and x.state.alarm is None
        and not x.has_asked
        and x.state.questions < MOST_QUESTIONS
    ):
        x.ask(
            "reminder_ask",
            pending=Pending.REMINDER,
            asked="consenso",
            buttons=row(x.button("yes", "promemoria:si"), x.button("no", "promemoria:no")),
        )


def reminder(x: Exchange, agreed: bool) -> None:
    """The one reminder, agreed or not; never after an alarm."""
    x.set(pending=Pending.NOTHING, reminded=True, asked="riprendere")
    if agreed and x.state.alarm is None:
        x.do(SetTimer(REMINDER, x.moment.at + REMINDER_AFTER))
        x.say("reminder_ok")
    else:
        x.do(DropTimer(REMINDER))
        x.say("reminder_no")
    x.offer(row(x.button("resume", "riprendi"), x.button("person", "persona")))


def erase_asked(x: Exchange) -> None:
    """Erasing is confirmed once."""
    x.ask(
        "erase_ask",
        pending=Pending.ERASE,
        asked="consenso",
        buttons=column(x.button("erase_yes", "cancella:si"), x.button("erase_no", "cancella:no")),
    )


def erase(x: Exchange) -> None:
    """Everything goes; the state that remains knows only the language."""
    for consent, given in ((Consent.SHARE, x.state.sharing), (Consent.LISTEN, x.state.listening)):
        if given:
            x.do(RecordConsent(consent, False, x.library.version))
    language, address = x.state.language, x.state.address
    x.say("erase_done")
    x.do(DropTimer(REMINDER), Erase())
    fresh: State = new_state(language)
    x.state = fresh
    x.set(phase=Phase.ERASED, address=address)


def show_data(x: Exchange) -> None:
    """All that is kept, as a page to read and as JSON."""
    x.say("data_intro")
    x.do(ShowData())


def ask_language(x: Exchange) -> None:
    """Which language to speak."""
    names = {
        code: in_language(shared.words, "language_name") or shared.words.get("language_name", code)
        for code, shared in x.library.shared.items()
    }
    buttons = [Button(names[code], f"lingua:{code}") for code in x.library.languages]
    if x.state.language == "it" and not x.state.simple:
        buttons.append(x.button("simple", "lingua:semplice"))
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    pending, asked = x.state.pending, x.state.asked
    x.say("language_ask")
    x.offer(rows)
    x.set(pending=pending, asked=asked)


def set_language(x: Exchange, code: str) -> bool:
    """Speak this language from now on; False when we do not have it."""
    if code == "semplice":
        x.set(simple=True, language="it", offered=True)
    elif code in x.library.languages:
        x.set(language=code, simple=False)
    else:
        return False
    x.say("language_set")
    resume(x)
    return True


def privacy(x: Exchange) -> None:
    """What becomes of the data, and the way back from the second consent."""
    desk = x.library.desk
    x.say("privacy", titolare=desk.controller, telefono_spin=desk.phone, sportello=desk.name)
    offer_unshare(x)


def offer_unshare(x: Exchange) -> None:
    """Whoever shares can take it back with one tap, as they gave it.

    Not offered where somebody else may hold the telephone: it would tell them that a person reads.
    """
    if x.state.sharing and x.state.phase is not Phase.DISTRESS and not x.state.watched:
        x.beside(row(x.button("unshare", UNSHARE)))


def withdraw_sharing(x: Exchange) -> None:
    """The second consent is taken back: the desk takes everything out of the angels' sight, the program goes on listening.

    An alarm needs no consent: whoever was called because of one goes on, and that is said.
    """
    if not x.state.sharing:
        return
    x.do(RecordConsent(Consent.SHARE, False, x.library.version))
    x.set(sharing=False)
    if x.state.alarm is not None and x.state.phase is not Phase.CLOSED:
        x.serve_right()
        x.say("unshare_alarm")
        return
    if x.state.phase in (Phase.WITH_ANGEL, Phase.WAITING, Phase.CONTACT, Phase.SHARE):
        alone = Phase.RESTING if x.state.approved else Phase.LISTENING
        x.set(phase=alone, pending=Pending.NOTHING, asked="")
    x.say("unshare_done")
    x.paragraph()
    resume(x)


def callback(x: Exchange, wish: str) -> None:
    """Call me, fix a time: the wish is kept in their own words; no time is promised."""
    closing.person(x, CaseReason.CALLBACK, wish[:300])
