from __future__ import annotations

import pytest

from bot.understanding.language import LanguageTeller, load_languages
from tests.understanding.places import NLU


@pytest.fixture(scope="module")
def teller() -> LanguageTeller:
    return load_languages(NLU / "languages")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("buongiorno, ho un bar", "it"),
        ("nn so", "it"),
        ("grazie mille", "it"),
        ("I have a shop near the station", "en"),
        ("thanks", "en"),
        ("quiero hablar con una persona", "es"),
        ("tengo una peluquería", "es"),
        ("أريد التحدث مع شخص", "ar"),
        ("我想找人", "zh"),
        ("我在米兰开 bar", "zh"),
        ("bonjour, je voudrais de l'aide", "fr"),
        ("bună ziua, am un magazin și vreau ajutor", "ro"),
    ],
)
def test_the_language_of_a_short_message_is_told(teller: LanguageTeller, text: str, language: str) -> None:
    assert teller.tell(text) == language


@pytest.mark.parametrize("text", ["", "🙂", "12345", "ok", "Zxqw", "!!!"])
def test_what_has_no_language_gets_none(teller: LanguageTeller, text: str) -> None:
    assert teller.tell(text) == ""


def test_the_known_language_decides_where_the_text_leaves_it_open(teller: LanguageTeller) -> None:
    assert teller.tell("hotel", "es") in ("", "es")
