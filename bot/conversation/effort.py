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


_KINDS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "it": (
        ("early", re.compile(r"\b(?:mi alzo|ci alziamo|apro|sono al mercato|sveglia) (?:\w+ ){0,2}(?:alle|prima|dalle)\b|\balle (?:due|tre|quattro|cinque)(?: e mezza)? (?:di notte|del mattino|di mattina)|\bsi alza alle|\bprima dell'alba", re.IGNORECASE)),
        ("nights", re.compile(r"\b(?:ogni|tutte le|due|tre|quattro|tante|un mese di) (?:sera|sere|notti|notte|domeniche)\b|\btutta la notte\b|\b(?:dopo la chiusura|dopo l'orario)\b|\bfino alle (?:undici|quattro|tre|due|una)\b|\bdi notte coi\b", re.IGNORECASE)),
        ("studied", re.compile(r"\b(?:ho|abbiamo) (?:imparato|studiato|seguito)\b|\bcors[oi] (?:di|online|serale|serali|gratuit)|\btutorial\b|\bcoi video\b|\ble ho studiate\b|\bguardando (?:i video|mia|mio)", re.IGNORECASE)),
        ("insisted", re.compile(r"\b(?:\w+) (?:raccomandate|segnalazioni|telefonate|reclami|operatori)\b|\bho (?:insistito|mandato|scritto|chiamato|telefonato) (?:\w+ )?(?:volte|dieci)", re.IGNORECASE)),
        ("years", re.compile(r"\bda (?:\w+|\d+)(?:'|\s)anni\b|\bdal (?:19|20)\d\d\b|\bper (?:\w+|\d+)(?:'|\s)anni\b|\bda una vita\b|\bda generazioni\b", re.IGNORECASE)),
        ("alone", re.compile(r"\b(?:lavoro|sono|sto|gestisco|tengo|faccio tutto|mando avanti|sempre)\b.{0,25}\b(?:da )?sol[oa]\b|^\W*da sol[oa]\b|\bio sol[oa]\b|\bsol[oa] io\b", re.IGNORECASE)),
        ("hands", re.compile(r"\ba mano\b|\bcon le mie mani\b|\bun[ao] per un[ao]\b|\bme l[oaie] (?:sono|curo|faccio)\b|\bmi sono fatt[oa] (?:il|la|un)\b|\bper conto mio\b|\bda sol[oaie]\b", re.IGNORECASE)),
        ("tried", re.compile(r"\b(?:ho|abbiamo|ci ho|l'ho) (?:\w+ )?(?:provat|cercat|tentat|messo|fatt|costruit|stampat|comprat|fotografat|compilat|passat|trascritt|dedicat)\w*\b.{0,60}\b(?:\d+|due|tre|quattro|cinque|dieci|undici|venti|trenta|cento|mille|tutt[oaie]|mesi|settiman|pomerigg|giorn)", re.IGNORECASE)),
    ),
    "en": (
        ("nights", re.compile(r"\b(?:every|two|three|many|all) (?:nights?|evenings?|sundays?)\b|\bafter closing\b|\btill midnight\b", re.IGNORECASE)),
        ("studied", re.compile(r"\b(?:course|class|tutorials?|learned|learnt|studied|taught myself)\b", re.IGNORECASE)),
        ("years", re.compile(r"\bfor (?:\w+|\d+) years\b|\bsince (?:19|20)\d\d\b|\b\w+ years now\b", re.IGNORECASE)),
        ("alone", re.compile(r"\b(?:on my own|by myself|alone|just me)\b", re.IGNORECASE)),
        ("hands", re.compile(r"\bby hand\b|\bmyself\b|\bone by one\b|\bourselves\b", re.IGNORECASE)),
        ("tried", re.compile(r"\b(?:i|we)(?:'ve)? (?:tried|walked|printed|built|made|posted|wrote|called|knocked|spent)\b", re.IGNORECASE)),
    ),
}  # fmt: skip
KINDS = ("early", "nights", "studied", "insisted", "years", "alone", "hands", "tried")
"""What an effort was made of, the most telling first."""

_COUNTED = {
    "it": re.compile(
        r"(?<!da )(?<!ho )(?<!\w)((?:\d[\d.]*|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|quindici|(?:mille e |\w+mila e )?\w+cento\w*|\w*(?:venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta|mila)\w*|mille|cento) "
        r"(?:euro|mesi|settimane|giorni|ore|sere|notti|domeniche|pomeriggi|volte|ordini|clienti|segnalazioni|raccomandate|volantini|telefonate|messaggi|foto|iscritti|pagine|articoli))\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b((?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|\w+ hundred|a hundred) "
        r"(?:euros|pounds|months|weeks|days|hours|nights|times|orders|customers|offices|leaflets|calls|messages|photos|parcels))\b",
        re.IGNORECASE,
    ),
}  # fmt: skip


def tells_effort(text: str, language: str) -> bool:
    """True when what was just written tells of an effort, in a language that has a pattern."""
    pattern = _EFFORT.get(language)
    return pattern is not None and (
        pattern.search(text[:4000]) is not None or bool(effort_kind(text, language))
    )


def effort_kind(text: str, language: str) -> str:
    """What the effort was made of, one of `KINDS`; "" when none can be told."""
    for kind, pattern in _KINDS.get(language, ()):
        if pattern.search(text[:4000]):
            return kind
    return ""


def counted(text: str, language: str) -> str:
    """The first thing that was told with its number ("ottocento euro", "undici segnalazioni"); "" when there is none."""
    pattern = _COUNTED.get(language)
    found = pattern.search(text[:4000]) if pattern is not None else None
    return found[1] if found else ""
