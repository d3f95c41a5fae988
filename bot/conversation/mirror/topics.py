"""The things somebody spoke of, listed in right and simple words: for half sentences, and for an Italian being learned."""

from __future__ import annotations

import re

_TOPICS: dict[str, dict[str, str]] = {
    "it": {
        "i clienti": r"client[ei]", "la gente": r"gente|person[ae]", "i giovani": r"giovan[ei]|ragazz[ei]", "le consegne": r"consegn\w+", "il telefono": r"telefon\w+|cellulare",
        "le prenotazioni": r"prenot\w+", "gli appuntamenti": r"appuntament\w+", "gli ordini": r"ordini|ordinazion\w+", "i messaggi": r"messagg\w+|dm|vocali", "l'italiano": r"italiano", "il tempo": r"tempo", "i soldi": r"soldi|euro", "il lavoro": r"lavor(?:o|are|a)",
        "la famiglia": r"famiglia|figli[oae]?|moglie|marito|fratello|sorella", "le foto": r"foto", "i video": r"video|reel", "la domenica": r"domenica", "il sabato": r"sabato", "la settimana": r"settimana", "Google": r"google", "WhatsApp": r"whatsapp|watsap\w*", "Instagram": r"instagram|insta",
        "Facebook": r"facebook", "TikTok": r"tiktok", "la casa": r"casa", "il mercato": r"mercato", "il sito": r"sito", "le recensioni": r"recension\w+|stell[ae]", "i prezzi": r"prezz[oi]", "le tasse": r"tasse", "i documenti": r"document[oi]|carte", "il negozio": r"negozio|bottega",
        "le fatture": r"fattur[ae]", "i pagamenti": r"pagament[oi]", "il computer": r"computer|pc", "la lingua": r"lingua", "la mattina": r"mattina", "la sera": r"sera", "la fila": r"fila|coda", "i vestiti": r"vestit[oi]", "la ragazza": r"ragazza", "i social": r"social",
        "le spedizioni": r"spedi\w+|pacch[io]", "il magazzino": r"magazzino|scorte", "i fornitori": r"fornitor[ei]", "la concorrenza": r"concorren\w+", "i turisti": r"turist[ai]", "la cassa": r"cassa|scontrin[oi]", "il POS": r"pos", "i bandi": r"band[oi]", "le bollette": r"bollett[ae]",
        "l'affitto": r"affitto", "il parcheggio": r"parchegg\w+", "la vetrina": r"vetrina", "le app": r"app|just ?eat|glovo|deliveroo", "il gestionale": r"gestionale|software", "la password": r"password", "i corsi": r"cors[oi]", "la pubblicità": r"pubblicit\w+|promozion\w+", "i volantini": r"volantin[oi]",
        "le ore": r"ore|orari[oi]?", "il supermercato": r"esselunga|supermercat\w*|coop|lidl|carrefour|ipermercato", "il centro commerciale": r"centro commerciale", "la notte": r"notte|notti", "le richieste": r"richiest[ae]", "i preventivi": r"preventiv[oi]", "i conti": r"conti", "il comune": r"comune", "la banca": r"banca", "le commissioni": r"commission[ei]",
    },
    "en": {
        "customers": r"customers?|clients?", "young people": r"young(?:er)? people|youngsters|kids", "deliveries": r"deliver\w+", "the phone": r"phone", "bookings": r"book(?:ings?|ed)", "appointments": r"appointments?", "orders": r"orders?", "messages": r"messages?|dms?",
        "Italian": r"italian", "time": r"time", "money": r"money|euros?", "photos": r"photos?|pictures?", "videos": r"videos?|reels?", "Google": r"google", "WhatsApp": r"whatsapp", "Instagram": r"instagram|insta", "Facebook": r"facebook", "TikTok": r"tiktok", "the market": r"market",
        "the website": r"web ?site|site", "reviews": r"reviews?|stars?", "prices": r"prices?", "invoices": r"(?:e-)?invoic\w+", "payments": r"payments?|card machine", "paperwork": r"paperwork|forms?|documents?", "the computer": r"computers?", "social media": r"social media|socials?",
        "parcels": r"parcels?|shipping", "suppliers": r"suppliers?", "competition": r"competit\w+", "tourists": r"tourists?", "rent": r"rent", "the window": r"window", "apps": r"apps?", "advertising": r"ads?|adverti\w+", "leaflets": r"leaflets?|flyers?", "opening hours": r"opening hours", "locals": r"locals?", "grants": r"grants?",
    },
}  # fmt: skip
_COMPILED = {
    language: tuple(
        (name, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for name, words in names.items()
    )
    for language, names in _TOPICS.items()
}
MOST = 3
"""Topics that are listed at most."""
_VAGUE = frozenset({"la gente", "il lavoro", "la casa", "il negozio", "la famiglia", "il tempo", "la settimana", "le ore", "time", "money", "i soldi", "la mattina", "la sera"})  # fmt: skip
_JOINER = {"it": " e ", "en": " and "}


def topics_in(text: str, language: str, fewest: int = 2) -> str:
    """The things that somebody spoke of, in the order of telling; "" when there are fewer than `fewest`.

    Args:
        text: What was written.
        language: Only Italian and English have lists.
        fewest: One is enough of somebody who answers in half a sentence.
    """
    found = sorted((m.start(), name) for name, words in _COMPILED.get(language, ()) if (m := words.search(text[:1000])))  # fmt: skip
    telling = [name for _, name in found if name not in _VAGUE]
    names = (telling or ([name for _, name in found] if fewest > 1 else []))[:MOST]
    if len(names) < fewest:
        return ""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{_JOINER[language]}{names[-1]}"
