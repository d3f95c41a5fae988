"""Which act a message is: Rasa's ranking, accepted only where it makes sense, and a plain table where Rasa is away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ruamel.yaml import YAML

from bot.conversation.types import Act, FactId
from bot.understanding.normalise import folded, has_words, words
from bot.understanding.rasa.client import RankedAct, RasaParse
from bot.understanding.rasa.wordless import act_of_signs

MOST_CLAUSES = 4
"""Clauses of one message that Rasa is asked about one by one."""
_CLAUSE = re.compile(
    r"(?<=[.!?;…。！？؟])\s*|\n+|,\s+(?=(?:ma|pero|però|invece|comunque|anzi|e poi|e voi|e lei|but|though|pero)\b)|\s+-\s+",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:forse|dipende|vediamo|vedremo|non so|boh|non saprei|puo darsi|ci penso|maybe|perhaps|it depends|depends|not sure|dunno|quizas?|tal vez|depende|no se)\b"
)
_CONSENTS = ("consenso", "persona")
_SURE: Mapping[Act, float] = {
    # What would hurt if it were not meant: more certainty before it is believed.
    Act.CANCELLA_DATI: 0.55,
    Act.INSULTO: 0.5,
    Act.CONGEDO: 0.5,
    Act.FUORI_TEMA: 0.5,
    Act.COMPLIMENTO: 0.5,
}
_MARGIN = 0.1
_STORY_NEAR = 0.1
"""Below this the story is no refuge: between two acts that are not the story, the likelier one is heard."""
_LEAST = 0.25
_HINTED = 0.15
"""What the whole message must give to a request that only its last clause makes."""
_SHORT = 3
_BESIDE = 0.6
_BURIED = 0.75
_STORY_WORDS = 5
_TOLD_BESIDE = 0.01
"""What the whole message must give to the story before a fact in it counts as one told beside the act."""
_STORY_SURE = 0.8
_ANSWERS = frozenset({Act.CONFERMA, Act.RIFIUTO, Act.NON_SO})
_BESIDE_NOTHING = frozenset({Act.RACCONTO, Act.FUORI_TEMA})
_YES_OR_NO = (*_CONSENTS, "riassunto", "riprendere")
_COURTESIES = frozenset(
    {Act.SALUTO, Act.RINGRAZIAMENTO, Act.COMPLIMENTO, Act.SFOGO, Act.INSULTO, Act.FUORI_TEMA, Act.CONGEDO}
)
"""Acts that ask nothing: what is asked, answered or told beside one of them is what the message is about."""
_FIRST = {act: 2 for act in _COURTESIES} | {Act.CONGEDO: 1, Act.RACCONTO: 1}
_LEADS = 0.8
"""How sure a clause must be to lead the message in place of a courtesy."""
_CONDITION = re.compile(r"\b(?:prima|dipende|se|solo se|purche|first|before|depends|if|primero|antes)\b")
_HARMLESS = frozenset(Act) - {Act.CANCELLA_DATI}
_REQUESTS = frozenset(
    {
        Act.CHIEDI_UMANO,
        Act.CHIEDI_RICHIAMATA,
        Act.QUANTO_COSTA,
        Act.SEI_UN_PROGRAMMA,
        Act.CHI_SIETE,
        Act.PRIVACY,
        Act.AIUTO,
    }
)
_TOLD = frozenset(
    {
        FactId.ATTIVITA,
        FactId.ZONA,
        FactId.PERSONE,
        FactId.PRESENZA_OGGI,
        FactId.ESPERIENZE_PASSATE,
        FactId.NOME,
    }
)
"""Facts that only somebody who is telling something mentions ("adesso" is a fact too, and says little)."""
_INSULTS = re.compile(
    r"cretin|idiot|stupid|scem[aoie]\b|imbecill|deficient|stronz|merd|cazz|vaff|cogl?ion|ladr[io]\b|bastard"
    r"|rincogl|truffator|incapac|pagliacc|ridicol|vergogn|schif|scimmi|asin[oi]\b|(?:fate|fai) pena|cagare|culo"
    r"|put+an|fuck|shit|moron|dumb|assh|suck|thie[fv]|useless|tonto|mierda|puta|\bpirl"
)
_NOT_NOW = re.compile(
    r"\b(?:dopo|poi|tardi|adesso|ora|domani|doman|stasera|lunedi|momento|attimo|minuto|secondo|aspett\w+|torno"
    r"|devo|fermo|pausa|riprend\w+|client[ei]|gente|basta|finito|saluto|arrivederci|later|now|tomorrow|minute"
    r"|moment|bye|luego|ahora|despues|manana|adios)\b"
)
_GREETED = re.compile(
    r"^(?:ciao|salve|buon ?giorno|buona ?sera|buon pomeriggio|hello|hi|good (?:morning|evening)|hola)\b"
)
_THANKED = re.compile(
    r"\bgrazie\b(?! a(?:l|i|d|lla|llo|gli|lle)?\b)|\b(?:la|ti|vi) ringrazio\b|\b(?:thanks|thank you|gracias|merci|grz)\b"
)
_ANSWERED = re.compile(
    r"^(?:si|no|ok|okay|va bene|certo|volentieri|yes|sure)\b(?: (?:si|no|certo|grazie|va bene)\b)?"
)
_LAST_COMMA = re.compile(r",\s+(?=[^,]*$)")


class Parser(Protocol):
    """What is needed of Rasa."""

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        """Rank the acts of one message."""
        ...


@dataclass(frozen=True, slots=True)
class ActReading:
    """The main act, the others, and the calibrated probability of the main one."""

    act: Act
    also: tuple[Act, ...]
    confidence: float


class PlainActs:
    """The acts that a table knows: a whole message that is nothing but "sì", "boh", "salta", "una persona"."""

    def __init__(self, phrases: Mapping[str, Act], inside: tuple[tuple[re.Pattern[str], Act], ...]) -> None:
        self._phrases = phrases
        self._inside = inside

    def read(self, text: str, asked: str) -> ActReading:
        """The act of a message as far as it can be told without Rasa; else `racconto`."""
        if not has_words(text):
            signs, confidence = act_of_signs(text)
            return ActReading(signs, (), confidence)
        bare = " ".join(words(folded(text)))
        act = self._phrases.get(bare) or next((a for p, a in self._inside if p.search(bare)), None)
        if act is Act.CONFERMA and hedged(text, asked):
            act = Act.NON_SO
        return ActReading(act, (), 0.9) if act else ActReading(Act.RACCONTO, (), 0.5)

    def exact(self, text: str) -> Act | None:
        """The act of a message that is one of the phrases and nothing else."""
        return self._phrases.get(" ".join(words(folded(text))))


def load_plain_acts(file: Path) -> PlainActs:
    """Read `nlu/plain_acts.yml`.

    Raises:
        ValueError: It names an act that does not exist; the text says which, in Italian.
    """
    data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    phrases: dict[str, Act] = {}
    inside: list[tuple[re.Pattern[str], Act]] = []
    for name, part in data.items():
        if name not in list(Act):
            raise ValueError(f"{file}:1: l'atto «{name}» non esiste")
        for phrase in part.get("exactly", []):
            phrases[" ".join(words(folded(str(phrase))))] = Act(name)
        for phrase in part.get("anywhere", []):
            bare = " ".join(words(folded(str(phrase))))
            inside.append(
                (re.compile(rf"\b{re.escape(bare)}\b" if bare.isascii() else re.escape(bare)), Act(name))
            )
    return PlainActs(phrases, tuple(inside))


def hedged(text: str, asked: str) -> bool:
    """True for "forse", "dipende" where an agreement was asked: that is never a yes."""
    return asked in _CONSENTS and _HEDGED.search(folded(text)) is not None


@dataclass(frozen=True, slots=True)
class Ranked:
    """What Rasa makes of a message.

    Attributes:
        parts: The clauses that it was asked about one by one.
        several: They are the whole message; else what stands after its last comma.
        whole: The acts of the whole.
        each: The acts of each part.
    """

    parts: list[str]
    several: bool
    whole: RasaParse
    each: list[RasaParse]


async def rank_acts(rasa: Parser, text: str, asked: str) -> Ranked | None:
    """Ask Rasa about a message and its parts; None where there are no words to ask about.

    Args:
        rasa: Ranks acts.
        text: Spoken form (`normalise.spoken`).
        asked: What the bot had just asked.

    Raises:
        UnderstandingUnavailable: Rasa is away.
    """
    if not has_words(text):
        return None
    parts = clauses(text)
    if len(parts) > 1:
        whole, *each = await asyncio.gather(
            rasa.parse(text, asked), *(rasa.parse(part, "" if n else asked) for n, part in enumerate(parts))
        )
        return Ranked(parts, True, whole, each)
    whole = await rasa.parse(text, asked)
    # "..., mi fa parlare con un tecnico": a request may hide after the last comma.
    parts = [part for part in _LAST_COMMA.split(text)[1:] if len(words(part)) > _SHORT]
    if not parts or _only_told(whole, asked):
        return Ranked([], False, whole, [])
    return Ranked(parts, False, whole, await asyncio.gather(*(rasa.parse(part, "") for part in parts)))


def _only_told(whole: RasaParse, asked: str) -> bool:
    """True when nothing after the last comma could change what the whole is: a story that hints at no request."""
    if accepted(whole.ranking).act is not Act.RACCONTO or asked in _YES_OR_NO:
        return False
    return all(whole.probability(act) < _HINTED for act in _REQUESTS)


def judge_acts(
    ranked: Ranked, plain: PlainActs, text: str, asked: str, facts: frozenset[FactId]
) -> ActReading:
    """The acts of one message.

    Args:
        ranked: What Rasa makes of it.
        plain: What is read without Rasa.
        text: Spoken form (`normalise.spoken`).
        asked: What the bot had just asked.
        facts: Which facts the message told.
    """
    parts, several, whole, each = ranked.parts, ranked.several, ranked.whole, ranked.each
    main = sensible(whole, text, asked, facts)
    heard = [accepted(parse.ranking) for parse in each] if several else []
    beside = [top for top in heard if top.confidence >= _BESIDE]
    if main.act is Act.RACCONTO:
        main = _answer(plain, text, asked) or _buried(beside) or _asked_last(whole, each) or main
    if main.act is Act.CONFERMA and hedged(text, asked):
        main = RankedAct(Act.NON_SO, main.confidence)
    also: set[Act] = {b.act for b in beside if b.act is not Act.RACCONTO} | courtesies(text, main.act)
    answered = _answer(plain, text, asked)
    if answered and (answered.act is Act.RIFIUTO or asked not in _CONSENTS or _agrees(text)):
        also.add(answered.act)
    if main.act in _COURTESIES and (leading := _leading(main.act, heard, answered)):
        also.add(main.act)
        main = leading
    if tells(parts, each, main.act, asked, bool(facts & _TOLD), whole.probability(Act.RACCONTO)):
        also.add(Act.RACCONTO)
    also.discard(main.act)
    return ActReading(main.act, tuple(act for act in Act if act in also), round(main.confidence, 4))


def accepted(ranking: tuple[RankedAct, ...]) -> RankedAct:
    """The likeliest act where it is likely enough and clear of the story; otherwise the message is the story.

    Where the story itself is unlikely, being torn between two other acts is no reason to call it one: on unseen
    texts such a story was right one time in nine. What would hurt if it were not meant is never taken so.
    """
    if not ranking:
        return RankedAct(Act.RACCONTO, 0.0)
    top = ranking[0]
    story = next((r.confidence for r in ranking if r.act is Act.RACCONTO), 0.0)
    clear = top.confidence - story >= _MARGIN and top.confidence >= _LEAST
    sure = top.confidence >= _SURE.get(top.act, 0.0) or (story < _STORY_NEAR and top.act in _HARMLESS)
    if top.act is Act.RACCONTO or (clear and sure):
        return top
    return RankedAct(Act.RACCONTO, story)


def sensible(parse: RasaParse, text: str, asked: str, facts: frozenset[FactId]) -> RankedAct:
    """The accepted act of a whole message, unless it makes no sense where it was said.

    A name, a place or a trade that Rasa never saw is an answer and not an insult; a message that tells facts and has
    no word of time in it does not ask for a break.
    """
    act = accepted(parse.ranking)
    bare = folded(text)
    answers = asked in set(FactId) and len(words(text)) <= _SHORT
    unlikely = answers or facts & _TOLD or act.confidence < _SURE[Act.INSULTO]
    if act.act is Act.INSULTO and unlikely and not _INSULTS.search(bare):
        return RankedAct(Act.RACCONTO, 1 - act.confidence)
    if act.act in (Act.PAUSA, Act.CONGEDO) and facts & _TOLD and not _NOT_NOW.search(bare):
        return RankedAct(Act.RACCONTO, 1 - act.confidence)
    return act


def courtesies(text: str, main: Act) -> set[Act]:
    """The greeting at the beginning and the thanks anywhere, which one word tells, beside whatever else is done."""
    bare = folded(text)
    found = {Act.SALUTO} if _GREETED.search(bare) and len(words(text)) > _SHORT else set()
    if main is not Act.RACCONTO and _THANKED.search(bare):
        found.add(Act.RINGRAZIAMENTO)
    return found


def tells(
    parts: list[str], each: list[RasaParse], act: Act, asked: str, has_facts: bool, story: float
) -> bool:
    """True when a message that does something else also tells something."""
    if any(
        (top := accepted(parse.ranking)).act is Act.RACCONTO
        and top.confidence >= _STORY_SURE
        and len(words(part)) >= _STORY_WORDS
        for part, parse in zip(parts, each, strict=True)
    ):
        return True
    # "sì" with a fact of its own is content; a bare time window beside "mi chiami" is not a story.
    # And a fact where nothing sounds like telling was misheard ("posso vedere la mia scheda").
    own = act not in (Act.CHIEDI_RICHIAMATA, Act.SALTA, Act.CORREGGI, Act.NON_SO)
    return has_facts and own and story >= _TOLD_BESIDE and asked not in (FactId.CONTATTO, FactId.URGENZA)


def clauses(text: str) -> list[str]:
    """The sentences of a message, and the turns inside them ("..., ma lei è un robot?"), at most `MOST_CLAUSES`."""
    parts = [part.strip(" ,") for part in _CLAUSE.split(text) if part and has_words(part)]
    if len(parts) > MOST_CLAUSES:
        half = MOST_CLAUSES // 2
        parts = parts[:half] + parts[-half:]
    return parts or [text]


def _answer(plain: PlainActs, text: str, asked: str) -> RankedAct | None:
    """ "sì, ..." where only yes or no was asked answers it, whatever is told after the comma."""
    if asked not in _YES_OR_NO or "," not in text:
        return None
    opening = _ANSWERED.match(folded(text))
    act = plain.exact(opening[0]) if opening else None
    return RankedAct(act, _BURIED) if act in (Act.CONFERMA, Act.RIFIUTO) else None


def _agrees(text: str) -> bool:
    """ "Sì volentieri, ma chi legge?" agrees and asks; "sì, ma prima mi dica il prezzo" agrees to nothing yet."""
    return _CONDITION.search(folded(text)) is None and _HEDGED.search(folded(text)) is None


def _leading(act: Act, heard: list[RankedAct], answered: RankedAct | None) -> RankedAct | None:
    """What a message that is courteous, or cross, is about: the thing asked, answered or told in another clause."""
    found = [top for top in heard if top.confidence >= _LEADS]
    found += [answered] if answered else []
    found = [top for top in found if _FIRST.get(top.act, 0) < _FIRST[act]]
    return min(found, key=lambda top: (_FIRST.get(top.act, 0), -top.confidence), default=None)


def _buried(beside: list[RankedAct]) -> RankedAct | None:
    """The surest request that a clause of the story makes."""
    found = [b for b in beside if b.act not in _BESIDE_NOTHING | _ANSWERS | {Act.SFOGO, Act.SALUTO}]
    strongest = max(found, key=lambda b: b.confidence, default=None)
    return strongest if strongest and strongest.confidence >= _BURIED else None


def _asked_last(whole: RasaParse, each: list[RasaParse]) -> RankedAct | None:
    """The request after the last comma, where the message as a whole hints at it as well."""
    if not each:
        return None
    top = accepted(each[-1].ranking)
    hinted = whole.probability(top.act) >= _HINTED
    return top if top.act in _REQUESTS and top.confidence >= _BURIED and hinted else None
