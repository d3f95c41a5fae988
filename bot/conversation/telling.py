"""An answer to the interview's question: what it tells, in however few words, and what it only seems to be."""

from __future__ import annotations

import re

from bot.conversation import asides, closing, interview
from bot.conversation.exchange import Exchange
from bot.conversation.feeling import feeling_in
from bot.conversation.mirror import learners_signs
from bot.conversation.mirror.lexicon import english_words, italian
from bot.conversation.mirror.topics import topics_in
from bot.conversation.plausible import off_topic
from bot.conversation.state import Pending, Phase
from bot.conversation.types import Act, FactId, Heard, SpeechAct
from bot.conversation.voice import without_questions, words_in

STORY_FROM = 3
"""Words from which a message without recognised facts is still a story rather than a riddle."""
INTERRUPTION = 12
"""Words up to which "arrivo, signora" is said to a customer, and not part of a story."""
TOLD_FROM = 5
"""Words beside a question of theirs from which they also answered ours."""
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
_NAMES = frozenset({FactId.ZONA.value, FactId.ATTIVITA.value, FactId.PERSONE.value})
_A_NAME = re.compile(r"[A-ZÀ-Ü][a-zà-ù']{2,}(?: [A-ZÀ-Ü]?[a-zà-ù']{2,}){0,2}\W*")
"""A place or a person that no list knows is an answer all the same."""
SORRY = re.compile(r"\b(?:mi )?(?:scus[io]|scusate|perdoni|perdona)\b.{0,12}\b(?:se|mi sono|lo sfogo|la confusione|il disordine|la tristezza|la lunghezza)\b|\bsorry (?:if|for|to|i)\b", re.IGNORECASE)  # fmt: skip


def answer(x: Exchange, heard: tuple[Heard, ...], acts: frozenset[Act], text: str) -> None:
    """Answer what was said to an open question: the act that asks for something first, then whatever it tells."""
    words = words_in(text)
    reminded = _TOLD_BEFORE.search(text) is not None and Act.CORREGGI not in acts
    if reminded and x.say("told_already", SpeechAct.INFORMATION) and not x.fresh:
        x.set(rung=0, pending=Pending.NOTHING)
        interview.keep_answer(x, text, heard[-1].ref)
        interview.go_on(x, reflected=True)
        return
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
        Act.RACCONTO in acts and (words >= STORY_FROM or few_that_tell(x, text))
    ):
        _kept_and_on(x, heard, text)
    else:
        interview.not_understood(x)


def interrupted(x: Exchange, text: str) -> bool:
    """ "Un sec, cliente": they will answer when the shop lets them; nothing is asked, no reminder is offered."""
    short = not x.fresh and words_in(text) <= INTERRUPTION
    return short and _INTERRUPTED.search(text) is not None and _LATER.search(text) is None


def customers_first(x: Exchange) -> None:
    """What was asked stays asked, in the interview and at the summary."""
    x.say("customers_first", SpeechAct.INFORMATION) or x.say("act_saluto", SpeechAct.INFORMATION)
    if x.state.phase is Phase.LISTENING:
        interview.keep_open(x)
    elif x.state.pending is Pending.SUMMARY:
        x.stay_open("riassunto", closing.summary_buttons(x))


def told_beside(text: str) -> str:
    """What a message tells beside what it asks: "ma chi legge? qui comunque va tutto a rilento"; "" when that is little."""
    rest = without_questions(text)
    return rest if "?" in text and words_in(rest) >= TOLD_FROM else ""


def few_that_tell(x: Exchange, text: str) -> bool:
    """ "Meno clienti", "dipende": a word or two are an answer too, when they are words and not a sigh."""
    if "?" in text or _SIGH.match(text):
        return False
    language = x.state.language
    if language not in ("it", "en"):
        return sum(c.isalpha() for c in text) > (1 if language == "zh" else 3)
    known = italian().knows if language == "it" else english_words().__contains__
    words = [w for w in re.findall(r"[^\W\d_]+", text.casefold()) if len(w) > 2]
    if x.state.asked in _NAMES and _A_NAME.fullmatch(text.strip()):
        return True
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
    elif SORRY.search(text):
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
