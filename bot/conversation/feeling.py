"""How somebody says they are, where no fact of the sheet names it: ashamed, moved, neither well nor badly.

Read only to choose what is given back; never kept, never a diagnosis, and silent in languages it has no words for.
"""

from __future__ import annotations

import re

_KIN_IT = r"(?:mi[oa]|il mio|la mia|nostr[oa]) (?:marito|moglie|figli[oa]|madre|padre|mamma|papà|sorella|fratello|soci[oa]|compagn[oa]|nonn[oa]|zi[oa])"
_KIN_EN = r"my (?:husband|wife|son|daughter|mother|father|mum|dad|sister|brother|partner|grandmother|grandfather|uncle|aunt)"

_WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "it": (
        ("mourning", rf"{_KIN_IT} (?:\w+ )?(?:è|era|mi è) (?:\w+ )?(?:mancat|mort)[oa]|(?:è|era|mi è) mancat[oa](?! (?:il|la|lo|un|una|i|le|solo|poco)\b| l')|venut[oa] a mancare|vedov[oa]|(?:ho|abbiamo) perso {_KIN_IT}|non c'è più {_KIN_IT}|in lutto"),
        ("afraid", r"(?:ho|abbiamo) (?:sempre |un po' |proprio )?paura (?:di (?:sbagli|non |far|perder|spender|prender|butt|rovin|romper|toccar)\w*|che (?:non|costi|sia))|mi spaventa\w*"),
        ("ashamed", r"vergogn\w*|imbarazz\w*|mi sento (?:stupid|scem|ridicol|ignorant)\w*"),
        ("moved", r"commoss\w|mi viene da piangere|lacrim\w+|piango|un groppo"),
        ("heavy", r"(?:ci sono|ci siamo) rimast\w|mi è crollato|delus\w"),
        ("angry", r"furios\w|furibond\w|arrabb?iat\w|inc?a[vz]\w*olat\w|incazzat\w|rabbia|imbufalit\w|stuf[oa]|fuori di me"),
        ("mixed", r"così così|cosi cosi|insomma|alti e bassi|si tira avanti|tiro avanti|tiriamo avanti|si va avanti|dipende|a giorni|né bene né male|mah\b|boh\b|non c'è male|abbastanza|perpless\w|confus\w|combattut\w"),
        ("heavy", r"male|giù|a pezzi|nervos\w|preocc\w*|ansi[ao]\w*|agitat\w|in pensiero|stanc\w+|pesante|dura|triste|demoralizzat\w|scoraggiat\w|non dormo|dormo poco|amareggiat\w|sfiduciat\w|a terra|sconfort\w+"),
        ("light", r"fiducios\w|ottimist\w|speranzos\w|positiv\w|caric\w|bene|benone|tranqui\w*|seren\w|content\w|allegr\w|in pace|rilassat\w"),
    ),
    "en": (
        ("mourning", rf"passed away|widow(?:ed|er)?|(?:i|we)(?:'ve)? lost {_KIN_EN}|{_KIN_EN} (?:has )?died|in mourning"),
        ("afraid", r"(?:scared|afraid|frightened) (?:of (?:getting|making|losing|spending|breaking|doing)|to (?:touch|try|get|spend|start))"),
        ("ashamed", r"asham\w+|embarrass\w+|feel (?:stupid|silly|foolish)"),
        ("moved", r"in tears|crying|moved|lump in my throat"),
        ("angry", r"furious|angry|fed up|mad\b|annoyed|pissed\w*"),
        ("mixed", r"so[- ]so|up and down|getting by|could be (?:better|worse)|it depends|hanging in|not too bad|mixed"),
        ("heavy", r"down|low|worried|stressed|overwhelmed|hard|struggling|can'?t sleep|anxious|tired|exhausted|sad|gloomy|discouraged|deflated|flat"),
        ("light", r"hopeful|optimistic|confident|excited|fine|good|well|calm|happy|all right|relaxed|content"),
    ),
}  # fmt: skip
_COMPILED = {
    language: tuple((kind, re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)) for kind, words in ways)
    for language, ways in _WAYS.items()
}
KINDS = ("mourning", "afraid", "ashamed", "moved", "angry", "mixed", "heavy", "light")
"""What may be read in a few words, in the order in which it is looked for."""

STRONG = frozenset({"mourning", "afraid", "ashamed", "moved", "angry"})
"""What is read in a few words even where nobody asked."""

SAID_OF_ONESELF = re.compile(
    r"\b(?:mi vergogno|ho vergogna|mi imbarazza|(?:i'm|i am|feel) (?:a bit |so |rather )?(?:ashamed|embarrassed))\b",
    re.IGNORECASE,
)
"""A shame that is theirs, and not "una vergogna" of others: heard in a story of any length."""

NO_FEELING = "none"

FEW_WORDS = 7
"""Words up to which "boh" or "dipende" says how one is."""

READ = 2_000
"""Characters in which a loss is looked for: it is told in the middle of a story."""

FEW = 8
"""Words up to which a message that was not asked how they are may still be only that."""

_WELL = re.compile(r"\b(?:non|mica|not|isn't|n't)\b[^.!?]{0,12}\b(?:bene|tranquill\w|seren\w|fine|good|well|happy)", re.IGNORECASE)  # fmt: skip


def feeling_in(text: str, language: str) -> str:
    """One of `KINDS`, or "" when nothing of the sort is said.

    Args:
        text: A short message, or the answer to "how are you living through this?".
        language: Italian and English have words here.
    """
    for kind, pattern in _COMPILED.get(language, ()):
        if pattern.search(text[: READ if kind == "mourning" else 400]):
            if kind == "mixed" and len(text.split()) > FEW_WORDS:
                continue  # "boh, una volta..." opens a story, and says nothing of how one is
            return "heavy" if kind == "light" and _WELL.search(text[:400]) else kind
    return ""
