"""Signs of an Italian that is still being learned: then we speak simply, and never give the words back."""

from __future__ import annotations

import re

_THIRD = r"fa|va|ha|è|vende|lavora|capisce|parla|sa|vuole|deve|può|viene|dice|compra|cerca|apre|chiude|porta|cucina|usa|scrive|legge|conosce|abita|ripara|taglia|prende|mangia"
_DONE = r"fatto|venuto|andato|risposto|messo|comprato|lavorato|detto|visto|pagato|provato|aperto|chiuso|scritto|parlato|arrivato|capito|imparato|studiato"
_BASE = (
    r"avere|fare|volere|lavorare|vendere|parlare|essere|capire|scrivere|comprare|sapere|potere|andare|venire"
)
_SIGNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!con )(?<!e )\bio (?:no |non )?(?:{_THIRD})\b",
        rf"\b(?:io|noi|me) (?:no |non )?(?:{_DONE})\b",
        rf"\b(?:io|noi|me|adesso|qui) (?:no |non )?(?:{_BASE})\b",
        r"\bno (?:c'è|so|ho|capisco|viene|vengono|posso|parlo|funziona|va|voglio|sono|bene|detto|capito|fare|sapere|buono)\b",
        r"(?<!la )(?<!le )(?<!i )(?<!che )(?<!di )(?<!più )(?<!mio )(?<!mia )(?<!mie )(?<!miei )(?<!suo )(?<!sua )(?<!un )(?<!del )(?<!il )(?<!tua )(?<!tuo )(?<!quel )(?<!nostro )(?<!nostra )\b(?:gente|clienti?|giovani|persone|signore|amici|figlio|moglie|marito) (?:non |no )?(?:viene|chiede|telefona|vuole|compra|legge|chiama|va|dice|cerca|lascia|torna|lavora|aiuta|parla)\b",
        r"\b(?:ho|abbiamo|apro|aperto) (?:negozio|ristorante|sartoria|kebab|banco|bottega|salone|minimarket|parrucchiere|barbiere|lavanderia)\b(?! di)",
        r"\b(?:ho|con|mio|mia|io e) (?:moglie|marito|fratello|sorella|amico) (?:negozio|lavora|lavoro|fa|aiuta|vende)\b",
        r"\b(?:due|tre|quattro|cinque|dieci|tanti|molti|tutti) (?:volta|cliente|persona|mese|anno|giorno|gente|legge|dice)\b",
        r"\b(?:insegnare|imparare|provare|cominciare|aiutare) (?:\w+[aei]re)\b",
        r"\b(?:tu|voi|lei) (?:no |non )?(?:volere|capire|fare|parlare|dire)\b|\btu (?:no |non )?(?:vuole|capisce|dice|fa|parla|sa|può|deve)\b|\bcosa (?:vuole|vuoi|dice|dici) (?:tu|lei)\b",
        r"\b(?:con|e|io) (?:moglie|marito|fratello|sorella|amico|figlio|figlia|cugino)(?: mi[oa])?\b(?! (?:di|del|della))",
        r"\bgiovani non viene\b|\bper (?:io|me) (?:difficile|facile)\b|\bpiccolo negozio ho\b|\bnegozio (?:ripara|vende|mio|io)\b|\bvoglio (?:cliente|gente|persone) \w+[aei]\b",
    )
)
_SAID_SO = re.compile(
    r"\b(?:scusi?|perdon\w+) (?:per )?(?:il )?mio italiano|\bparlo (?:poco|male|non bene) (?:l')?italiano|\bitaliano (?:difficile|poco|non (?:tanto )?bene|piano piano)|"
    r"\bnon (?:parlo|capisco|scrivo) bene (?:l'|in )?italiano|\bmio italiano\b|\bparlare (?:più )?facile\b|\bparol[ae] facil[ei]\b",
    re.IGNORECASE,
)  # fmt: skip


def learners_signs(text: str) -> int:
    """How many different signs there are in a text; 2 for one that leaves no doubt.

    Args:
        text: What was written, in Italian.
    """
    if _SAID_SO.search(text):
        return 2
    return sum(1 for sign in _SIGNS if sign.search(text)) + bool(_SIGNS[0].search(text))
