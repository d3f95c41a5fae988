"""From a message to tokens: one normal form per word, and how strongly the words are kept apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NONE, COMMA, STRONG = 0, 1, 2
"""How strongly a token is separated from the one before it."""

LONGEST_READ = 20_000
"""Characters that are read; Telegram's longest text is 4,096, a long voice message is about 6,000."""

_PIECE = re.compile(r"[^\W_]+|[^\w\s]|_|\n")
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SIGNS = {"&": "e", "+": "piu"}
_COMMAS = {",", "/"}
_JOINING = {"'", "’", "`", "´", "-", "@", "#", "*", '"', "“", "”", "«", "»", "€", "%", "_"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word.

    Attributes:
        norm: Lower case, without accents, spelled as in the vocabulary.
        start: Index of its first character in the message.
        end: Index after its last character.
        apart: `NONE`, `COMMA` or `STRONG`: what stands between it and the token before.
        raw: As written.
        number: Its value when it is a number, in digits or in words.
    """

    norm: str
    start: int
    end: int
    apart: int
    raw: str
    number: int | None = None


def clean(text: str) -> str:
    """The message in NFC, without control, zero-width and direction marks; at most `LONGEST_READ` long."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text[:LONGEST_READ]))


def normal(word: str) -> str:
    """Lower case, no accents, letters stretched for emphasis ("siiii") written once."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return _STRETCHED.sub(r"\1", bare)


def tokens_of(
    text: str, spell: Callable[[str], str] = lambda w: w, numbers: dict[str, int] | None = None
) -> tuple[Token, ...]:
    """Cut a cleaned message into tokens.

    Args:
        text: The message, as `clean` gives it.
        spell: The vocabulary's spelling of a normal form (abbreviations, typos).
        numbers: Number words of the language and their values.
    """
    found: list[Token] = []
    apart = STRONG
    for piece in _PIECE.finditer(text):
        raw = piece.group()
        if raw in _SIGNS:
            found.append(Token(_SIGNS[raw], piece.start(), piece.end(), apart, raw))
            apart = NONE
        elif raw[0].isalnum():
            norm = spell(normal(raw))
            found.append(Token(norm, piece.start(), piece.end(), apart, raw, _number(norm, numbers or {})))
            apart = NONE
        elif raw in _COMMAS:
            apart = max(apart, COMMA)
        elif raw == "-" and _spaced(text, piece.start()):
            apart = STRONG
        elif raw == "." and _inside_word(text, piece.start()):
            continue
        elif raw not in _JOINING:
            apart = STRONG
    return tuple(found)


def _number(norm: str, numbers: dict[str, int]) -> int | None:
    if norm.isascii() and norm.isdigit():
        return int(norm) if len(norm) <= 5 else None
    return numbers.get(norm)


def _spaced(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isspace()


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()


def quoted(text: str, tokens: Sequence[Token], first: int, last: int) -> str:
    """The person's own words from token `first` up to and without token `last`."""
    return text[tokens[first].start : tokens[last - 1].end]
