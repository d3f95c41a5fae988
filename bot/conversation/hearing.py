"""What a message does before it is answered: facts to the sheet, and how the person speaks."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.already import touched_in
from bot.conversation.exchange import Exchange
from bot.conversation.mirror import learners_signs
from bot.conversation.sheet import hear, said_aloud
from bot.conversation.state import Pending
from bot.conversation.templates import listed
from bot.conversation.types import Act, FactHeard, FactId, Heard, SpeechAct, Understood
from bot.conversation.voice import words_in

_TU = re.compile(
    r"\b(tu|tuo|tua|dimmi|senti|scusami|aiutami|sai|puoi|vuoi|hai|te lo (?:dico|racconto|spiego|giuro)|te l'ho (?:detto|scritto)|ti (?:dico|racconto|spiego|giuro|scrivo|scrivevo|ringrazio|chiedo|ho (?:detto|scritto)|saluto|mando)|a te|sei (?:un|una|il|la|proprio|davvero|tu)|fai|riesci|capisci|spiegami)\b",
    re.I,
)
_LEI = re.compile(
    r"\b(lei|mi dica|senta|guardi|capirà|scusi|mi scusi|può|vuole|potrebbe|mi aiuti|sa dirmi|mi spieghi)\b",
    re.I,
)
_SHE = re.compile(
    r"\b(?:sono|ero|mi sento|sarei)\s+(?:(?:molto|un po'|tanto|davvero|proprio|così)\s+)?"
    r"(?:stata|stanca|sola|contenta|preoccupata|delusa|arrabbiata|disperata|andata|nata|rimasta|titolare e sola|"
    r"la titolare|una? (?:parrucchiera|fiorista donna|sarta|commerciante donna|barista donna))\b",
    re.I,
)
_HE = re.compile(
    r"\b(?:sono|ero|mi sento|sarei)\s+(?:(?:molto|un po'|tanto|davvero|proprio|così)\s+)?"
    r"(?:stato|stanco|solo|contento|preoccupato|deluso|arrabbiato|disperato|andato|nato|rimasto|il titolare|"
    r"un (?:parrucchiere|sarto))\b",
    re.I,
)
LANGUAGE_FROM = 4
"""Words from which a message in another language that we have changes the language of the answers."""

SURELY_FROM = 8
"""Words from which one message changes it in the middle of a conversation; fewer must be confirmed by the next."""

LEARNING_FROM = 2
"""Signs of an Italian that is being learned from which we speak simply."""

OWN_SCRIPT = frozenset({"ar", "zh"})
"""Languages whose letters leave no doubt: one word is enough to follow them."""

_A_SHRUG = re.compile(r"^\W*(?:non (?:lo )?s(?:o|aprei)|boh|mah|i don'?t know|dunno|no idea)\W*$", re.I)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def take_in(x: Exchange, heard: Heard, *, correcting: bool = False, wordless: bool = False) -> None:
    """Put a message's facts on the sheet (only after the first consent) and notice a clash.

    Args:
        x: The exchange.
        heard: The message.
        correcting: It puts right what was known.
        wordless: Only facts with a value of the sheet are kept, and never the words they came in.
    """
    understood = heard.understood
    if wordless:
        plain = tuple(
            replace(f, words="", detail="") for f in understood.facts if x.library.book.facts[f.fact].values
        )
        understood = replace(understood, facts=plain)
    if not x.state.listening:
        return
    understood = replace(understood, facts=tuple(f for f in understood.facts if _meant(understood, f)))
    correcting = correcting or Act.CORREGGI in (understood.act, *understood.also)
    before = x.state.notes
    result = hear(before, understood.facts, heard.ref, x.library.rules, correcting=correcting)
    notes = said_aloud(result.sheet, (heard.ref,)) if heard.voice else result.sheet
    spoken_of = touched_in(understood.text, understood.language or x.state.language)
    changes: dict[str, object] = {
        "notes": notes,
        "touched": tuple(f for f in FactId if f in spoken_of or f in x.state.touched),
    }
    if (
        result.clash is not None
        and result.clash not in x.state.clashed
        and x.state.pending is not Pending.CORRECTION
        and _contradicts(x, understood, result.clash)
    ):
        changes["clash"] = result.clash
    x.set(**changes)
    x.fresh = (*x.fresh, *(f for f in notes.facts if f not in before.facts))


_SPEAKS_OF: dict[FactId, re.Pattern[str]] = {
    FactId.ZONA: re.compile(
        r"\b(?:negozi\w*|bottega|qui|qua|da noi|here|siamo|sono|stiamo|sto|aperto|spostat\w|trasferit\w|in realtà|shop|we are|we're|i'm|moved|tienda|estamos)\b",
        re.IGNORECASE,
    ),
    FactId.ATTIVITA: re.compile(
        r"\b(?:ho|abbiamo|gestisco|gestiamo|sono un\w?|negozio di|faccio (?:il|la|l')|attività|run|have|own|i'?a?m an?|tengo|soy)\b",
        re.IGNORECASE,
    ),
}
"""Words that show where the shop is or what it is; without them a second value is a place or a thing spoken of in passing."""


def _contradicts(x: Exchange, understood: Understood, fact: FactId) -> bool:
    """A second value that denies the first: not one that stands in a question, in a wish or in passing."""
    if understood.text.rstrip().endswith("?") or x.state.asked == FactId.COSA_VORREBBE:
        return False
    if x.state.asked == fact or understood.language not in ("", "it", "en"):
        return True
    pattern = _SPEAKS_OF.get(fact)
    return pattern is None or pattern.search(understood.text) is not None


def _meant(understood: Understood, heard: FactHeard) -> bool:
    """Not a name out of "non saprei", nor a lack of skill out of "I don't know": those answer our question."""
    unanswered = understood.text.rstrip().endswith("?") or bool(
        {understood.act, *understood.also} & {Act.NON_SO, Act.SALTA, Act.RIFIUTO}
    )
    if heard.fact is FactId.NOME:
        return not unanswered
    return heard.fact is not FactId.OSTACOLI or _A_SHRUG.match(understood.text) is None


def notice_manner(x: Exchange, understood: Understood) -> None:
    """Follow the person's lei or tu, gender, emoji and language."""
    text = understood.text[:2000]
    x.heard_words += words_in(text)
    x.heard_text = f"{x.heard_text}\n{text}".strip()
    changes: dict[str, object] = {}
    if _EMOJI.search(text):
        changes["emoji"] = True
    spoken = understood.language
    if spoken in x.library.languages and spoken != x.state.language:
        changes["drift"] = spoken
        if _changes_language(x, spoken, words_in(text)):
            changes |= {"language": spoken, "drift": "", "simple": False}
    elif words_in(text) >= LANGUAGE_FROM:
        changes["drift"] = ""
    if spoken in ("", "it") and x.state.language == "it" and not x.state.simple:
        weak = min(x.state.weak + learners_signs(text), LEARNING_FROM)
        changes |= {"weak": weak, "simple": weak >= LEARNING_FROM}
    if spoken in ("", "it") and understood.act is not Act.INSULTO:
        if _LEI.search(text):
            changes["address"] = "lei"
        elif _TU.search(text):
            changes["address"] = "tu"
        if _SHE.search(text):
            changes["gender"] = "f"
        elif _HE.search(text):
            changes["gender"] = "m"
    x.set(**changes)


def _changes_language(x: Exchange, spoken: str, words: int) -> bool:
    """One stray message ("curious, mostly") does not change the language of a conversation under way."""
    if spoken in OWN_SCRIPT:
        return True
    under_way = bool(x.state.visited)
    return words >= (SURELY_FROM if under_way and x.state.drift != spoken else LANGUAGE_FROM)


def say_what_was_hidden(x: Exchange, understood: Understood) -> None:
    """Something was masked before it was stored: the person is told and asked to delete the message."""
    if not understood.masked:
        return
    kinds = [x.word(f"masked_{kind}", kind.replace("_", " ")) for kind in dict.fromkeys(understood.masked)]
    x.say("masked", SpeechAct.NOTICE, nascosto=listed(kinds, x.state.language))
    x.paragraph()
