"""What has no word in it is answered here: Rasa would give an empty text or a heart some act at 0.99."""

from __future__ import annotations

import re
import unicodedata

from bot.conversation.types import Act

_SIGNS: dict[str, Act] = {
    **dict.fromkeys("👍👌✅✔☑🆗💯", Act.CONFERMA),
    **dict.fromkeys("👎❌✖🚫🙅", Act.RIFIUTO),
    **dict.fromkeys("🙏❤💚💛🧡💙💜🤍🥰😘💐", Act.RINGRAZIAMENTO),
    **dict.fromkeys("👋", Act.SALUTO),
    **dict.fromkeys("👏⭐🌟", Act.COMPLIMENTO),
    **dict.fromkeys("🤷", Act.NON_SO),
    **dict.fromkeys("🖕💩🤬", Act.INSULTO),
    **dict.fromkeys("⏭⏩➡", Act.SALTA),
    **dict.fromkeys("⏮⏪⬅◀🔙↩", Act.INDIETRO),
    **dict.fromkeys("⏸⏳⌛", Act.PAUSA),
    **dict.fromkeys("🔁🔂", Act.RIPETI),
    **dict.fromkeys("🤖", Act.SEI_UN_PROGRAMMA),
    **dict.fromkeys("💶💰💸", Act.QUANTO_COSTA),
    **dict.fromkeys("☎📞", Act.CHIEDI_RICHIAMATA),
}
_ASKING = frozenset("?？؟❓")
"""Alone they ask to say it again; beside another sign they ask what that sign says ("🤖?")."""
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_WORD = re.compile(r"[^\W_]")


def visible(text: str) -> str:
    """The text without null bytes, direction marks, other invisible signs and halves of characters."""
    return _INVISIBLE.sub("", text.encode("utf-8", "ignore").decode("utf-8")).strip()


def has_words(text: str) -> bool:
    """True when there is at least one letter or digit, of any script (keycap emoji are digits too)."""
    return _WORD.search(text) is not None


def act_of_signs(text: str) -> tuple[Act, float]:
    """The act of a message made of signs alone, with how sure that is.

    Signs that say different things, or nothing that asks an answer, are part of the story, and not surely so.
    """
    signs = unicodedata.normalize("NFKC", text)
    meant = {_SIGNS[c] for c in signs if c in _SIGNS}
    if not meant and _ASKING & set(signs):
        meant = {Act.RIPETI}
    return (meant.pop(), 0.9) if len(meant) == 1 else (Act.RACCONTO, 0.3)
