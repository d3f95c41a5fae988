"""What the person said: who must be told first, what it answers, what is said back."""

from __future__ import annotations

import re

from bot.conversation import aloud, asides, closing, distress, interview, opening, returning
from bot.conversation import pending as replies
from bot.conversation.exchange import Exchange
from bot.conversation.feeling import feeling_in
from bot.conversation.hearing import notice_manner, say_what_was_hidden, take_in
from bot.conversation.mirror import learners_signs
from bot.conversation.mirror.lexicon import english_words, italian
from bot.conversation.mirror.topics import topics_in
from bot.conversation.plausible import off_topic, plausible
from bot.conversation.reflecting import reflect
from bot.conversation.sheet import rewrite, said_aloud
from bot.conversation.state import Pending, Phase
from bot.conversation.types import (
    Act,
    Alarm,
    FactHeard,
    FactId,
    Heard,
    How,
    SpeechAct,
    Understood,
)
from bot.conversation.voice import words_in

STORY_FROM = 3
"""Words from which a message without recognised facts is still a story rather than a riddle."""

INSULT_ONLY = 8
"""Words up to which an insult is only that: "sei un programma" tells of nobody's staff."""

ENOUGH_WORDS = 6
"""Words up to which "basta così" means that, and is not part of a story."""

GUESS_BELOW = 0.35
"""Confidence under which an act other than the story is not acted upon."""


INTERRUPTION = 12
"""Words up to which "arrivo, signora" is said to a customer, and not part of a story."""

_INTERRUPTED = re.compile(
    r"^\W*client[ei]\W*$|\b(?:un (?:sec(?:ondo)?|attimo|momento|minuto)\b|arrivo\b|eccomi signora|(?:è|sono) (?:appena )?(?:entrat|arrivat)\w+ (?:un|una|dei|delle|gente|client)|(?:ho|c'è) (?:un client\w+|gente)\b|aspett[aio]\w* (?:un|che (?:la|il|una?|c'è|serv|finisc|arriv))|"
    r"(?:era|è|dicevo) (?:x|per|a) (?:la|una|il|un) (?:signor|client)\w+|hang on|one (?:sec|moment|minute)|just a (?:sec|moment|minute)|customer (?:just|came|here)|someone'?s at|"
    r"(?:llegó|entró|ha llegado|tengo) (?:una? )?client\w+|un moment(?:o|ito))|لحظة|عندي زبون|等一下|有客人",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:dopo|poi|torno|più tardi|stasera|domani|riprend\w+|continu\w+|risentiamo|later|tomorrow|tonight|come back)\b",
    re.IGNORECASE,
)
"""With it a customer is a break: the rest is for another time."""
_SIGH = re.compile(
    r"^\W*(?:boh|mah|beh|bah|eh+|ah+|oh+|uh+|ehm|mm+|ok|okay|cioè|quindi|allora|e allora|come|cosa|che|chi|ecco|insomma|vabbè|già|so|well|hmm+|what|erm|uh|um)\W*$",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:grazie(?: mille| infinite| tante)?|buon(?:giorno|asera|anotte)|buona (?:giornata|serata)|salve|ciao|gentil\w+|molto|davvero|tutto|bello|bravi?|che|è|thank you|thanks|hello|hi|good (?:morning|evening)|very|kind)\b",
    re.IGNORECASE,
)
_TOLD_BEFORE = re.compile(
    r"\b(?:(?:gliel|te l|ve l)'ho (?:già |appena )?(?:dett|scritt)\w|l'ho (?:già|appena) (?:dett|scritt)\w|(?:già|appena) (?:detto|scritto)|(?:ho|avevo) già (?:detto|scritto|risposto)|i (?:just|already) (?:said|told|wrote)|as i (?:just )?said|(?:ya|acabo de) (?:se )?lo (?:he )?(?:dicho|escrito))\b",
    re.IGNORECASE,
)
_SORRY = re.compile(r"\b(?:mi )?(?:scus[io]|scusate|perdoni|perdona)\b.{0,12}\b(?:se|mi sono|lo sfogo|la confusione|il disordine|la tristezza|la lunghezza)\b|\bsorry (?:if|for|to|i)\b", re.IGNORECASE)  # fmt: skip


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
    if _doubt(x, heard, acts):
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
    if not x.fresh and words_in(text) >= STORY_FROM:
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


