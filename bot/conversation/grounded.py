"""Whether a value can be read in the words it was understood from: only then is its meaning given back.

Understanding also hears by likeness, and is right to: the summary asks. But a feeling, a need or an experience that is given
back at once and was not told is worse than silence. What is not grounded is left to the person's own clause, or to a plain fact.
"""

from __future__ import annotations

import re
from functools import cache

from bot.conversation.types import Fact, FactId, How, Sheet

_IT: dict[FactId, dict[str, str]] = {
    FactId.COME_STA: {
        "stanco": r"stanc\w+|sfinit\w|esaust\w|cott[oa]|distrutt\w|spossat\w|stremat\w|a pezzi|dormo (?:poco|\w+ ore)|fatica|(?:alz\w+|svegli\w+) alle|non ne posso più|stufa? di",
        "preoccupato": r"preocc\w*|ansi\w+|pensier\w+|paura|timor\w*|non (?:ci )?dorm\w+|agitat\w|tes[oa]|spaventat\w|notti",
        "deluso": r"delus\w+|amareggiat\w|sfiduciat\w|ci (?:avev\w+|ho) credut\w|rimast\w male|scoraggiat\w|amarezza|abbattut\w",
        "arrabbiato": r"arrabb?i\w+|rabbia|furios\w|furibond\w|incazz\w+|incavolat\w|nero|nera|stuf[oaie]|fuori di me|indignat\w|schif\w+|imbufalit\w|inviperit\w|bestia",
        "in_crisi": r"crisi|disperat\w|non ce la facci\w+|a pezzi|al limite|croll\w+|a terra|allo stremo|in ginocchio|alla frutta",
        "entusiasta": r"entusiast\w|caric\w|non ved\w+ l'ora|emozionat\w|felic\w|gasat\w|voglia|a mille",
        "curioso": r"curios\w+|incuriosit\w|interessat\w",
        "sereno": r"seren\w+|tranqu\w+|calm\w|bene|benone|in pace|content\w|ok|positiv\w|rilassat\w",
    },
    FactId.ESPERIENZE_PASSATE: {
        "truffa": r"truff\w+|raggir\w+|imbrogli\w+|freg\w+|rubat\w|derubat\w|ladr\w|sparit\w|scompars\w|finto|finta|svuotat\w|mai (?:più )?(?:vist|arrivat|sentit|partit|consegnat)\w|pres\w i soldi|chi (?:l|s|li).{0,3}ha più vist\w|non (?:mi |ci )?rispond\w+|ingannat\w|bidon\w+",
        "delusione": r"delus\w+|mal[ei]|malissimo|inutil\w+|buttat\w|nessun\w*|niente|nulla|mai|zero|chius\w|tolt\w|abbandon\w+|poc[ohai]+|fermo|pers[oi]|perdut\w|rimess\w|rott\w|bloccat\w|smess\w|spent\w|peccato|non (?:\w+ ){0,3}(?:funzion|serv|venut|andat|arrivat|cambiat|us|fa|val|compr|torn|piac|ved)\w*|solo (?:due|tre|quattro|cinque|sei|sette|\d+)|in tutto|mi mangiava|macché|sparit\w|creduto",
        "buona": r"ben[ei]|benissimo|benino|buon\w*|funzion\w+|bell[oaie]|soddisf\w+|content\w|fier\w|brav\w+|passat\w da|cresciut\w|aumentat\w|aiuta\w*|mi trovo|piaciut\w|utile|ottim\w+|vendut\w|ordini|vien\w+|vengono|follower",
        "nessuna": r"mai|niente|nulla|prima volta|no|zero|nessun\w*|vergine|da capo",
    },
    FactId.OSTACOLI: {
        "tempo": r"tempo|or[ae]|minut\w+|orari\w*|giornat\w|attimo|fretta|sempre (?:in|al|qui)|mani",
        "soldi": r"sold[io]|euro|cost\w+|budget|spes[ae]|spend\w+|car[oia]|mutuo|prezz\w+|pag\w+|cassa|debit\w+|risparmi\w*",
        "competenze": r"non (?:\w+ ){0,2}(?:so|sono|capisc\w+|conosc\w+|sappiamo)|capac\w|negat\w|impar\w+|da che parte|da dove|come (?:si|fare)|spieg\w+|pratic\w|capir\w+",
        "fiducia": r"fid\w+|freg\w+|truff\w+|scottat\w|sospett\w+|ingann\w+|fiducia",
        "manca_chi_aiuta": r"aiut\w+|nessuno|chi (?:mi|ci)|spieg\w+|affianc\w+|manca(?:no)? (?:qualcuno|chi|una)|da sol\w|accanto|a chi",
        "lingua": r"lingua|italiano|capisc\w+|parl\w+",
    },
    FactId.BISOGNO: {
        "farsi_trovare": r"trov\w+|conosc\w+|cerc\w+|visibil\w+|google|notar\w*|san?n?o|sap(?:ess|p)\w+|ved\w+|esist\w+|scopr\w+|indirizzo|mapp\w+",
        "sito": r"sit[oi]|pagina|web|dominio",
        "social": r"instagram|insta|facebook|tik ?tok|social|post|reel|foto|video|stori[ae]|follower",
        "vendere_online": r"online|on line|internet|sped\w+|e-?commerce|sito|a distanza|web|consegn\w+|ovunque|fuori (?:milano|città|zona)|tutta italia|(?:a chi|lontano|altrove)",
        "marketplace": r"amazon|etsy|ebay|vinted|subito|zalando|marketplace|piattaform\w+|portal\w",
        "prenotazioni": r"prenot\w+|appuntament\w|telefon\w+|agenda|posti|tavol\w|squill\w+",
        "consegne_ritiro": r"consegn\w+|ritir\w+|domicilio|a casa|sped\w+|asporto|glovo|deliveroo|just ?eat|corrier\w|port(?:o|are|i) (?:io|a)",
        "clienti_fedeli": r"torn\w+|fedel\w+|abitual\w|tesser\w+|punti|affezionat\w|vecchi clienti",
        "pagamenti": r"pagament\w|pos|cart[ae]|bonific\w+|incass\w+|satispay|commission\w",
        "fatture_gestionale": r"fattur\w+|gestional\w|magazzin\w|cont[io]|contabil\w+|cassa|scontrin\w|cart[ae]|programm\w",
        "sicurezza": r"sicur\w+|hacker|virus|password|rubat\w|truff\w+|furt\w|attacc\w+|codic\w",
        "bandi": r"band[oi]|contribut\w|fond[oi]|finanziament\w|agevolat\w+",
        "competenze": r"impar\w+|cors[oi]|capac\w|capir\w+|da sol\w|fare da|insegn\w+|studi\w+|usar\w+",
        "intelligenza_artificiale": r"intelligenz\w|ai|ia|chat ?gpt",
    },
    FactId.PERSONE: {
        "solo": r"sol[oa]|tutto io|nessun\w*|io e basta|unic\w",
        "2-5": r"siamo|in (?:due|tre|quattro|cinque|[2-5])|(?:due|tre|quattro|[2-5]) person\w|con|e (?:mi[oa]|il|la|un|una|un'|due|tre|l')|mi[oa] \w+|dipendent\w|soci[oae]|collaborat\w+|ragazz\w|aiut\w+|noi|moglie|marito|\w+ e io",
    },
    FactId.URGENZA: {
        "adesso": r"subito|adesso|ora|urgen\w+|presto|fretta|ieri|natale|entro|domani|settimana|oggi|aspettare|tardi|immediat\w+",
        "settimane": r"settiman\w|mes[ei]|natale|pasqua|estate|autunno|primavera|inverno|entro|prima (?:di|del|della|dell')|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|settembre|ottobre|novembre|dicembre",
    },
    FactId.TRUFFA_IN_CORSO: {
        "*": r"pag\w+|ancora|codic\w|password|dominio|ridar\w*|ridann\w+|restitui\w+|rubat\w|derubat\w|account|svuotat\w|tengono|ostaggio"
    },
}  # fmt: skip
_EN: dict[FactId, dict[str, str]] = {
    FactId.COME_STA: {
        "stanco": r"tired\w*|exhaust\w+|worn out|knackered|no sleep|drained|shattered|weary",
        "preoccupato": r"worr\w+|anxious|anxiety|scared|afraid|stress\w+|nervous|can'?t sleep|fear\w*|on edge",
        "deluso": r"disappoint\w+|let down|discourag\w+|disheartened|gutted|bitter|down",
        "arrabbiato": r"ang(?:er|ry)\w*|furious|mad|fed up|pissed|livid|annoyed|frustrat\w+|outraged|sick of",
        "in_crisi": r"desperate\w*|breaking point|falling apart|can'?t cope|drowning|rock bottom|crisis",
        "entusiasta": r"excit\w+|enthusias\w+|can'?t wait|thrilled|keen|pumped|buzzing",
        "curioso": r"curious\w*|curiosity|intrigued|interested",
        "sereno": r"calm\w*|fine|good|well|relaxed|peace\w*|happy|ok|okay|content\w*|serene|all right|great",
    },
    FactId.ESPERIENZE_PASSATE: {
        "truffa": r"scam\w*|cheat\w*|fraud|stole|vanished|disappear\w+|never (?:came|deliver\w+|heard|saw|arrived|got)|conned|rip[- ]?off|ripped|took (?:the|my|our|\S+) (?:money|euros?|pounds)|ghosted|fake",
        "delusione": r"disappoint\w+|nobody|no one|never|useless|wast\w+|nothing|did ?n[o']t|was ?n[o']t|were ?n[o']t|gave up|fail\w*|let down|zero|closed|cancel\w+|only|died|bad\w*|poor\w*|stopped|not (?:one|a|much|worth)|rubbish|mess|broke\w*|lost",
        "buona": r"good|well|work(?:ed|s)|help(?:ed|s)|happy|proud|great|grew|nice|lov\w+|useful|sold|brilliant|fantastic|comes? from|followers",
        "nessuna": r"never|none|nothing|no|first time|not yet|have ?n[o']t|zero",
    },
    FactId.OSTACOLI: {
        "tempo": r"time|hours?|busy|minutes?|day|hands",
        "soldi": r"money|afford|expens\w+|budget|costs?|euros?|cash|broke|savings|rent",
        "competenze": r"know\w*|understand|learn\w*|how to|no idea|figure|technical|skills?|clue|computers?|no good",
        "fiducia": r"trust\w*|burn\w*|scam\w*|wary|suspicious|believe",
        "manca_chi_aiuta": r"help\w*|nobody|no one|some(?:one|body)|show me|explain\w*|beside|who to",
        "lingua": r"language|italian|speak|understand",
    },
    FactId.BISOGNO: {
        "farsi_trovare": r"f(?:ind|ound)\w*|know\w*|see[ns]?|google|visible|discover\w*|notic\w+|search\w*|exist\w*|map\w*",
        "sito": r"sites?|web ?sites?|page|domain",
        "social": r"instagram|insta|facebook|tik ?tok|social\w*|posts?|reels?|photos?|videos?|stories|followers?",
        "vendere_online": r"online|ship\w*|web ?site|internet|e-?commerce|deliver\w*|worldwide|web|abroad|outside",
        "marketplace": r"amazon|etsy|ebay|vinted|marketplace\w*|platforms?|portals?",
        "prenotazioni": r"book\w*|appointments?|phone|diary|tables?|reserv\w+|ring\w*|calls?",
        "consegne_ritiro": r"deliver\w*|pick\w*|takeaway|collect\w*|ship\w*|courier",
        "clienti_fedeli": r"come back|coming back|loyal\w*|regulars?|return\w*|again",
        "pagamenti": r"pay\w*|cards?|till|transfer\w*",
        "fatture_gestionale": r"(?:e-?)?invoic\w+|paperwork|account\w*|stock|till|software|tax\w*|forms?|spreadsheet|inventory|books",
        "sicurezza": r"secur\w+|hack\w*|virus|passwords?|steal\w*|stolen|scam\w*|safe\w*",
        "bandi": r"grants?|fund\w*|subsid\w+",
        "competenze": r"learn\w*|course\w*|teach\w*|understand|myself|how to|use|do it",
        "intelligenza_artificiale": r"ai|chat ?gpt|artificial",
    },
    FactId.PERSONE: {
        "solo": r"alone|own|myself|(?:just|only) me(?!,? (?:and|plus|with)\b)|everything|single|one (?:man|woman)",
        "2-5": r"we|us|our|two|three|four|five|[2-5]|my (?:wife|husband|brother|sister|son|daughter|partner|mother|father|mum|dad|cousin|friend)|staff|girl|helper|employee\w*|part[- ]timer\w*|barista\w*|with",
    },
    FactId.URGENZA: {
        "adesso": r"now|urgent\w*|soon\w*|asap|immediate\w*|hurry|yesterday|today|tomorrow|christmas|wait|week",
        "settimane": r"weeks?|months?|christmas|easter|summer|autumn|spring|winter|before|by",
    },
    FactId.TRUFFA_IN_CORSO: {
        "*": r"still pay\w*|codes?|password|domain|give (?:it|them) back|account|hold\w*|stole\w*|took (?:the|my|our|\S+) (?:money|euros?)|emptied"
    },
}  # fmt: skip
_DENIED = re.compile(
    r"(?:\b(?:non|mica|né|senza|niente|nessuna|not|never|no|isn't|n't|without)\s+(?:\w+\s+){0,2}|\b(?:tutt'altro che|far from)\s+)$",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(r"^\W{0,2}\s*(?:no\b|è troppo|proprio no|non (?:direi|ce n)|non più)", re.IGNORECASE)
_CALM = re.compile(
    r"con calma|senza fretta|non (?:ho|c'è|abbiamo) fretta|fretta non|no (?:hurry|rush)", re.IGNORECASE
)
_LONELY = re.compile(
    r"\b(?:sono|sto|lavoro|resto|io) (?:da )?sol[oa]\b|\bon my own\b|\b(?:work|am|i'm) alone\b", re.IGNORECASE
)
_LOST = re.compile(
    r"sito non c'è|mai vist\w|freg\w+|derubat\w|truff\w+|sparit\w|scam\w*|vanished|disappeared", re.IGNORECASE
)
POLARITY = frozenset({FactId.COME_STA, FactId.URGENZA})
"""Facts whose words may be denied ("preoccupata è troppo", "fretta non ce n'ho")."""


@cache
def _pattern(language: str, fact: FactId, value: str) -> re.Pattern[str] | None:
    values = {"it": _IT, "en": _EN}.get(language, {}).get(fact, {})
    words = values.get(value) or values.get("*")
    return re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE) if words else None


def grounded(fact: Fact, language: str) -> bool:
    """True when the value stands in the words it came from, or was chosen or confirmed by the person.

    Args:
        fact: An entry of the sheet.
        language: Only Italian and English have words here; in the others what was understood is believed.
    """
    pattern = _pattern(language, fact.fact, fact.value)
    words = f"{fact.words} {fact.detail}".replace("’", "'")
    if pattern is None or fact.how in (How.CHOSEN, How.CONFIRMED) or not words.strip():
        return True
    if fact.fact is FactId.URGENZA and _CALM.search(words):
        return False
    if fact.fact is FactId.PERSONE and fact.value != "solo" and _LONELY.search(words):
        return False
    if fact.fact is FactId.BISOGNO and fact.value == "sito" and _LOST.search(words):
        return False  # it is what happened, and no wish
    found = pattern.finditer(words)
    if fact.fact not in POLARITY:
        return next(found, None) is not None
    return any(
        not _DENIED.search(words[: m.start()]) and not _AFTERWARDS.match(words[m.end() :]) for m in found
    )


def trusted(sheet: Sheet, language: str) -> Sheet:
    """The facts whose meaning may be given back at once."""
    return Sheet(tuple(f for f in sheet.facts if grounded(f, language)))
