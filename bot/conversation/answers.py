"""What the person said: who must be told first, what it answers, what is said back."""

from __future__ import annotations

from bot.conversation import aloud, asides, closing, distress, gently, interview, opening, returning, telling
from bot.conversation import pending as replies
from bot.conversation.exchange import Exchange
from bot.conversation.hearing import notice_manner, say_what_was_hidden, take_in
from bot.conversation.plausible import plausible
from bot.conversation.reflecting import reflect
from bot.conversation.sheet import rewrite, said_aloud
from bot.conversation.state import Pending, Phase
from bot.conversation.types import (
    Act,
    FactHeard,
    FactId,
    Heard,
    How,
    SpeechAct,
    Understood,
)
from bot.conversation.voice import words_in

INSULT_ONLY = 8
"""Words up to which an insult is only that: "sei un programma" tells of nobody's staff."""

ENOUGH_WORDS = 6
"""Words up to which "basta così" means that, and is not part of a story."""

GUESS_BELOW = 0.35
"""Confidence under which an act other than the story is not acted upon."""


def said(x: Exchange, heard: tuple[Heard, ...]) -> None:
    """A message, or a burst answered once."""
    if not heard:
        return
    if x.state.phase is Phase.ERASED:
        x.set(phase=Phase.OPENING)
    away = returning.long_silence(x)
    for item in heard:
        notice_manner(x, item.understood)
    alarmed = [h for h in heard if h.understood.alarm is not None]
    distress.note_safety(x, heard)
    if x.state.phase is Phase.WITH_ANGEL:
        _overheard(x, heard, alarmed)
        return
    x.set(last_at=x.moment.at)
    if alarmed:
        worst = min(alarmed, key=lambda h: h.understood.alarm.rank if h.understood.alarm else 9)
        _keep_before_alarm(x, heard)
        assert worst.understood.alarm is not None
        distress.sound(x, worst.understood.alarm, worst.understood.reason, worst.ref)
        return
    acts = acts_of(heard)
    if x.state.phase is Phase.DISTRESS:
        _in_distress(x, heard, acts, away)
        return
    doubted = x.state.pending is Pending.DOUBT
    if gently.doubt(x, heard, acts):
        return
    if not x.state.listening:
        _before_consent(x, heard, acts)
        return
    if away and _comes_back(x, heard, acts):
        return
    correcting = x.state.pending in (Pending.CORRECTION, Pending.CLASH)
    if x.state.pending is Pending.VOICE:
        correcting = x.state.spoken_pending in (Pending.CORRECTION, Pending.CLASH)
        if acts & {Act.RIFIUTO, Act.CORREGGI}:
            aloud.taken_back(x)
    before = x.state.notes
    for item in heard:
        if not (Act.INSULTO in acts and words_in(item.understood.text) < INSULT_ONLY):
            take_in(x, item, correcting=correcting)
        say_what_was_hidden(x, item.understood)
    if doubted and x.state.phase is Phase.LISTENING and not acts & (_ASKS_SOMETHING | set(asides.ANSWERS)):
        _after_the_gentle_question(x, heard)
        return
    if Act.INSULTO in acts and not x.fresh:
        asides.insulted(x)
        return
    if _aloud(x, heard, acts):
        return
    if x.state.pending is Pending.VOICE:
        confirmed(x, *aloud.answered(x, heard, acts))
        return
    _respond(x, heard, acts, corrected=before != x.state.notes and correcting)


