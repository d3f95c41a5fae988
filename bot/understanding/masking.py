"""What must never be stored is hidden before anything else happens: cards, IBAN, codice fiscale, passwords, others' numbers.

Each part is legible by itself: `_ibans`, `_tax_codes`, `_passwords`, `_cards`, `_phones` find spans in a text; `mask` replaces
them. Checksums come from python-stdnum, telephone plans from phonenumbers. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from stdnum import iban, luhn
from stdnum.it import codicefiscale

from bot.understanding.digits import NUMBER_WORDS, Group, Run, runs

PLACEHOLDERS = {
    "carta": "[numero di carta nascosto]",
    "iban": "[IBAN nascosto]",
    "codice_fiscale": "[codice fiscale nascosto]",
    "password": "[password nascosta]",
    "telefono_altrui": "[numero di telefono nascosto]",
}
"""What stands in the text in place of each kind."""

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be stored.

    Attributes:
        text: The text with each hidden thing replaced by a short Italian note in square brackets.
        kinds: What was hidden, each kind once, in the order of the text: `carta`, `iban`, `codice_fiscale`, `password`,
            `telefono_altrui`.
    """

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str


def mask(text: str) -> Masked:
    """Hide what must never be stored; a text that was masked once comes back unchanged.

    Args:
        text: Any text of any length.

    Returns:
        The masked text and what was hidden.
    """
    kinds: list[str] = []
    for _ in range(_ROUNDS):
        spans = _spans(text)
        if not spans:
            break
        kinds += [span.kind for span in spans]
        text = _replace(text, spans)
    return Masked(text, tuple(dict.fromkeys(kinds)))


def own_numbers(text: str) -> list[str]:
    """The person's own telephone numbers in a text (the shop's too), E.164, in order, each once."""
    masked = mask(text).text
    return list(dict.fromkeys(number for _, number, theirs in _numbers(masked) if not theirs))


def _replace(text: str, spans: list[_Span]) -> str:
    pieces, last = [], 0
    for span in spans:
        pieces += [text[last : span.start], PLACEHOLDERS[span.kind]]
        last = span.end
    return "".join([*pieces, text[last:]])


def _spans(text: str) -> list[_Span]:
    """Spans of all kinds without overlaps: where two overlap, the one that begins first or is longer stays."""
    found = [*_ibans(text), *_tax_codes(text), *_passwords(text)]
    if any(c.isdigit() for c in text) or _DICTATED.search(text):
        found += [*_cards(text), *_phones(text)]
    kept: list[_Span] = []
    for span in sorted(found, key=lambda s: (s.start, -s.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


_DICTATED = re.compile(
    rf"\b(?:{'|'.join(NUMBER_WORDS)})\b[\s,.\-]{{1,3}}(?:{'|'.join(NUMBER_WORDS)})\b", re.I
)

# --- IBAN ---------------------------------------------------------------------------------------------------------

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][ .\-]?[A-Za-z](?:[ .\-:]{0,2}[0-9]){2}(?:[ .\-]{0,2}[A-Za-z0-9]){11,30}"
)
_ITALIAN_IBAN = re.compile(r"IT\d{2}[A-Z]\d{10}[A-Z0-9]{12}")


def _ibans(text: str) -> Iterator[_Span]:
    for match in _IBAN.finditer(text):
        places = [match.start() + i for i, c in enumerate(match[0]) if c.isalnum()]
        written = "".join(text[i].upper() for i in places)
        for length in range(min(34, len(written)), 14, -1):
            if _is_iban(written[:length]):
                yield _Span(match.start(), places[length - 1] + 1, "iban")
                break


def _is_iban(written: str) -> bool:
    # A mistyped Italian IBAN is still somebody's account: its shape is enough.
    return bool(_ITALIAN_IBAN.fullmatch(written)) or iban.is_valid(written)


# --- Codice fiscale -----------------------------------------------------------------------------------------------

_D = "[0-9LMNPQRSTUV]"
_S = r"[ .\-]{0,2}"
_TAX_CODE = re.compile(
    rf"(?<![A-Z0-9])[A-Z](?:{_S}[A-Z]){{5}}(?:{_S}{_D}){{2}}{_S}[A-EHLMPRST](?:{_S}{_D}){{2}}{_S}[A-Z](?:{_S}{_D}){{3}}{_S}[A-Z](?![A-Z0-9])",
    re.IGNORECASE,
)


