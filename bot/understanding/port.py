"""The border of this room: one message in, one `Understood` out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.conversation.types import Understood

DOUBT = "dubbio"
"""What had been asked, where it was the gentle question that stands between a figure of speech and an alarm. Its answer
comes back as an act: `conferma` = the worrying reading, `rifiuto` = the calm one, `salta` = untold, `non_so` = unsure."""


SAFE = "sicuro"
"""What had been asked, where it was whether writing here is safe. The answer comes back as `Understood.safety`, and as an
act: `conferma` = nobody else reads, `rifiuto` = somebody may, `non_so` = not sure, or only for now."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message to understand.

    Attributes:
        text: What was written (or transcribed), unmasked, any length.
        asked: What the bot had just asked: a fact id, `consenso`, `riassunto`, `persona`, `riprendere`,
            `apertura`, `dubbio` (the gentle question, `DOUBT`), `sicuro` (whether writing here is safe, `SAFE`),
            or "" for nothing in particular.
        language: The language the person is known to use, as a hint; "" when unknown.
        own_number: True when a phone number in the text is to be taken as the person's own (they were asked
            how to reach them).
    """

    text: str
    asked: str = ""
    language: str = ""
    own_number: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a voice message says.

    Attributes:
        text: The words, unmasked; "" when there was no speech to be made out.
        language: ISO 639-1 code of the language they were written down in.
    """

    text: str
    language: str


class Ears(Protocol):
    """What the rest of the house knows of listening to voice messages."""

    async def listen(self, audio: bytes, languages: tuple[str, ...], seconds: float) -> Transcript | None:
        """The words of a recording (`languages`: the person's own first), or None when there are none in time."""
        ...


class Understanding(Protocol):
    """What the rest of the house knows of understanding."""

    async def understand(self, utterance: Utterance) -> Understood:
        """Understand one message; never raises for any text. `complete=False` when Rasa was away."""
        ...

    async def ready(self) -> bool:
        """True when Rasa answers."""
        ...