def _aloud(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> bool:
    """A voice message is shown before it is answered; True when the turn asks whether it was heard well."""
    spoken = next((h for h in reversed(heard) if h.voice), None)
    if spoken is None or not spoken.understood.text.strip():
        return False
    if aloud.decides(x, acts):
        aloud.show(x, spoken)
        x.say("voice_decision", SpeechAct.NOTICE)
        x.paragraph()
        asides.erase_asked(x) if x.state.pending is Pending.ERASE else asides.resume(x)
        return True
    if aloud.shows_at_once(x, spoken, acts):
        if x.state.pending is not Pending.VOICE:
            aloud.show(x, spoken)
            x.paragraph()
        return False
    aloud.read_back(x, spoken, acts)
    return True


def confirmed(x: Exchange, waiting: tuple[Heard, ...], new: tuple[Heard, ...] = ()) -> None:
    """Voice messages that were read back count now, with what came after them: one burst, answered once."""
    if not waiting and not new:
        aloud.say_it_again(x)
        return
    refs = {h.ref for h in waiting}
    x.fresh = (*(f for f in x.state.notes.facts if f.ref in refs and f not in x.fresh), *x.fresh)
    for item in waiting:
        notice_manner(x, item.understood)
    correcting = x.state.pending in (Pending.CORRECTION, Pending.CLASH)
    acts = acts_of(waiting) | (acts_of(new) - aloud.ANSWER)
    _respond(x, (*waiting, *new), acts, corrected=bool(x.fresh) and correcting)


_ASKS_SOMETHING = frozenset(
    {Act.CHIEDI_UMANO, Act.CHIEDI_RICHIAMATA, Act.CANCELLA_DATI, Act.I_MIEI_DATI, Act.PAUSA, Act.INSULTO}
)


def _after_the_gentle_question(x: Exchange, heard: tuple[Heard, ...]) -> None:
    """It was nothing grave: whatever it was answered with is part of the story, and the story goes on."""
    text = " ".join(h.understood.text for h in heard)
    x.set(rung=0, pending=Pending.NOTHING)
    if not x.fresh and words_in(text) >= telling.STORY_FROM:
        interview.keep_answer(x, text, heard[-1].ref)
    interview.go_on(x)


def acts_of(heard: tuple[Heard, ...]) -> frozenset[Act]:
    """Every act of a burst that is sure enough to be acted upon, and that can be read in the words."""
    acts: set[Act] = set()
    for item in heard:
        understood = item.understood
        found = {*understood.also}
        if understood.confidence >= GUESS_BELOW or understood.act is Act.RACCONTO:
            found.add(understood.act)
        believed = {act for act in found if plausible(act, understood)}
        # What is left when nothing can be believed is something told.
        acts |= believed or {Act.RACCONTO}
    return frozenset(acts)


def _comes_back(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> bool:
    """Hours or days later, with a bare hello: welcomed back to where we were."""
    underway = (Phase.LISTENING, Phase.SUMMARY, Phase.SHARE, Phase.CONTACT)
    bare = acts <= {Act.SALUTO, Act.RACCONTO} and not any(h.understood.facts for h in heard)
    if x.state.phase not in underway or Act.SALUTO not in acts or not bare:
        return False
    returning.welcome(x)
    return True


def _overheard(x: Exchange, heard: tuple[Heard, ...], alarmed: list[Heard]) -> None:
    """An angel has the conversation: facts go to the card, an alarm still sounds, nothing is said."""
    for item in heard:
        take_in(x, item)
    for item in alarmed:
        assert item.understood.alarm is not None
        distress.raise_alarm(x, item.understood.alarm, item.understood.reason, item.ref)


def _keep_before_alarm(x: Exchange, heard: tuple[Heard, ...]) -> None:
    """What a burst told beside the alarm is kept, unless the telephone may be watched."""
    watched = distress.WATCHED | ({x.state.alarm} if x.state.alarm in distress.WATCHED else set())
    for item in heard:
        if item.understood.alarm not in watched:
            take_in(x, item)


def _in_distress(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], away: bool) -> None:
    if away and not x.told_safety:
        distress.welcome_back(x)
        return
    if x.state.alarm not in distress.WATCHED:
        for item in heard:
            take_in(x, item)
    if acts & {Act.CHIEDI_UMANO, Act.CHIEDI_RICHIAMATA}:
        distress.person(x)
    elif Act.CANCELLA_DATI in acts:
        asides.erase_asked(x)
    elif Act.I_MIEI_DATI in acts:
        asides.show_data(x)
    elif x.state.pending is Pending.ERASE and acts & {Act.CONFERMA, Act.RIFIUTO}:
        replies.confirm_erase(x, Act.CONFERMA in acts)
    elif x.told_safety:
        distress.stay(x, acts)
    elif Act.SEI_UN_PROGRAMMA in acts or Act.PRIVACY in acts:
        pending, asked = x.state.pending, x.state.asked
        asides.answer(x, acts, heard[-1].understood)
        x.set(pending=pending, asked=asked)
    else:
        distress.stay(x, acts)


def _before_consent(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> None:
    if x.state.pending is Pending.ERASE and acts & {Act.CONFERMA, Act.RIFIUTO}:
        replies.confirm_erase(x, Act.CONFERMA in acts)
        return
    if Act.CANCELLA_DATI in acts:
        asides.erase_asked(x)
        return
    if Act.I_MIEI_DATI in acts:
        asides.show_data(x)
    if any(h.voice for h in heard):
        acts -= {Act.CONFERMA, Act.RIFIUTO}  # a consent never rests on a transcript
    if x.state.said:
        for item in heard:
            say_what_was_hidden(x, item.understood)
        if x.state.pending is not Pending.LISTEN and Act.CONFERMA in acts:
            x.set(pending=Pending.LISTEN)
        asides.answer(x, acts - {Act.CONFERMA}, heard[-1].understood)
    opening.before_consent(x, acts, heard)


def _respond(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], *, corrected: bool) -> None:
    """After consent, with nobody in danger: answered, and what was said aloud keeps its mark."""
    _answer(x, heard, acts, corrected=corrected)
    if refs := {h.ref for h in heard if h.voice}:
        x.set(notes=said_aloud(x.state.notes, refs))


def _answer(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], *, corrected: bool) -> None:
    """The act that asks something first, then the story."""
    text = " ".join(h.understood.text for h in heard)
    enough = words_in(text) <= ENOUGH_WORDS and asides.says_enough(x, text)
    if x.state.pending in (Pending.NOTHING, Pending.SUMMARY) and telling.interrupted(x, text):
        telling.customers_first(x)
    elif Act.CHIEDI_UMANO in acts:
        closing.person(x)
    elif Act.CHIEDI_RICHIAMATA in acts and x.state.pending is not Pending.CONTACT:
        asides.callback(x, text)
    elif Act.CANCELLA_DATI in acts:
        asides.erase_asked(x)
    elif Act.I_MIEI_DATI in acts:
        asides.show_data(x)
        asides.resume(x)
    elif enough and x.state.phase is Phase.LISTENING and x.state.pending is Pending.NOTHING:
        closing.read_back(x)
    elif Act.PAUSA in acts and x.state.phase is not Phase.WAITING and not _tells_when(x):
        asides.pause(x)
    elif x.state.phase is Phase.PAUSED and x.state.pending is not Pending.REMINDER:
        returning.resume(x, acts)
    elif replies.answers_pending(x, heard, acts, corrected=corrected) or _aside(x, heard, acts):
        return
    else:
        _by_phase(x, heard, acts, text)