def _tax_codes(text: str) -> Iterator[_Span]:
    for match in _TAX_CODE.finditer(text):
        written = re.sub(r"[^A-Z0-9]", "", match[0].upper())
        # Words alone can have the shape once digits may be letters (omocodia): then the check letter must agree.
        if sum(c.isdigit() for c in written) >= 5 or codicefiscale.is_valid(written):
            yield _Span(match.start(), match.end(), "codice_fiscale")


# --- Passwords ----------------------------------------------------------------------------------------------------

_SECRET = (
    r"(?:password|passwd|passw|psswd|psw|pwd|pass(?=\s*[:=])|passcode|passphrase|pin(?:code)?|puk|otp|parola\s+(?:chiave|d'ordine|segreta)"
    r"|codice\s+(?:pin|otp|segreto|sms|di\s+(?:sicurezza|verifica|accesso|sblocco|conferma))|(?:verification|security|access)\s+code"
    r"|contraseña|clave|mot\s+de\s+passe|parolă|passwort|كلمة\s+(?:السر|المرور)|密码|密碼)"
)
_VALUE = r"""["'“«‘]?(?P<value>[^\s\["'”»’]{3,64})["'”»’]?"""
_FILLER = r"(?:[ \t]+(?!(?:è|e'|era|is|was|non)\b)[\w.'’@\-]{1,30}){0,7}?"
_SAID = re.compile(
    rf"\b{_SECRET}{_FILLER}[ \t]*(?P<link>[:=：]|[ \t](?:è|é|e'|e’|era|sarebbe|is|was|es|ist|est)(?=[\s:])[ \t]*:?|是)\s{{0,3}}{_VALUE}",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"\b{_SECRET}{_FILLER}\s{{1,3}}{_VALUE}", re.IGNORECASE)
_DIGITS_AFTER = re.compile(
    rf"\b(?:{_SECRET}|cvv2?|cvc2?|codice)\b[^\n\[\]!?;]{{0,45}}?(?P<value>(?<![\d.,/])\d(?:[ \-]?\d){{2,7}}(?![\d/]|[.,]\d|\s?(?:€|euro|volte|giorni|anni|mesi|ore|minuti)))",
    re.IGNORECASE,
)
_WORDS_AFTER = re.compile(
    rf"\b{_SECRET}\b[^\n\[\]!?;]{{0,30}}?(?P<value>\b(?:{'|'.join(NUMBER_WORDS)})(?:[\s,]{{1,2}}(?:{'|'.join(NUMBER_WORDS)})\b){{2,11}})",
    re.IGNORECASE,
)
_CODE_ARRIVED = re.compile(
    r"\b(?:arrivat\w|ricevut\w|mandat\w|sms|whatsapp|messaggio|verifica|conferma|sicurezza|sblocco|cvv2?|cvc2?|otp|pin)\b",
    re.I,
)
_NOT_A_SECRET = frozenset(
    """stata stato persa perso cambiata cambiato rubata rubato scaduta scaduto sbagliata sbagliato dimenticata bloccata
    sempre quella quello questa questo stessa uguale difficile facile semplice debole forte segreta segreto sicura complicata
    importante necessaria obbligatoria richiesta mia sua loro nostra tua solo solamente ancora anche troppo molto già
    impossibile corta lunga vecchia nuova una uno che come dove cosa quale non andata finita salvata scritta nota conosciuta
    wrong lost changed expired always the same weak strong not forgotten stolen unknown mine his hers too very missing
    diversa diverso memorizzata giusta giusto corretta corretto inutile condivisa chiesta attiva spenta sparita qui nel nella
    incorrect correct easy difficult hard long short old new gone needed required blocked locked working asked saved something""".split()  # noqa: SIM905
)


