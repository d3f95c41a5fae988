"""How a message is read before it is understood: the same words, however a thumb, a phone or a prankster wrote them."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′＇", "'"))
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"[^\S\n]+")
_ORDER = re.compile(r"^[\s/]+")
_LETTER = re.compile(r"[^\W_]")
_SPELLED = re.compile(r"\b(?:[^\W\d_][.\-_* ]){3,}[^\W\d_]\b")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")

WINDOW = 2_000
"""Characters that are understood at once (DESIGN, section 1: 50,000 took Rasa 14.7 s)."""


def readable(text: str) -> str:
    """The text without null bytes, direction marks, zero-width signs and lone surrogates, in NFC; what is kept and shown."""
    text = _INVISIBLE.sub("", text.encode("utf-8", "ignore").decode("utf-8"))
    return unicodedata.normalize("NFC", text)


def spoken(text: str) -> str:
    """A readable text as it would be said aloud: one kind of apostrophe, no drawn-out letters, no leading slash.

    The slash goes because Rasa takes "/intent{...}" for an order.
    """
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    text = _STRETCHED.sub(lambda m: m[1] * (2 if m[1].lower() in "lrsntcmpbdgfz" else 1), text)
    return _SPACES.sub(" ", _ORDER.sub("", text)).strip()


def folded(text: str) -> str:
    """A spoken text in the form in which rules compare it: lower case, no accents, spelled-out letters joined."""
    text = _SPELLED.sub(lambda m: re.sub(r"[.\-_* ]", "", m[0]), text)
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in bare if not unicodedata.combining(c))


def has_words(text: str) -> bool:
    """True when there is at least one letter or digit, of any script."""
    return _LETTER.search(text) is not None


def words(text: str) -> list[str]:
    """The words of a folded text."""
    return _WORD.findall(text)


_SENTENCE = re.compile(r"(?<=[.!?;…。！？；؟])\s+|(?<=[。！？；])|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order, without empty ones."""
    return [piece.strip() for piece in _SENTENCE.split(text) if piece and has_words(piece)]


def windows(text: str, size: int = WINDOW) -> list[str]:
    """Cut a text into pieces of at most `size` characters, at the end of a sentence or of a word if there is one.

    Neighbours share an eighth of `size`, so that no sentence of ordinary length is cut in two in both.
    """
    if len(text) <= size:
        return [text]
    pieces, start, shared = [], 0, size // 8
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            cut = max(text.rfind(mark, start + size // 2, end) for mark in (". ", "\n", "! ", "? ", " "))
            end = cut + 1 if cut > 0 else end
        pieces.append(text[start:end])
        if end >= len(text):
            break
        start = end - shared
    return pieces
