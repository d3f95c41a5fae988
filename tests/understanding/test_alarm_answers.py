"""The gentle question is answered in a few words, which mean something only after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.types import Act, Alarm
from bot.understanding.acts import load_plain_acts
from bot.understanding.alarms import AlarmDataError, AlarmEar, Answer, load_answers
from bot.understanding.alarms.rules import load_rules
from bot.understanding.datacheck import nlu_problems
from bot.understanding.language import load_languages
from bot.understanding.listener import Listener
from bot.understanding.port import DOUBT, Utterance
from tests.understanding.places import NLU
from tests.understanding.test_listener import Told


@pytest.fixture(scope="module")
def ear() -> AlarmEar:
    books = load_rules(NLU / "alarms")
    return AlarmEar(books, answers=load_answers(NLU / "alarms", books))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sì, a volte", Answer.DANGER),
        ("sì", Answer.DANGER),
        ("eh sì purtroppo", Answer.DANGER),
        ("ogni tanto ci penso", Answer.DANGER),
        ("tutte e due", Answer.DANGER),
        ("la seconda", Answer.DANGER),
        ("è stanchezza, però certe notti ci penso", Answer.DANGER),
        ("no, è che ci penso davvero", Answer.DANGER),
        ("no no è solo stanchezza", Answer.CALM),
        ("sì, solo stanchezza", Answer.CALM),
        ("no", Answer.CALM),
        ("no, non ci penso", Answer.CALM),
        ("ma no, si figuri", Answer.CALM),
        ("la prima", Answer.CALM),
        ("preferisco non dirlo", Answer.UNTOLD),
        ("non lo so", Answer.UNSURE),
        ("boh", Answer.UNSURE),
        ("si riesce a gestire", None),
        ("ho un bar in Isola", None),
    ],
)
def test_italian_answers(ear: AlarmEar, text: str, answer: Answer | None) -> None:
    assert ear.answer(text, "it") is answer


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("yes, sometimes", "en", Answer.DANGER),
        ("just tired", "en", Answer.CALM),
        ("I'd rather not say", "en", Answer.UNTOLD),
        ("sí, a veces", "es", Answer.DANGER),
        ("no, solo cansancio", "es", Answer.CALM),
        ("أحيانا", "ar", Answer.DANGER),
        ("لا، فقط تعب", "ar", Answer.CALM),
        ("有时候会想", "zh", Answer.DANGER),
        ("没有，就是累", "zh", Answer.CALM),
        ("yes", "", Answer.DANGER),
    ],
)
def test_answers_in_the_other_languages(
    ear: AlarmEar, text: str, language: str, answer: Answer | None
) -> None:
    assert ear.answer(text, language) is answer


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("sì, a volte", Act.CONFERMA),
        ("no no è solo stanchezza", Act.RIFIUTO),
        ("preferisco non dirlo", Act.SALTA),
    ],
)
async def test_the_listener_reads_an_answer_with_what_was_asked(ear: AlarmEar, text: str, act: Act) -> None:
    listener = Listener(
        Told(), ear, load_languages(NLU / "languages"), load_plain_acts(NLU / "plain_acts.yml")
    )
    heard = await listener.understand(Utterance(text, DOUBT, "it"))
    assert heard.act is act
    assert heard.confidence >= 0.9


async def test_an_alarm_in_the_answer_is_still_an_alarm(ear: AlarmEar) -> None:
    listener = Listener(
        Told(), ear, load_languages(NLU / "languages"), load_plain_acts(NLU / "plain_acts.yml")
    )
    heard = await listener.understand(Utterance("no, è che voglio morire", DOUBT, "it"))
    assert heard.alarm is Alarm.AUTOLESIONE


def test_faults_of_the_answers_are_told_in_italian(tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text("it: {danger: [sì]}\nxx: {danger: [a]}\n", encoding="utf-8")
    with pytest.raises(AlarmDataError) as caught:
        load_answers(tmp_path, load_rules(NLU / "alarms"))
    assert "a «it» manca «calm»" in str(caught.value)
    assert "«xx» non ha un file di regole" in str(caught.value)


def test_check_reads_the_alarm_examples_and_answers(tmp_path: Path) -> None:
    folder = tmp_path / "nlu" / "alarms" / "examples"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text(
        "examples:\n- alarms: [fantasia]\n  examples: |\n    - a\n", encoding="utf-8"
    )
    for name in ("it.yml", "en.yml", "es.yml", "ar.yml", "zh.yml", "answers.yml", "safety.yml"):
        (folder.parent / name).write_text(
            (NLU / "alarms" / name).read_text(encoding="utf-8"), encoding="utf-8"
        )
    assert any("fantasia" in problem for problem in nlu_problems(tmp_path))
