"""One rendered text cut into utterances, each with what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.coding.overlap import Told, stems


class Code(StrEnum):
    """What an utterance does, as human listeners are coded."""

    OPEN = "open"
    CLOSED = "closed"
    PERMISSION = "permission"
    SIMPLE = "simple"
    COMPLEX = "complex"
    AFFIRMATION = "affirmation"
    ADVICE = "advice"
    INFORMATION = "information"
    SUMMARY = "summary"


QUESTIONS = frozenset({Code.OPEN, Code.CLOSED, Code.PERMISSION})
REFLECTIONS = frozenset({Code.SIMPLE, Code.COMPLEX})


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence as it was read.

    Attributes:
        text: The sentence.
        code: What it does.
        shared: Content stems that are the person's own.
    """

    text: str
    code: Code
    shared: frozenset[str]


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(parts) + r")", re.IGNORECASE)


_SENTENCE = re.compile(r"(?<=[.!?…])[\s»\"]+|\n+")
_INVITATION = _any(
    r"(?:mi )?racconti\b", r"mi parli", r"mi dica", r"dica pure", r"raccontami", r"dimmi", r"provi a raccontare", r"continui pure",
    r"vada avanti", r"vai avanti", r"tell me", r"go on", r"please go ahead",
)  # fmt: skip
_OPEN = re.compile(
    r"\b(?:che cosa|cosa|come|com'è|com'era|perché|che (?:effetto|spirito|esperienza|aria|tempi|attività|posto|negozio)|in che modo|chi (?:c'è|lavora)|"
    r"what|how (?!many|much|long|old|big)|why|where (?:would|does|do) |who (?:is|are|walks|works))\b(?! (?:vuole|vuoi) che| posso| preferisce| preferisci| ti chiami| si chiama)",
    re.IGNORECASE,
)
_SHUT = re.compile(
    r"^(?:è|ha|hai|c'è|ci sono|vuole|vuoi|può|puoi|preferisce|le va|ti va|do you|are you|is it|is there|have you|would you|shall)\b",
    re.IGNORECASE,
)
_PERMISSION = _any(r"posso\b", r"le va se", r"ti va se", r"vuole che", r"vuoi che", r"le va bene se", r"may i", r"can i", r"shall i",
                   r"would you like me", r"is it (?:ok|all right) if", r"do you want me")  # fmt: skip
_ADVICE = _any(
    r"le consiglio", r"ti consiglio", r"le conviene", r"ti conviene", r"dovrebbe (?!essere|cambiare per)(?:provare|aprire|fare|mettere|usare)",
    r"le suggerisco", r"provi a (?!raccont)", r"sarebbe meglio", r"è meglio che", r"le basta\b", r"non dia a nessuno", r"cambi la password",
    r"tenga da parte", r"you should", r"i suggest", r"i recommend", r"you could try", r"it'?s better to",
    r"apra (?:una|un)", r"si faccia aiutare", r"chieda (?:al|alla|a un)",
)  # fmt: skip
_AFFIRMATION = _any(
    r"non è da tutti", r"non è (?:cosa )?(?:da )?poco", r"non è scontat", r"è un lavoro vero", r"ci vuole (?:costanza|pazienza|coraggio|impegno|cura|tenacia)",
    r"ci vogliono (?:pazienza|costanza|coraggio|cura)", r"l'ha trovato", r"l'hai trovato", r"ancora qui a cercare", r"nonostante (?:questo|tutto)", r"si vede (?:la cura|l'impegno|quanto)",
    r"dice molto", r"ha avuto il coraggio", r"con le sue (?:sole )?(?:mani|forze)", r"con le tue (?:sole )?(?:mani|forze)", r"c'è (?:costanza|cura|tenacia|mestiere|impegno)",
    r"non è scontato", r"è un passo che", r"mettersi in gioco", r"senza aspettare nessuno", r"merita rispetto", r"è già molto", r"è già tanto", r"si è rimboccat",
    r"takes (?:courage|patience|care|work|persistence)", r"not everyone", r"no small thing", r"that is real work", r"says a lot", r"you kept (?:going|at it)",
    r"you found the time",
)  # fmt: skip
_SUMMARY = _any(r"provo a mettere insieme", r"metto insieme quello", r"riassumo", r"ecco che cosa succede", r"let me put (?:it|this|what) together", r"let me try to put",
                r"to sum up")  # fmt: skip