def _doubt(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act]) -> bool:
    """The gentle question: asked once, its yes is an alarm, anything calm goes back to the story."""
    worst, reason = _worst_doubt(heard)
    if x.state.pending is Pending.DOUBT and x.state.doubt is not None:
        # "Non saprei", asked whether one still wants to live, is no denial.
        unsure = x.state.doubt is Alarm.AUTOLESIONE and Act.NON_SO in acts and Act.RIFIUTO not in acts
        if Act.CONFERMA in acts or unsure:
            distress.sound(x, x.state.doubt, "conferma alla domanda gentile", heard[-1].ref)
            return True
        if worst is not None and Act.RIFIUTO not in acts:
            distress.sound(x, worst, f"dubbio dopo la domanda gentile: {reason}", heard[-1].ref)
            return True
        if acts & {Act.SALTA, Act.NON_SO} and Act.RIFIUTO not in acts:
            distress.doubt_untold(x)
            return True
        text = " ".join(h.understood.text for h in heard)
        distress.doubt_eased(x, clearly=Act.RIFIUTO in acts or _SORRY.search(text) is not None)
        return False
    if worst is None:
        return False
    if worst in x.state.doubted:
        distress.ask_gently(x, worst, reason)
        return False
    for item in heard:
        take_in(x, item, wordless=worst in distress.WATCHED)
    if worst not in distress.WATCHED:
        reflect(x)
    return distress.ask_gently(x, worst, reason)


def _worst_doubt(heard: tuple[Heard, ...]) -> tuple[Alarm | None, str]:
    """The most dangerous doubt of a burst, and why."""
    doubts = [(h.understood.doubt, h.understood.reason) for h in heard if h.understood.doubt is not None]
    return min(doubts, key=lambda doubt: doubt[0].rank, default=(None, ""))


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
    if x.state.phase is Phase.LISTENING and x.state.pending is Pending.NOTHING and _interrupted(x, text):
        x.say("customers_first", SpeechAct.INFORMATION) or x.say("act_saluto", SpeechAct.INFORMATION)
        interview.keep_open(x)
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


def _interrupted(x: Exchange, text: str) -> bool:
    """ "Un sec, cliente": they will answer when the shop lets them; nothing is asked, no reminder is offered."""
    short = not x.fresh and words_in(text) <= INTERRUPTION
    return short and _INTERRUPTED.search(text) is not None and _LATER.search(text) is None


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
        rest = told_beside(" ".join(h.understood.text for h in heard))
        if rest and x.state.phase is Phase.LISTENING and x.state.pending is Pending.NOTHING:
            interview.keep_answer(x, rest, heard[-1].ref)
            interview.go_on(x)
        else:
            asides.resume(x)
        return True
    return False


_A_QUESTION = re.compile(r"[^.!?…\n]*\?")
TOLD_FROM = 5
"""Words beside a question of theirs from which they also answered ours."""


def told_beside(text: str) -> str:
    """What a message tells beside what it asks: "ma chi legge? qui comunque va tutto a rilento"; "" when that is little."""
    rest = _A_QUESTION.sub(" ", text).strip()
    return rest if "?" in text and words_in(rest) >= TOLD_FROM else ""


