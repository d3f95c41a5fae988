from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.types import Alarm
from bot.understanding.alarms import AlarmDataError, AlarmEar
from bot.understanding.alarms.ear import _around
from bot.understanding.alarms.phrases import PhraseError, Spelling
from bot.understanding.alarms.rules import load_rules
from bot.understanding.meaning import LONGEST
from tests.understanding.places import NLU


class Certain:
    """A classifier that gives every piece the same chance of one alarm."""

    def __init__(self, alarm: Alarm, chance: float) -> None:
        self.chances = {alarm: chance}

    def probabilities(self, pieces: list[str], suspect: bool = False) -> list[dict[Alarm, float]]:
        return [self.chances for _ in pieces]


@pytest.fixture(scope="module")
def ear() -> AlarmEar:
    return AlarmEar(load_rules(NLU / "alarms"))


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        ("voglio morire", Alarm.AUTOLESIONE),
        ("nn vojo piu vivere", Alarm.AUTOLESIONE),
        ("un mio amico vuole farla finita", Alarm.AUTOLESIONE),
        ("mio marito mi picia e mi a dato i pugni", Alarm.VIOLENZA),
        ("mi anno minaciato di morte", Alarm.VIOLENZA),
        ("mi chiedono il pizzo", Alarm.USURA_ESTORSIONE),
        ("se non pago mi bruciano il negozio", Alarm.USURA_ESTORSIONE),
        ("domani viene l'ufficiale giudiziario", Alarm.INDEBITAMENTO),
        ("sono sommersa dai debiti", Alarm.INDEBITAMENTO),
        ("I want to kill myself", Alarm.AUTOLESIONE),
        ("my husband hits me", Alarm.VIOLENZA),
        ("me están extorsionando", Alarm.USURA_ESTORSIONE),
        ("زوجي يضربني كل يوم", Alarm.VIOLENZA),
        ("我不想活了", Alarm.AUTOLESIONE),
    ],
)
def test_rules_alone_hear_plain_danger(ear: AlarmEar, text: str, alarm: Alarm) -> None:
    assert ear.hear(text).alarm is alarm


@pytest.mark.parametrize(
    "text",
    [
        "sto morendo di caldo",
        "la concorrenza mi ammazza",
        "voglio farla finita con la carta",
        "le commissioni mi strozzano",
        "un lavoro da morire",
        "non voglio morire, voglio andare in pensione",
        "nessuno mi minaccia",
        "vendo pizzi e merletti",
        "non ho debiti",
        "al telegiornale parlavano di usura",
        "ho un bar in Isola e vorrei più clienti",
    ],
)
def test_figures_of_speech_negations_and_news_are_no_alarm(ear: AlarmEar, text: str) -> None:
    assert ear.hear(text, "it").alarm is None


def test_the_most_dangerous_of_several_leads(ear: AlarmEar) -> None:
    assert ear.hear("sono sommerso dai debiti e voglio morire").alarm is Alarm.AUTOLESIONE


def test_a_threat_for_money_is_extortion(ear: AlarmEar) -> None:
    assert ear.hear("devo pagare uno strozzino che mi minaccia", "it").alarm is Alarm.USURA_ESTORSIONE


def test_the_reason_names_the_rule_and_not_the_words(ear: AlarmEar) -> None:
    assert ear.hear("mi butto sotto un treno stasera").reason.startswith("autolesione: it/")


def test_a_classifier_in_doubt_asks_gently_and_a_sure_one_sounds_the_alarm() -> None:
    books = load_rules(NLU / "alarms")
    asks = AlarmEar(books, Certain(Alarm.AUTOLESIONE, 0.6)).hear("una frase qualsiasi")
    sounds = AlarmEar(books, Certain(Alarm.AUTOLESIONE, 0.99)).hear("una frase qualsiasi")
    assert (asks.alarm, asks.doubt) == (None, Alarm.AUTOLESIONE)
    assert (sounds.alarm, sounds.doubt) == (Alarm.AUTOLESIONE, None)


def test_a_figure_of_speech_needs_a_surer_classifier() -> None:
    books = load_rules(NLU / "alarms")
    assert AlarmEar(books, Certain(Alarm.AUTOLESIONE, 0.95)).hear("muoio di caldo", "it").alarm is None


@pytest.mark.parametrize(
    ("chance", "alarm", "doubt"),
    [(0.9, Alarm.AUTOLESIONE, None), (0.4, None, Alarm.AUTOLESIONE), (0.01, None, None)],
)
def test_a_rule_and_the_classifier_decide_together(
    chance: float, alarm: Alarm | None, doubt: Alarm | None
) -> None:
    books = load_rules(NLU / "alarms")
    verdict = AlarmEar(books, Certain(Alarm.AUTOLESIONE, chance)).hear("voglio morire", "it")
    assert (verdict.alarm, verdict.doubt) == (alarm, doubt)


def test_a_figure_of_speech_is_doubted_only_by_a_very_sure_classifier() -> None:
    books = load_rules(NLU / "alarms")
    heard = [
        AlarmEar(books, Certain(Alarm.USURA_ESTORSIONE, chance)).hear("le commissioni mi strozzano", "it")
        for chance in (0.7, 0.99)
    ]
    assert [(v.alarm, v.doubt) for v in heard] == [(None, None), (None, Alarm.USURA_ESTORSIONE)]