def _passwords(text: str) -> Iterator[_Span]:
    for match in _SAID.finditer(text):
        value = match["value"].rstrip(".,;:!?)")
        assigned = match["link"].strip()[:1] in ":=：是"
        if _looks_secret(value) or (
            _is_bare_secret(value) and (assigned or _ends_clause(text, match.start("value") + len(value)))
        ):
            yield _Span(match.start("value"), match.start("value") + len(value), "password")
    for match in _NEXT.finditer(text):
        value = match["value"].rstrip(".,;:!?)")
        if _looks_secret(value) and not re.fullmatch(
            r"\d{1,2}([:.]\d\d)?|(19|20)\d\d|\d+[.,]\d+€?|\d+€", value
        ):
            yield _Span(match.start("value"), match.start("value") + len(value), "password")
    for pattern in (_DIGITS_AFTER, _WORDS_AFTER):
        for match in pattern.finditer(text):
            if not match[0].lower().startswith("codice") or _code_was_sent(text, match):
                kind = "carta" if match[0][:2].lower() == "cv" else "password"
                yield _Span(match.start("value"), match.end("value"), kind)


def _code_was_sent(text: str, match: re.Match[str]) -> bool:
    return bool(_CODE_ARRIVED.search(text, max(0, match.start() - 40), match.end() + 40))


def _looks_secret(value: str) -> bool:
    """A digit or a symbol among letters: no ordinary word."""
    return len(value) >= 4 and (
        any(c.isdigit() for c in value)
        or any(c in "!@#$%^&*_+=|~<>?" for c in value)
        or (value.isalpha() and re.search(r"[a-zà-ù][A-Z]", value) is not None)
    )


def _is_bare_secret(value: str) -> bool:
    return value.isalnum() and value.lower() not in _NOT_A_SECRET


def _ends_clause(text: str, end: int) -> bool:
    return re.match(r"[\"'”»’)]*\s*(?:$|[.,;:!?\n)]|(?:e|ma|and|but)\s)", text[end : end + 12]) is not None


# --- Cards --------------------------------------------------------------------------------------------------------

_BRANDS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|(?:5[06-8]|6\d)\d{10,17}|35\d{14}|62\d{14,17}"
)
"""Lengths and first digits of the brands: Visa, Mastercard, American Express, Diners, Discover, Maestro, JCB, UnionPay."""


def _cards(text: str) -> Iterator[_Span]:
    for run in runs(text, 12):
        first = 0
        while first < len(run.groups):
            last = _card_from(run.groups, first)
            if last is None:
                first += 1
            else:
                yield _Span(run.groups[first].start, run.groups[last].end, "carta")
                first = last + 1


def _card_from(groups: tuple[Group, ...], first: int) -> int | None:
    """The group that ends the longest card number beginning at `first`; 19 digits is the longest there is."""
    digits, found = "", None
    for last in range(first, min(first + 19, len(groups))):
        digits += groups[last].digits
        if len(digits) > 19:
            break
        if len(digits) >= 13 and _BRANDS.fullmatch(digits) and luhn.is_valid(digits):
            found = last
    return found


# --- Telephone numbers --------------------------------------------------------------------------------------------