_INFORMATION = _any(
    r"program(?:ma|me)\b", r"telegram\b(?! (?:per|a))", r"confcommercio", r"digital angel", r"/(?:persona|pausa|basta|lingua|imieidati|cancella)", r"non costa", r"a person of spin",
    r"titolare", r"crittografi", r"resto in ascolto", r"sono qui", r"con calma, non c'è fretta$", r"va bene[.,]", r"bene[.,]", r"grazie", r"d'accordo", r"nessun problema",
    r"non fa niente", r"si va avanti", r"andiamo avanti", r"lo tengo", r"l'ho (?:segnato|aggiunto|tolto|corretto|tenuto)", r"ho (?:segnato|corretto|tolto|aggiunto|capito male)",
    r"tengo anche", r"messo insieme", r"può (?:sempre )?(?:saltare|rispondere|scrivere|chiedere|raccontare)", r"puoi (?:saltare|rispondere|scrivere|chiedere|raccontare)",
    r"il mio mestiere", r"di questo so poco", r"su questo non so", r"la richiesta", r"una persona (?:vera|legge|può)", r"riprendiamo", r"torniamo", r"si riparte",
    r"piacere\b", r"pleased to meet", r"buon(?:giorno|asera| pomeriggio)", r"ciao", r"hello", r"good (?:morning|evening|afternoon)", r"thank you", r"all right", r"ok\b", r"i am an? (?:automatic )?program",
    r"no problem", r"i'?m here", r"let'?s go (?:on|back)", r"noted", r"what you (?:write|told)", r"ho perso il filo", r"non sono sicuro di aver capito", r"non ho capito", r"mi spiego",
    r"lo (?:dico|chiedo) in un altro modo", r"lo chiedo", r"detto altrimenti", r"eccomi", r"provo a dirlo", r"chiarito", r"li tengo", r"lo tolgo", r"tolto dall", r"(?:prima|all'inizio) (?:avevo capito|mi era)", r"mi era rimasto", r"non è necessario", r"può restare", r"ci sta\b", r"si può saltare", r"certo[,.]", r"se cambia idea", r"non dovrà", r"fatto[,.]", r"non importa", r"su \w+ mi (?:erano|è)", r"nelle (?:sue|tue) parole$", r"ricevuto", r"la foto", r"il vocale", r"questo lo lascio", r"lasciamo stare", r"prendiamola larga",
    r"uso parole", r"per un'altra lingua", r"forse mi sono spiegat", r"la metto", r"con comodo", r"chiamo una persona", r"vedrà quello", r"adesso c'è una persona", r"in questo momento (?:non c'è|nessun)", r"intanto", r"qui (?:ci vuole|rischio|scrive)",
    r"per verificare", r"ascolto(?: e metto|;)", r"i bot\b", r"prima (?:i|la|il) client", r"bene che", r"corrett[oa]\b", r"sistemato", r"cambiato", r"grave\b", r"è una cosa grave", r"questa la lascio", r"a questo risponde", r"faccia pure", r"fai pure", r"la leggo", r"ti leggo", r"leggo con",
    r"anche questo", r"resta con", r"l'ho (?:messo|aggiunto|segnato)", r"aggiunto", r"messo insieme", r"è al sicuro", r"tengo", r"ecco tutto", r"su questo", r"di questo", r"provo a", r"la domanda", r"si riprende", r"nel (?:suo|tuo) messaggio", r"customers first", r"we can go on",
    r"let me try to say", r"perhaps i put", r"it costs nothing", r"somebody is here", r"at the moment nobody", r"to check that", r"i listen(?: and|;)", r"telegram bots", r"that one i leave", r"a person can answer", r"there is nothing to be sorry", r"that is (?:quite )?(?:all right|fine)",
    r"in your own time", r"i have (?:put|kept|corrected|noted|passed)", r"this is part of", r"good to know", r"added\b", r"i use easy words", r"you can (?:skip|ask|write|tell)", r"meanwhile", r"just one, tomorrow", r"uno solo", r"nessun promemoria",
    r"va bene così", r"sportello riemergo", r"fondazione san", r"quando vuole", r"quando vuoi", r"va bene così", r"sportello riemergo", r"fondazione san", r"se (?:le|ti) va", r"non c'è (?:niente|bisogno)", r"sento che c'è dell'irritazione", r"così non riesco",
)  # fmt: skip
_NOTICE = re.compile(
    r"programma automatico|automatic program|digital angel|confcommercio|(?:^|\s)/[a-z]+\b|\((?:risponde|orari|adesso|answers|hours|open|come arrivarci|a person at)|end-to-end encrypt|crittografia|questi numeri ci sono|these numbers are there|domande al massimo|questions at most|\b(?:112|1522)\b|\d{2,3} \d{3,4} \d{3}",
    re.IGNORECASE,
)
"""Notices wherever they say it: a command, a help line with its hours, who is writing."""
_OF_THE_PROGRAM = re.compile(
    r"\bI(?:'m|'ve|'ll| (?:am|have|had|keep|will|can|cannot|listen|know|saw|use|put|do|need|took|misheard|took|delete|might))\b|\b[Mm]y (?:trade|note|notes)\b|"
    r"^(?:The|That) question\b|^There is no need\b|^(?:All right|Very well|Fine|Good|Of course)[,.]|^(?:Added|Settled|Corrected|Put) "
)
_HEARD_BY_IT = re.compile(r"\bif i (?:follow|understand|have understood)\b|\bi gather\b", re.IGNORECASE)
"""English speaks of the person as "you": a sentence about "me" is the program's own, unless it says what it gathered."""
_INTERJECTION = re.compile(r"^[\W_]*\w*[\W_]*$")
_HUMILIATING = _any(
    r"scem[oaie]", r"stupid\w*", r"ignorant\w*", r"cretin\w*", r"fregar?\w*", r"fesso", r"negat[oa]", r"incapac\w*", r"imbranat\w*", r"colpa (?:sua|tua)", r"vergogn\w*",
    r"arretrat\w*", r"imbrogli\w*", r"ladr[oi]", r"pollo", r"ingenu\w*", r"come mai non (?:ha|hai)", r"avrebbe dovuto", r"your fault", r"fool\w*", r"naive", r"dumb", r"ashamed",
)  # fmt: skip