def test_a_wish_about_work_is_no_wish_to_die() -> None:
    """The answer of a car electrician to "what would you like": it was once taken for a wish to end under a car."""
    books = load_rules(NLU / "alarms")
    ear = AlarmEar(books, Certain(Alarm.AUTOLESIONE, 0.6))
    assert ear.hear("stare sotto una macchina e non davanti a un monitor", "it").doubt is None
    assert ear.hear("finire sotto una macchina, ecco che cosa vorrei", "it").doubt is Alarm.AUTOLESIONE


def test_a_threat_is_extortion_where_the_classifier_is_sure_that_it_is_about_money() -> None:
    books = load_rules(NLU / "alarms")
    verdict = AlarmEar(books, Certain(Alarm.USURA_ESTORSIONE, 0.97)).hear("mi minacciano", "it")
    assert verdict.alarm is Alarm.USURA_ESTORSIONE


def test_of_many_harmless_pieces_one_that_looks_odd_makes_no_doubt() -> None:
    books = load_rules(NLU / "alarms")
    odd, sure = (AlarmEar(books, Certain(Alarm.VIOLENZA, chance)) for chance in (0.5, 0.9))
    story = " ".join(
        f"Una frase del racconto, la numero {n}, lunga abbastanza da stare da sola." for n in range(6)
    )
    assert odd.hear("una frase sola", "it").doubt is Alarm.VIOLENZA
    assert odd.hear(story, "it").doubt is None
    assert sure.hear(story, "it").doubt is Alarm.VIOLENZA


def test_a_figure_of_speech_at_the_beginning_of_a_story_does_not_excuse_its_end() -> None:
    ear = AlarmEar(load_rules(NLU / "alarms"), Certain(Alarm.AUTOLESIONE, 0.8))
    story = "Le commissioni mi strozzano, ma questo lo sanno tutti quanti. E poi c'è una cosa che nessuno sa di me."
    assert ear.hear(story, "it").doubt is Alarm.AUTOLESIONE


class Attentive:
    """A classifier that knows the chance of a few pieces, and finds the others harmless."""

    def __init__(self, known: dict[str, float]) -> None:
        self.known, self.read = known, list[str]()

    def probabilities(self, pieces: list[str], suspect: bool = False) -> list[dict[Alarm, float]]:
        self.read += pieces
        return [{Alarm.AUTOLESIONE: self.known.get(piece, 0.01)} for piece in pieces]


ODD = "Mi è crollato il mondo e non sapevo più che cosa fare di me."
BEFORE = "Ho chiuso il negozio vecchio due anni fa, dopo trent'anni di lavoro, e per me è stata dura. " * 2
AFTER = "Poi ho trovato questo posto più piccolo, ormai ci rido sopra e ho più clienti di una volta. " * 2


def test_what_stands_around_the_worst_piece_of_a_message_weighs() -> None:
    books = load_rules(NLU / "alarms")
    text = f"{BEFORE}{ODD} {AFTER}".strip()
    calm = Attentive({ODD: 0.8})
    assert AlarmEar(books, calm).hear(text, "it").doubt is None
    assert calm.read[-1].count(ODD) == 1
    assert len(calm.read[-1]) > len(ODD), "the piece is read again with its neighbours"
    worried = Attentive({ODD: 0.8, calm.read[-1]: 0.8})
    assert AlarmEar(books, worried).hear(text, "it").doubt is Alarm.AUTOLESIONE


def test_the_neighbours_of_a_piece_are_no_more_than_is_read_at_once() -> None:
    read = [f"{n} {'parola ' * 20}".strip() for n in range(12)]
    around = _around(read, 11)
    assert around.endswith(read[11])
    assert len(around) <= LONGEST
    assert read[10] in around


def test_all_faults_of_a_rule_file_are_told_in_italian_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "it.yml").write_text(
        "alarms:\n  autolesione:\n    rules:\n      - name: a\n        when: [voglio (morire]\n      - when: [x]\n"
        "  fantasia:\n    rules: []\n",
        encoding="utf-8",
    )
    with pytest.raises(AlarmDataError) as caught:
        load_rules(tmp_path)
    text = str(caught.value)
    assert "parentesi" in text
    assert "«name» e «when»" in text
    assert "fantasia" in text
    assert text.count("it.yml:") == 3


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("picchi*", "mi picchiava", True),
        ("voglio [solo] morire", "voglio solo morire", True),
        ("voglio [solo] morire", "voglio morire", True),
        ("lui ... picchia", "lui ogni sera mi picchia", True),
        ("lui ... picchia", "lui dorme. Il sole picchia", False),
        ("(un|due) treno", "sotto un treno", True),
        ("pizzo", "una pizzoccherata", False),
    ],
)
def test_phrases_read_as_staff_write_them(phrase: str, text: str, found: bool) -> None:
    spelling = Spelling(sloppy=True)
    assert bool(spelling.compile([phrase], {}).search(spelling.read(text))) is found


def test_doubles_and_a_silent_h_do_not_count() -> None:
    spelling = Spelling(sloppy=True)
    assert spelling.compile(["hanno ammazzato"], {}).search(spelling.read("mi anno amazzato"))


def test_a_group_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(PhraseError, match="gruppo"):
        Spelling().compile(["<niente>"], {})
