"""Whether somebody tells of an effort of their own: work done, tried again, kept up alone or for years."""

from __future__ import annotations

import re

_EFFORT = {
    "it": re.compile(
        r"\bda (?:sol[oa]|me)\b|\bda (?:\w+|\d+)(?:'|\s)anni\b|\bper (?:\w+|\d+)(?:'|\s)anni\b|\b(?:ho|abbiamo) (?:provato|imparato|messo su|messo in piedi|"
        r"rifatto|studiato|costruito|tenuto|portato avanti|insistito|cercato di|continuato)\b|\bl'(?:ho|abbiamo) (?:mess[oa] in piedi|apert[oa]|fatt[oa]|tirat[oa] su)|"
        r"\bm[ei] (?:l[oaie] )?sono (?:fatt|mess|arrangiat|iscritt|impegnat|rimboccat|costruit)\w+|\b(?:ogni|tutte le) (?:sera|mattina|notte|domenica|sere|mattine)\b|"
        r"\b(?:corso|corsi) (?:serale|serali|di)\b|\bcon pazienza\b|\b(?:due|tre|quattro|tante) (?:sere|notti)\b|\bl[ao] (?:aggiorno|curo|seguo|tengo) io\b|\bnon mollo\b|"
        r"\bteniamo duro\b|\btengo duro\b|\bquando (?:riesco|posso)\b|\ba mano\b|\b(?:dalle|alle) (?:tre|quattro|cinque|sei) (?:di|del) mattin|\bmi alzo alle\b|"
        r"\b(?:facciamo|faccio) (?:letture|corsi|tutto)\b|\bce lo mettiamo tutto\b|\bce la metto tutta\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:by )?myself\b|\bon my own\b|\bourselves\b|\bfor (?:\w+|\d+) years\b|\b(?:i|we)(?:'ve)? (?:tried|learned|learnt|built|set up|put up|kept|studied|worked|managed)\b|"
        r"\bevery (?:night|evening|morning|day)\b|\bby hand\b|\bnights\b|\bdon't give up\b|\bevening (?:course|class)",
        re.IGNORECASE,
    ),
}


def tells_effort(text: str, language: str) -> bool:
    """True when what was just written tells of an effort, in a language that has a pattern."""
    pattern = _EFFORT.get(language)
    return pattern is not None and pattern.search(text[:4000]) is not None