def code_text(text: str, told: Told, *, in_summary: bool = False) -> tuple[Utterance, ...]:
    """The utterances of one message.

    Args:
        text: The message as it is read.
        told: What the person has said before it.
        in_summary: The summary has begun in this turn: what follows up to the question belongs to it.
    """
    found: list[Utterance] = []
    for sentence in (s.strip() for s in _SENTENCE.split(text)):
        if not sentence:
            continue
        code = _code(sentence, told)
        in_summary = in_summary or code is Code.SUMMARY
        if in_summary and code not in QUESTIONS:
            code = Code.SUMMARY
        found.append(Utterance(sentence, code, told.shared(sentence)))
    return tuple(found)


def _code(sentence: str, told: Told) -> Code:
    if sentence.rstrip('»") ').endswith(("?", "؟", "？")):
        if _PERMISSION.match(sentence) or re.search(r", (?:posso|may i|can i) ", sentence, re.IGNORECASE):
            return Code.PERMISSION
        return Code.OPEN if _OPEN.search(sentence) and not _SHUT.match(sentence) else Code.CLOSED
    if _INVITATION.match(sentence):
        return Code.OPEN
    if _SUMMARY.search(sentence):
        return Code.SUMMARY
    if _ADVICE.search(sentence):
        return Code.ADVICE
    if _AFFIRMATION.search(sentence):
        return Code.AFFIRMATION
    if _INFORMATION.match(sentence) or _NOTICE.search(sentence):
        return Code.INFORMATION
    if _OF_THE_PROGRAM.search(sentence) and not _HEARD_BY_IT.search(sentence):
        return Code.INFORMATION
    if _INTERJECTION.match(sentence) and not told.shared(sentence):
        return Code.INFORMATION
    content, shared = stems(sentence), told.shared(sentence)
    # A simple reflection repeats or rewords; a complex one adds what was not said (MITI 4.2, section on reflections).
    return Code.SIMPLE if content and len(shared) * 2 >= len(content) else Code.COMPLEX


def humiliating(text: str) -> tuple[str, ...]:
    """Words that put the person down, wherever they stand outside their own quotation."""
    return tuple(m.group() for m in _HUMILIATING.finditer(re.sub(r"«[^»]*»", "", text)))
