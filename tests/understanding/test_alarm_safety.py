"""After violence and extortion it is asked whether writing here is safe: the answer is read by its own few phrases."""

from __future__ import annotations

import pytest

from bot.conversation.types import Act, Safety
from bot.understanding.acts import load_plain_acts
from bot.understanding.alarms import AlarmEar, load_safety
from bot.understanding.alarms.rules import load_rules
from bot.understanding.language import load_languages
from bot.understanding.listener import Listener
from bot.understanding.port import SAFE, Utterance
from tests.understanding.places import NLU
from tests.understanding.test_listener import Told


@pytest.fixture(scope="module")
def ear() -> AlarmEar:
    books = load_rules(NLU / "alarms")
    return AlarmEar(books, safety=load_safety(NLU / "alarms", books))


@pytest.mark.parametrize(
    ("text", "language", "safety"),
    [
        ("no qui nn e sicuro, lui guarda il telefono", "it", Safety.UNSAFE),
        ("no, qui non è sicuro", "it", Safety.UNSAFE),
        ("lui guarda il telefono", "it", Safety.UNSAFE),
        ("mi controlla il cellulare", "it", Safety.UNSAFE),
        ("mio marito legge tutto", "it", Safety.UNSAFE),
        ("è qui vicino", "it", Safety.UNSAFE),
        ("non posso scrivere", "it", Safety.UNSAFE),
        ("sì ma mi controlla il telefono", "it", Safety.UNSAFE),
        ("no", "it", Safety.UNSAFE),
        ("purtroppo no", "it", Safety.UNSAFE),
        ("sì qui posso", "it", Safety.SAFE),
        ("sì", "it", Safety.SAFE),
        ("sì, sono sola", "it", Safety.SAFE),
        ("no no, nessuno legge", "it", Safety.SAFE),
        ("nessuno mi controlla il telefono", "it", Safety.SAFE),
        ("non mi controlla il telefono, tranquillo", "it", Safety.SAFE),
        ("adesso sì, tra poco no", "it", Safety.UNSURE),
        ("ora posso ma tra poco torna", "it", Safety.UNSURE),
        ("non lo so", "it", Safety.UNSURE),
        ("dipende", "it", Safety.UNSURE),
        ("ho un bar in Isola", "it", Safety.UNKNOWN),
        ("no it's not safe here, he checks my phone", "en", Safety.UNSAFE),
        ("he reads everything", "en", Safety.UNSAFE),
        ("yes I can", "en", Safety.SAFE),
        ("nobody else reads it", "en", Safety.SAFE),
        ("now yes, but not later", "en", Safety.UNSURE),
        ("no, él mira mi móvil", "es", Safety.UNSAFE),
        ("sí, estoy sola", "es", Safety.SAFE),
        ("لا", "ar", Safety.UNSAFE),
        ("نعم", "ar", Safety.SAFE),
        ("他会看我的手机", "zh", Safety.UNSAFE),
        ("可以", "zh", Safety.SAFE),
    ],
)
def test_answers(ear: AlarmEar, text: str, language: str, safety: Safety) -> None:
    assert ear.safety(text, language, asked=True) is safety


@pytest.mark.parametrize(
    ("text", "safety"),
    [
        ("mio marito mi minaccia e mi controlla il telefono", Safety.UNSAFE),
        ("sì", Safety.UNKNOWN),
        ("no", Safety.UNKNOWN),
        ("nessuno guarda la mia pagina", Safety.UNKNOWN),
        ("sono sola in negozio", Safety.UNKNOWN),
    ],
)
def test_unasked_only_that_somebody_reads_is_believed(ear: AlarmEar, text: str, safety: Safety) -> None:
    assert ear.safety(text, "it", asked=False) is safety


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("no qui nn e sicuro, lui guarda il telefono", Act.RIFIUTO),
        ("sì qui posso", Act.CONFERMA),
        ("adesso sì, tra poco no", Act.NON_SO),
    ],
)
async def test_what_was_asked_decides_what_it_means(ear: AlarmEar, text: str, act: Act) -> None:
    listener = Listener(
        Told(), ear, load_languages(NLU / "languages"), load_plain_acts(NLU / "plain_acts.yml")
    )
    heard = await listener.understand(Utterance(text, SAFE, "it"))
    assert heard.act is act
    assert heard.safety is not Safety.UNKNOWN
    assert not {Act.PRIVACY, Act.CONFERMA, Act.RIFIUTO} & set(heard.also)