def _by_phase(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    match x.state.phase:
        case Phase.LISTENING:
            _interview_answer(x, heard, acts, text)
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
            returning.after_closure(x, acts)
        case _:
            _at_rest(x, acts)


def _after_summary(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    """They go on telling instead of saying yes: taken in, given back, and the summary still waits."""
    if x.state.pending is not Pending.SUMMARY:
        closing.read_back(x)
        return
    told = words_in(text) >= STORY_FROM or _few_that_tell(x, text)
    if x.fresh or (acts & {Act.RACCONTO, Act.SFOGO} and told):
        if not x.fresh:
            interview.keep_answer(x, text, heard[-1].ref)
        x.set(asked="")
        reflect(x)
        if x.silent:
            x.say("kept_more", SpeechAct.INFORMATION) or x.say("kept_always", SpeechAct.NOTICE)
    asides.resume(x)


def _interview_answer(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    words = words_in(text)
    if _TOLD_BEFORE.search(text) and Act.CORREGGI not in acts:
        x.say("told_already", SpeechAct.INFORMATION)
    if Act.RIPETI in acts:
        _say_again(x, text)
    elif Act.INDIETRO in acts:
        interview.back(x)
    elif Act.CORREGGI in acts and not x.fresh:
        closing.ask_correction(x)
    elif Act.CORREGGI in acts:
        x.set(rung=0, pending=Pending.NOTHING)
        x.say("correct_done", SpeechAct.INFORMATION)
        interview.go_on(x)
    elif Act.SALTA in acts and not x.fresh:
        interview.skip(x)
    elif Act.CONGEDO in acts and not x.fresh:
        asides.pause(x)
    elif x.fresh:
        x.set(rung=0, pending=Pending.NOTHING)
        interview.keep_story(x, text, heard[-1].ref)
        interview.go_on(x)
    elif x.state.asked == FactId.COME_STA and feeling_in(text, x.state.language):
        _kept_and_on(x, heard, text)
    elif acts & {Act.NON_SO, Act.RIFIUTO}:
        x.set(pending=Pending.NOTHING)
        interview.does_not_know(x, Act.NON_SO)
    elif acts & {Act.SALUTO, Act.RINGRAZIAMENTO, Act.COMPLIMENTO} and not _courtesy_and_more(text):
        first = next(a for a in (Act.COMPLIMENTO, Act.RINGRAZIAMENTO, Act.SALUTO) if a in acts)
        x.say(f"act_{first.value}", SpeechAct.INFORMATION)
        asides.resume(x)
    elif Act.FUORI_TEMA in acts and (not off_topic(text) or told_beside(text)):
        _kept_and_on(x, heard, text)
    elif Act.FUORI_TEMA in acts:
        x.say("off_topic", SpeechAct.INFORMATION)
        asides.resume(x)
    elif acts & {Act.SFOGO, Act.SALUTO, Act.RINGRAZIAMENTO, Act.COMPLIMENTO} or (
        Act.RACCONTO in acts and (words >= STORY_FROM or _few_that_tell(x, text))
    ):
        _kept_and_on(x, heard, text)
    else:
        interview.not_understood(x)


def _few_that_tell(x: Exchange, text: str) -> bool:
    """ "Meno clienti", "dipende": a word or two are an answer too, when they are words and not a sigh."""
    if "?" in text or _SIGH.match(text):
        return False
    language = x.state.language
    if language not in ("it", "en"):
        return words_in(text) > 1
    known = italian().knows if language == "it" else english_words().__contains__
    words = [w for w in re.findall(r"[^\W\d_]+", text.casefold()) if len(w) > 2]
    return bool(words) and (bool(topics_in(text, language, 1)) or all(known(w) for w in words))


def _courtesy_and_more(text: str) -> bool:
    """ "Grazie, è andata maluccio": the courtesy apart, something is told."""
    rest = _COURTESY.sub(" ", text)
    return "?" not in text and words_in(rest) >= STORY_FROM


def _kept_and_on(x: Exchange, heard: tuple[Heard, ...], text: str) -> None:
    """Something told in words that no rule knows: kept as it was said, given back as far as it can be."""
    x.set(rung=0, pending=Pending.NOTHING)
    if text.rstrip().endswith("?"):
        x.say("question_noted", SpeechAct.INFORMATION)
    elif _SORRY.search(text):
        x.say("no_apology", SpeechAct.INFORMATION)
    interview.keep_answer(x, text, heard[-1].ref)
    interview.go_on(x)


def _say_again(x: Exchange, text: str) -> None:
    """Said otherwise; simply, with the languages that there are, to somebody who is learning this one."""
    if not interview.stays_open(x):
        interview.go_on(x, reflected=True)
        return
    if x.state.language == "it" and learners_signs(text):
        x.set(simple=True)
    if x.state.simple and not x.state.offered:
        x.set(offered=True)
        x.say("languages_offer", SpeechAct.INFORMATION)
    else:
        x.say("repeat_intro", SpeechAct.INFORMATION)
    interview.ask_again(x)


def _while_waiting(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    """A person is coming: go on listening, and ask only while the story is not yet approved."""
    if acts & {Act.CONGEDO, Act.RINGRAZIAMENTO, Act.SALUTO, Act.PAUSA} and not x.fresh:
        x.say("waiting_goodbye", SpeechAct.INFORMATION)
        return
    if not x.fresh and Act.RACCONTO in acts and words_in(text) >= STORY_FROM:
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
