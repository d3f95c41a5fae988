"""How a message is read before it is counted: the same words however a thumb, a phone or a hurry wrote them."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans({c: "'" for c in "’‘ʼ´`′"})
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+\.\w+")
_PHONE = re.compile(r"\+?\d[\d ./-]{6,}\d")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_MANY_MARKS = re.compile(r"([!?.,…])\1+")
_SPACES = re.compile(r"\s+")
_CUT = re.compile(r"(?<=[.!?;…。！？؟])\s*|\n+|,\s+(?=(?:ma|per[oò]|invece|anzi|but|pero)\b)")
_WORD = re.compile(r"\w", re.UNICODE)


def plain(text: str) -> str:
    """The text as a person would read it aloud: no invisible signs, one kind of apostrophe, no drawn-out letters.

    Case and accents stay, because the sentence encoder knows them; links, addresses and phone numbers become
    one word each, because which number it is does not change what the message does.
    """
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    text = _INVISIBLE.sub("", text)
    text = _LINK.sub("link", text)
    text = _MAIL.sub("email", text)
    text = _PHONE.sub("numero", text)
    text = _LONG_RUN.sub(r"\1", text)
    text = _MANY_MARKS.sub(r"\1", text)
    return _SPACES.sub(" ", text).strip()


def bare(text: str) -> str:
    """`plain`, without capitals and accents and with every digit as 0: the form in which words are counted."""
    text = unicodedata.normalize("NFD", plain(text).lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"\d", "0", text)


def clauses(text: str, most: int = 12) -> list[str]:
    """The sentences of a message, and the turns inside them ("..., ma lei è un robot?"), at most `most`.

    Args:
        text: Already `plain`.
        most: What is beyond stays in the last one.
    """
    parts = [p.strip() for p in _CUT.split(text) if p and _WORD.search(p)]
    if len(parts) > most:
        parts = [*parts[: most - 1], " ".join(parts[most - 1 :])]
    return parts or [text]
