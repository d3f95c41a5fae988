"""Money given for something that never came is given back as the bare fact."""

from __future__ import annotations

import pytest

from bot.conversation import Library
from bot.conversation.paid import paid_for

from .talking import Talk


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("un ragazzo ci ha fatto il sito per 2400 euro e poi è sparito", "Avete pagato 2400 euro per un sito, e poi non si è visto più nessuno."),
        ("ho pagato 1800 euro x un sito mai visto", "Ha pagato 1800 euro per un sito che non ha mai visto."),
        ("un'agenzia mi ha preso 3000 euro e il sito non è mai partito", "Ha pagato 3000 euro per un sito che non è mai partito."),
        ("mille euro per una pagina mai finita, come una scema", "Ha pagato mille euro per una pagina che non è mai stata finita."),
        ("il sito costa 30 euro al mese e non è mai partito", ""),
        ("ho speso 500 euro in pubblicità", ""),
        ("il sito è sparito", ""),
    ],
)  # fmt: skip
def test_the_fact_without_the_blame(text: str, said: str) -> None:
    assert paid_for(text, "it") == said


def test_in_tu_and_in_english() -> None:
    assert paid_for("ho dato 700 euro per un'app mai vista", "it", polite=False) == (
        "Hai pagato 700 euro per un'app che non hai mai visto."
    )
    assert paid_for("I paid 400 pounds for a website that never worked", "en") == (
        "You paid 400 pounds for a website that never came."
    )
    assert paid_for("he took £900 for the site and vanished", "en") == (
        "You paid £900 for a website, and whoever made it was gone."
    )


def test_it_comes_before_any_other_reflection(library: Library) -> None:
    talk = Talk(library).agree()
    talk.say(
        "ho una panetteria, apro alle 4. un ragazzo mi ha fatto il sito per 2400 euro e poi è sparito, come una scema",
        attivita="alimentari", esperienze_passate="truffa",
    )  # fmt: skip
    assert talk.text.startswith("Ha pagato 2400 euro per un sito, e poi non si è visto più nessuno.")
    assert "scema" not in talk.text
