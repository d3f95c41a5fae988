"""Whether a reflection says something of the person that the person never told: by the ideas its words stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping

_IDEAS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        r"da sol[oa]\b|una persona sola|dalle su[ea] mani|dalle tue mani|si ferma lei|ti fermi tu|on your own|single-handed|by yourself",
        "persone",
        ("solo",),
    ),
    (
        r"in pochi|gruppo piccolo|siete in (?:due|tre|quattro|cinque)|a small team|few of you",
        "persone",
        ("2-5", "6-9"),
    ),
    (r"tanta gente a lavorarci|ogni cambiamento va spiegato a tutti", "persone", ("10+",)),
    (
        r"chi (?:lo )?cerca non (?:lo|la|vi) trova|porta giusta|passare inosservat|find you by chance",
        "bisogno",
        ("farsi_trovare",),
    ),
    (
        r"negozio chiuso|serranda|sell(?:ing)? online|vendere (?:anche )?online|after closing time",
        "bisogno",
        ("vendere_online", "marketplace"),
    ),
    (r"prenotazioni|appuntament|bookings|telefono che squilla", "bisogno", ("prenotazioni",)),
    (r"consegn|a domicilio|deliver", "bisogno", ("consegne_ritiro",)),
    (r"grandi vetrine|marketplace", "bisogno", ("marketplace",)),
    (r"clienti che tornano|come back", "bisogno", ("clienti_fedeli",)),
    (r"le carte che si accumulano|invoices|paperwork", "bisogno", ("fatture_gestionale",)),
    (
        r"soldi e fiducia|non è mai arrivato|took the money|preso quei soldi|fiducia tradita",
        "esperienze_passate",
        ("truffa",),
    ),
    (
        r"non ha mai fatto quello che doveva|fidarsi di nuovo|ci aveva creduto|ci avevi creduto|money spent|let down|investito",
        "esperienze_passate",
        ("delusione", "truffa"),
    ),
    (r"qualcosa di buono c'è|esperienza buona|something that worked", "esperienze_passate", ("buona",)),
    (r"terreno nuovo|finora senza internet|new ground", "esperienze_passate", ("nessuna",)),
    (r"stanchezza|poche pause|tired|weariness", "come_sta", ("stanco",)),
    (r"preoccupazione|resta acceso|worry", "come_sta", ("preoccupato",)),
    (r"amaro|amarezza|bitter", "come_sta", ("deluso",)),
    (r"\brabbia\b|\banger\b", "come_sta", ("arrabbiato",)),
    (r"voglia di partire|c'è energia|energy", "come_sta", ("entusiasta",)),
    (r"curiosità|curiosity", "come_sta", ("curioso",)),
    (r"serenità|calm\b", "come_sta", ("sereno",)),
    (r"ore del giorno|il tempo per questo|tempo non|le ore|no time|hours in the day", "ostacoli", ("tempo",)),
    (r"ogni euro|every euro", "ostacoli", ("soldi",)),
    (r"parlassero una lingua|lingua che nessuno|a language nobody", "ostacoli", ("competenze", "lingua")),
    (r"affidarsi a qualcuno|vederci chiaro|before trusting", "ostacoli", ("fiducia",)),
    (r"manca qualcuno accanto|nobody beside|someone beside", "ostacoli", ("manca_chi_aiuta",)),
    (r"il tempo stringe|time is short", "urgenza", ("adesso",)),
    (r"non c'è traccia", "presenza_oggi", ("nessuna",)),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), fact, values) for pattern, fact, values in _IDEAS)


def untold(sentence: str, told: Mapping[str, frozenset[str]]) -> str:
    """The fact of an idea that a reflection carries and the person never told; "" when there is none.

    Args:
        sentence: The reflection.
        told: Values told so far by fact id, "*" for free text.
    """
    for pattern, fact, values in _COMPILED:
        if pattern.search(sentence) and not told.get(fact, frozenset()) & {*values, "*"}:
            return fact
    return ""
