"""Money given for something that never came: the fact alone, in correct words, without blame on anybody.

"Mi sono fatta fregare come una scema" is never given back; "ha pagato 2400 euro per un sito che non ha mai visto" is.
"""

from __future__ import annotations

import re

_SUM = {
    "it": re.compile(
        r"(?<![\w.,])(?P<sum>\d[\d.]*(?:,\d\d)?|(?:mille|due|tre|quattro|cinque|sei|sette|otto|nove|dieci)?\w*(?:cento|mila|mille)\w*)\s*(?:euro|€|eur)(?!\s*(?:al|a)\s+(?:mese|anno|settimana)|\w)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?<![\w.,])(?:(?P<mark>[€£])\s?)?(?P<sum>\d[\d,.]*\d|\d)\s*(?P<unit>euros?|pounds?|quid)?(?!\w)",
        re.I,
    ),
}
_THING = {
    "it": (
        (r"\bsito\b", "un sito", "o"),
        (r"\b(?:negozio|shop) online\b|\be-?commerce\b", "un negozio online", "o"),
        (r"\bpagina\b", "una pagina", "a"),
        (r"\bapp\b", "un'app", "a"),
        (r"\bcors[oi]\b", "un corso", "o"),
        (r"\bgestionale\b", "un gestionale", "o"),
        (r"\bcampagn[ae]\b|\bpubblicit[àa]'?|\bsponsorizzat\w+", "della pubblicità", "a"),
        (r"\bvideo\b", "dei video", "i"),
        (r"\bvolantin[oi]\b", "dei volantini", "i"),
    ),
    "en": (
        (r"\bweb ?site\b|\bsite\b", "a website", ""),
        (r"\bonline shop\b|\bwebshop\b|\bonline store\b", "an online shop", ""),
        (r"\bapp\b", "an app", ""),
        (r"\bcourse\b", "a course", ""),
        (r"\bads?\b|\badvert\w*|\bcampaign\b", "advertising", ""),
    ),
}
_GONE = {
    "it": r"\bsparit[oaie]\b|\bscompars[oaie]\b|\bmai più (?:vist|sentit)\w+|\bnon (?:mi |ci )?(?:risponde|rispondono|ha più risposto|hanno più risposto)\b|\bnon si è più (?:vist|sentit|fatt)\w+|\bdileguat\w|\bvolatilizzat\w",
    "en": r"\bdisappeared\b|\bvanished\b|\bnever heard (?:back|from)\b|\bstopped (?:answering|replying)\b|\bgone\b",
}
_NEVER = {
    "it": (
        (r"\bmai vist[oaie]\b", "che non ha mai visto", "che non avete mai visto"),
        (
            r"\bmai (?:partit|funzionat|andat|arrivat)[oaie]\b",
            "che non è mai partit{g}",
            "che non è mai partit{g}",
        ),
        (
            r"\bmai (?:finit|complet|consegnat)\w+",
            "che non è mai stat{g} finit{g}",
            "che non è mai stat{g} finit{g}",
        ),
    ),
    "en": (
        (
            r"\bnever (?:saw|seen|worked|started|finished|came|got|went)\b",
            "that never came",
            "that never came",
        ),
    ),
}
_WE = {"it": r"\b(?:ci|abbiamo|noi|nostr\w+|avevamo)\b", "en": r"\b(?:we|us|our)\b"}


def paid_for(text: str, language: str, *, polite: bool = True) -> str:
    """One sentence with the sum, the thing and what became of it; "" unless all three stand in the text.

    Args:
        text: The message, masked.
        language: Italian and English have words here.
        polite: Italian *lei* rather than *tu*.
    """
    if language not in _SUM:
        return ""
    for sentence in re.split(r"(?<=[.!?;\n])\s+", text):
        money = next((m for m in _SUM[language].finditer(sentence) if _is_money(m)), None)
        thing = next((t for t in _THING[language] if re.search(t[0], sentence, re.IGNORECASE)), None)
        if money is None or thing is None:
            continue
        gone = re.search(_GONE[language], sentence, re.IGNORECASE)
        never = next((n for n in _NEVER[language] if re.search(n[0], sentence, re.IGNORECASE)), None)
        if gone is None and never is None:
            continue
        we = re.search(_WE[language], sentence, re.IGNORECASE) is not None
        if language == "en":
            return f"You paid {_sum_en(money)} for {thing[1]}{' ' + never[1] if never else ', and whoever made it was gone'}."
        paid = "Avete pagato" if we else "Ha pagato" if polite else "Hai pagato"
        if never is None:
            return f"{paid} {money['sum']} euro per {thing[1]}, e poi non si è visto più nessuno."
        told = never[2] if we else never[1]
        told = told if polite or we else told.replace("che non ha mai", "che non hai mai")
        return f"{paid} {money['sum']} euro per {thing[1]} {told.format(g=thing[2])}."
    return ""


def _is_money(found: re.Match[str]) -> bool:
    marks = found.groupdict()
    return "unit" not in marks or bool(marks["unit"] or marks["mark"])


def _sum_en(found: re.Match[str]) -> str:
    return f"{found['mark']}{found['sum']}" if found["mark"] else f"{found['sum']} {found['unit']}"