def _tells_when(x: Exchange) -> bool:
    """ "Con calma, dopo Natale" tells how urgent it is; it asks for no break."""
    return bool(x.fresh) and all(f.fact is FactId.URGENZA for f in x.fresh)


def _aside(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> bool:
    if x.fresh and acts & set(asides.ANSWERS):
        # "sì, ho un bar in Isola, ma lei è un robot?": the answer first, then the story goes on.
        asides.answer(x, acts, heard[-1].understood)
        if x.state.phase is Phase.LISTENING:
            x.paragraph()
            interview.go_on(x)
            return True
        asides.resume(x)
        return True
    if any(asides.answer(x, acts, h.understood) for h in heard[-1:]):
        x.paragraph()
        rest = telling.told_beside(" ".join(h.understood.text for h in heard))
        if rest and x.state.phase is Phase.LISTENING and x.state.pending is Pending.NOTHING:
            interview.keep_answer(x, rest, heard[-1].ref)
            interview.go_on(x)
        else:
            asides.resume(x)
        return True
    return False


def _by_phase(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    match x.state.phase:
        case Phase.LISTENING:
            telling.answer(x, heard, acts, text)
        case Phase.SUMMARY:
            _after_summary(x, heard, acts, text)
        case Phase.SHARE | Phase.CONTACT if Act.CORREGGI in acts:
            # The story is not right after all: what is missing goes in, and it is read back again.
            if not (replies.amend(x, text, heard[-1].ref) or x.fresh):
                interview.keep_answer(x, text, heard[-1].ref)
            x.set(approved=False)
            x.say("correct_added", SpeechAct.INFORMATION)
            closing.read_back(x)
        case Phase.SHARE | Phase.CONTACT:
            reflect(x)
            asides.resume(x)
        case Phase.WAITING:
            _while_waiting(x, heard, acts, text)
        case Phase.CLOSED:
            if Act.RACCONTO in acts and words_in(text) >= telling.STORY_FROM:
                interview.keep_answer(x, text, heard[-1].ref)
            x.set(returned=heard[-1].ref if x.fresh else 0)
            returning.after_closure(x, acts)
        case _:
            _at_rest(x, acts)


def _after_summary(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    """They go on telling instead of saying yes: taken in, given back, and the summary still waits."""
    if x.state.pending is not Pending.SUMMARY:
        closing.read_back(x)
        return
    told = words_in(text) >= telling.STORY_FROM or telling.few_that_tell(x, text)
    if x.fresh or (acts & {Act.RACCONTO, Act.SFOGO} and told):
        if not x.fresh:
            interview.keep_answer(x, text, heard[-1].ref)
        x.set(asked="")
        reflect(x)
        if x.silent:
            x.say("kept_more", SpeechAct.INFORMATION) or x.say("kept_always", SpeechAct.NOTICE)
    asides.resume(x)


def _while_waiting(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    """A person is coming: go on listening, and ask only while the story is not yet approved."""
    if acts & {Act.CONGEDO, Act.RINGRAZIAMENTO, Act.SALUTO, Act.PAUSA} and not x.fresh:
        x.say("waiting_goodbye", SpeechAct.INFORMATION)
        return
    if not x.fresh and Act.RACCONTO in acts and words_in(text) >= telling.STORY_FROM:
        interview.keep_answer(x, text, heard[-1].ref)
    reflect(x)
    if not x.say("waiting_more", SpeechAct.INFORMATION):
        x.say("kept_always", SpeechAct.NOTICE)
    x.offer(((x.button("person", "persona"),),))


def _at_rest(x: Exchange, acts: frozenset[Act]) -> None:
    """The summary is approved and kept between us: what is added is kept, the door stays open."""
    reflect(x)
    if x.silent and acts & {Act.RINGRAZIAMENTO, Act.CONGEDO, Act.SALUTO, Act.COMPLIMENTO}:
        x.say("rest_goodbye", SpeechAct.INFORMATION)
    if x.silent:
        x.say("rest_more", SpeechAct.NOTICE)
    x.offer(((x.button("person", "persona"),),))


def rewrote(x: Exchange, heard: Heard) -> None:
    """An earlier message was edited: its facts are replaced; what changed is said in a word."""
    understood: Understood = heard.understood
    if understood.alarm is not None:
        said(x, (heard,))
        return
    if not x.state.listening:
        return
    result = rewrite(x.state.notes, understood.facts, heard.ref, x.library.rules)
    changed = result.sheet != x.state.notes
    x.set(notes=said_aloud(result.sheet, (heard.ref,)) if heard.voice else result.sheet)
    if understood.doubt is not None and x.state.phase not in (Phase.DISTRESS, Phase.WITH_ANGEL):
        distress.ask_gently(x, understood.doubt, understood.reason)
    elif x.state.phase is Phase.SUMMARY and changed:
        closing.read_back(x)
    elif result.corrected and x.state.phase is not Phase.DISTRESS:
        pending, asked = x.state.pending, x.state.asked
        x.say("rewritten")
        x.set(pending=pending, asked=asked)


def brought(x: Exchange, ref: int, kind: str, caption: Understood | None, own_number: str) -> None:
    """Something that is not text: received as a person would, and kept for the angel."""
    if x.state.phase is Phase.ERASED:
        x.set(phase=Phase.OPENING)
    if own_number and x.state.listening:
        number = FactHeard(FactId.CONTATTO, "telefono", own_number, how=How.SAID, detail=own_number)
        take_in(x, Heard(ref, Understood(text="", facts=(number,))))
    if x.state.phase is Phase.WITH_ANGEL:
        if caption is not None:
            said(x, (Heard(ref, caption),))
        return
    danger = caption is not None and (caption.alarm is not None or caption.doubt is not None)
    if not danger and x.state.phase is not Phase.DISTRESS:
        name = "contact_own" if own_number else kind if x.has_line(f"brought_{kind}") else "other"
        x.say(f"brought_{name}", SpeechAct.INFORMATION) or x.say("brought_again", SpeechAct.NOTICE)
    if caption is not None and caption.text.strip():
        said(x, (Heard(ref, caption),))
        return
    x.set(last_at=x.moment.at)
    if x.state.phase is Phase.DISTRESS:
        distress.stay(x, frozenset())
    elif own_number and x.state.pending in (Pending.CONTACT, Pending.NUMBER):
        closing.contact_told(x)
    elif not x.state.listening:
        x.paragraph()
        opening.before_consent(x, frozenset(), ())
    else:
        asides.resume(x)