_DATE = re.compile(
    r"\d{1,2}\s?[/.\-]\s?\d{1,2}\s?[/.\-]\s?(?:\d{4}|\d{2})\b|\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![.\s]?\d)"
)
_NOT_A_PHONE_BEFORE = re.compile(
    r"(?:p\.?\s?iva|partita\s+iva|iva|vat(?:\s+number)?|ordine|order|fattura|invoice|pratica|protocollo|bolla|codice|cod\.?|rea|ddt|ticket|matricola|€|euro)"
    r"(?:\s+(?:è|e'|numero|number|n[.°º]?|nr\.?|is|the|il|la|no\.?))*[\s:#.°º]*$",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(r"\s?(?:€|euro|eur\b|%|,\d\d\b)", re.IGNORECASE)

_WHO = (
    r"(?:marito|moglie|compagn[oa]|fidanzat[oa]|figli[oaie]|figliol[oa]|madre|mamma|padre|pap[àa]|babbo|fratell[oi]|sorell[ae]|cognat[oaie]|cugin[oaie]|nipot[ei]|zi[oa]|nonn[oa]|suocer[oaie]|gener[oi]|nuora|ex"
    r"|soci[oae]|titolare|capo|colleg(?:a|hi|he)|dipendent[ei]|commess[oaie]|collaborator\w+|ragazz[oaie]|amic[oahie]+|vicin[oaie]|client[ei]|fornitor[ei]|rappresentant[ei]|venditor[ei]|commercialist[ae]|ragionier[ea]|avvocat[oae]|notaio|consulent[ei]|tecnic[oi]|webmaster|grafic[oa]|agenzia|banca|geometra|elettricista|idraulico|proprietari[oa]|padron[ea]|amministrator\w+|medic[oi]|dottor\w*|tizi[oa]|tip[oa]|signor[aei]?|truffator[ei]|assistenza|informatic[oa]|contabile"
    r"|husband|wife|partner|son|daughter|mother|mum|mom|father|dad|brother|sister|cousin|accountant|lawyer|landlord|boss|friend|supplier|customer|client|agency|colleague|employee|neighbou?r|nephew|niece|aunt|uncle|manager"
    r"|marido|esposa|mujer|hij[oa]|herman[oa]|gestor|abogad[oa]|زوجي|زوجتي|محاسب\w*|丈夫|妻子|老公|老婆|会计)"
)
_OWN = re.compile(
    r"\b(?:(?:il\s+)?(?:mi[oa]|nostr[oa])\s+(?:numero|n[.°]|cell\w*|telefono|tel|whatsapp|wa|fisso|contatto|mobile|recapito|negozio|bar|bottega|salone|laboratorio|studio)"
    r"|(?:numero|telefono|tel|cell\w*|fisso|whatsapp)\s+(?:(?:è|e'|del|della|dello|dell'|di|in|a)\s+)+(?:mi[oa]\s+|nostr[oa]\s+)?(?:negozio|bar|bottega|salone|laboratorio|studio|ristorante|ufficio|locale|attivit\w+|casa|forno|panificio|officina|chiosco|banco|edicola|pizzeria|gelateria|pasticceria|parrucchier\w|hotel|albergo|trattoria|osteria|shop)"
    r"|mi\s+(?:chiam\w+|trov\w+|contatt\w+|telefon\w+|scriv\w+|(?:può|puo|puoi|potete|possono|poi)\s+\w+)|chiamatemi|chiamami|chiamarmi|contattarmi|contattatemi|scrivetemi|scrivimi|scrivermi|trovarmi|telefonatemi|telefonarmi|richiamatemi|richiamarmi|mi\s+richiam\w+"
    rf"|sono\s+(?:\w+,?\s+)?(?:la|il|l['’])\s*{_WHO}"
    r"|rispondo|sono\s+(?:al|allo|raggiungibile)|my\s+(?:\w+\s+)?(?:number|phone|cell|mobile|whatsapp)|(?:call|reach|text|ring|phone|message)\s+me|our\s+number|shop\s+number|(?:shop|store|salon)'?s\s+number|mi\s+número|mi\s+telefono|ll[aá]m[ea]\w*me|رقمي|我的(?:电话|手机|号码)?)\b",
    re.IGNORECASE,
)
_CALLED_BY = re.compile(
    r"\bmi\s+(?:chiama(?:no|va|vano)?|telefona(?:no|va|vano)?|scriv(?:e|ono|eva|evano)|(?:ha|hanno)\s+(?:chiamat\w|telefonat\w|scritt\w))\s+(?:\w+\s+){0,4}(?:dal|dallo|da|con|il|lo|un|questo|sto)\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    rf"\b{_WHO}\b|\b(?:il|al|col)\s+suo\s+(?:numero|cell\w*|telefono|tel|whatsapp)|\b(?:his|her|their)\s+(?:\w+\s+)?(?:number|phone|cell|mobile)"
    rf"|\b(?:numero|cell\w*|telefono|tel|contatto|recapito)\s+(?:di|dei|degli|delle)\s+(?!(?:telefono|cell\w*|casa|lavoro|rete|contatto|whatsapp|ufficio|fisso)\b)\w+"
    r"|\b(?:numero|cell\w*|telefono|tel|contatto|recapito)\s+(?:personale\s+)?(?:del|della|dello|dell['’])\s*(?!(?:negozio|bar|bottega|salone|laboratorio|studio|ristorante|ufficio|locale|attivit\w+|forno|panificio|officina|chiosco|banco|edicola|pizzeria|gelateria|pasticceria|parrucchier\w|hotel|albergo|trattoria|osteria|lavoro|casa)\b)\w+"
    r"|\b(?!(?:my|our|the|a|il|today)\b)\w+['’]s\s+(?:number|phone|mobile|cell)",
    re.IGNORECASE,
)
_THEIRS_AFTER = re.compile(
    rf"\s*[,(\-–:]?\s*(?:(?:che\s+)?(?:è|e'|sarebbe)\s+)?(?:(?:il\s+)?(?:numero|cell\w*|quello)\s+)?(?:(?:di|del|della|dell['’])\s*)?(?:(?:mi[oa]|il|la|l['’]|su[oa]|nostr[oa]|my|(?:it\s+)?is|that's|'s|of)\s*)*{_WHO}\b",
    re.IGNORECASE,
)
_WINDOW = 90
_CLAUSE = re.compile(r"[!?;\n\[\]]|(?<!tel)(?<!cell)(?<!\bn)\.\s", re.IGNORECASE)


def _phones(text: str) -> Iterator[_Span]:
    for span, _, theirs in _numbers(text):
        if theirs:
            yield span


def _numbers(text: str) -> Iterator[tuple[_Span, str, bool]]:
    """Each telephone number: where, E.164, and whether the words say that it is somebody else's."""
    for run in runs(text, 8):
        first = 0
        while first < len(run.groups):
            found = _phone_from(text, run, first)
            if found is None:
                first += 1
                continue
            last, number = found
            start, end = _with_plus(text, run.groups[first].start), run.groups[last].end
            yield _Span(start, end, "telefono_altrui"), number, _is_theirs(text, start, end)
            first = last + 1


def _with_plus(text: str, start: int) -> int:
    lead = re.search(r"(?:\+|\(\+?|\bpiù\s+|\bplus\s+)\s?$", text[max(0, start - 6) : start], re.IGNORECASE)
    return start - len(lead[0]) if lead else start


def _phone_from(text: str, run: Run, first: int) -> tuple[int, str] | None:
    """The longest telephone number that begins with this group; at most 15 digits (E.164)."""
    start = run.groups[first].start
    plus = "+" if text[start - 1 : start] != "(" and _with_plus(text, start) != start else ""
    if not plus and run.groups[first].digits[0] not in "03":
        return None
    digits, ends = "", []
    for last in range(first, min(first + 15, len(run.groups))):
        digits += run.groups[last].digits
        if len(digits) > 17:
            break
        if _PLAN.match(plus + digits):
            ends.append((last, plus + digits))
    if not ends or _is_something_else(text, start):
        return None
    for last, written in reversed(ends):
        end = run.groups[last].end
        if not text[end : end + 1].isalnum() and not _MONEY_AFTER.match(text, end, end + 6):
            number = _parsed(written)
            if number:
                return last, number
    return None


def _is_something_else(text: str, start: int) -> bool:
    """Digits that are a date, a price, an order, a VAT number or the tail of a word."""
    if start and (text[start - 1].isalnum() or text[start - 1] in ",€$£#"):
        return True
    if _DATE.match(text, start, start + 40):
        return True
    return _NOT_A_PHONE_BEFORE.search(text, max(0, start - 40), start) is not None


_PLAN = re.compile(r"(?:\+|00)\d{7,15}$|(?:39)?(?:3\d{8,9}|0\d{7,10})$")
"""What can be a number from Italy at all; asked before the library, which is slow."""


@lru_cache(maxsize=2048)
def _parsed(written: str) -> str:
    """E.164 of a valid number that reaches a person, or ""."""
    try:
        bare = written.startswith("39") and len(written) > 10
        number = phonenumbers.parse(f"+{written}" if bare else written, "IT")
    except phonenumbers.NumberParseException:
        return ""
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind not in _REACH_A_PERSON:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_REACH_A_PERSON = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.VOIP,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    }
)


def _is_theirs(text: str, start: int, end: int) -> bool:
    """The nearest words before the number say whose it is; where they say nothing, those right after it."""
    before = text[max(0, start - _WINDOW) : start]
    cuts = [m.end() for m in _CLAUSE.finditer(before)]
    before = before[cuts[-1] :] if cuts else before
    if _CALLED_BY.search(before):
        return True
    own = max((m.end() for m in _OWN.finditer(before)), default=-1)
    theirs = max((m.end() for m in _THEIRS.finditer(before)), default=-1)
    if max(own, theirs) >= 0:
        return theirs > own
    return _THEIRS_AFTER.match(text, end, end + 60) is not None
