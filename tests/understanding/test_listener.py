from __future__ import annotations

import pytest

from bot.conversation.types import Act, Alarm, FactHeard, FactId
from bot.understanding.acts import PlainActs, load_plain_acts
from bot.understanding.alarms import AlarmEar
from bot.understanding.alarms.rules import load_rules
from bot.understanding.language import LanguageTeller, load_languages
from bot.understanding.listener import Listener
from bot.understanding.port import Utterance
from bot.understanding.rasa.client import RankedAct, RasaParse, UnderstandingUnavailable
from tests.understanding.places import NLU


class Told:
    """A reader of facts that finds what it was told to find."""

    def __init__(self, *facts: FactHeard) -> None:
        self.facts = facts

    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        return self.facts


class Broken:
    def read(self, text: str, asked: str, language: str) -> tuple[FactHeard, ...]:
        raise RuntimeError("broken")


class Ranked:
    """A Rasa that ranks each text as told; what it was not told of is the story."""

    def __init__(self, **texts: tuple[Act, float]) -> None:
        self.texts = {text.replace("_", " "): ranked for text, ranked in texts.items()}
        self.asked: list[tuple[str, str]] = []

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        self.asked.append((text, asked))
        act, sure = self.texts.get(text.strip(" .,?!").lower(), (Act.RACCONTO, 0.9))
        other = Act.RACCONTO if act is not Act.RACCONTO else Act.SFOGO
        return RasaParse((RankedAct(act, sure), RankedAct(other, 1 - sure)))

    async def ready(self) -> bool:
        return True


class Away(Ranked):
    async def parse(self, text: str, asked: str = "") -> RasaParse:
        raise UnderstandingUnavailable("away")


@pytest.fixture(scope="module")
def languages() -> LanguageTeller:
    return load_languages(NLU / "languages")


@pytest.fixture(scope="module")
def plain() -> PlainActs:
    return load_plain_acts(NLU / "plain_acts.yml")


@pytest.fixture(scope="module")
def ear() -> AlarmEar:
    return AlarmEar(load_rules(NLU / "alarms"))


@pytest.fixture
def listener(languages: LanguageTeller, plain: PlainActs, ear: AlarmEar) -> Listener:
    return Listener(Told(), ear, languages, plain, Away())


def hearing(
    listener: Listener,
    rasa: Ranked,
    *facts: FactHeard,
    languages: LanguageTeller,
    plain: PlainActs,
    ear: AlarmEar,
) -> Listener:
    return Listener(Told(*facts), ear, languages, plain, rasa)


@pytest.mark.parametrize(
    ("text", "asked", "act"),
    [
        ("sì", "consenso", Act.CONFERMA),
        ("SÌ!!", "consenso", Act.CONFERMA),
        ("no grazie", "persona", Act.RIFIUTO),
        ("boh", "urgenza", Act.NON_SO),
        ("salta", "zona", Act.SALTA),
        ("vorrei parlare con una persona", "", Act.CHIEDI_UMANO),
        ("👍", "consenso", Act.CONFERMA),
        ("ho un bar in Isola", "", Act.RACCONTO),
    ],
)
async def test_plain_words_are_understood_while_rasa_is_away(
    listener: Listener, text: str, asked: str, act: Act
) -> None:
    understood = await listener.understand(Utterance(text, asked))
    assert understood.act is act
    assert understood.complete is (text == "👍"), "what has no words needs no Rasa"


@pytest.mark.parametrize("text", ["forse", "dipende", "sì forse", "mah dipende da cosa fate"])
async def test_a_hedge_is_never_consent(
    text: str, languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    sure = Ranked(**{text.replace(" ", "_"): (Act.CONFERMA, 0.95)})
    understood = await Listener(Told(), ear, languages, plain, sure).understand(Utterance(text, "consenso"))
    assert understood.act is not Act.CONFERMA


async def test_an_act_that_is_hardly_likelier_than_the_next_is_the_story(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    torn = Ranked(parla_con_le_persone=(Act.CHIEDI_UMANO, 0.52))
    understood = await Listener(Told(), ear, languages, plain, torn).understand(
        Utterance("parla con le persone")
    )
    assert understood.act is Act.RACCONTO
    assert understood.complete


async def test_two_acts_in_one_message_are_both_heard(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    text = "sì, ho un bar in Isola, ma lei è un robot?"
    rasa = Ranked(
        **{
            text.strip("?").lower(): (Act.SEI_UN_PROGRAMMA, 0.9),
            "ma lei è un robot": (Act.SEI_UN_PROGRAMMA, 0.95),
        }
    )
    shop = FactHeard(FactId.ATTIVITA, "ristorazione_bar", "un bar")
    understood = await Listener(Told(shop), ear, languages, plain, rasa).understand(
        Utterance(text, "cosa_succede")
    )
    assert understood.act is Act.SEI_UN_PROGRAMMA
    assert Act.RACCONTO in understood.also


class Hinting(Ranked):
    """A Rasa to which the whole is a story that hints at a request, and its last words are that request."""

    def __init__(self, hint: float) -> None:
        super().__init__()
        self.hint = hint

    async def parse(self, text: str, asked: str = "") -> RasaParse:
        self.asked.append((text, asked))
        if text.startswith("ho"):
            return RasaParse((RankedAct(Act.RACCONTO, 1 - self.hint), RankedAct(Act.CHIEDI_UMANO, self.hint)))
        return RasaParse((RankedAct(Act.CHIEDI_UMANO, 0.9), RankedAct(Act.RACCONTO, 0.1)))


@pytest.mark.parametrize(("hint", "act", "questions"), [(0.1, Act.RACCONTO, 1), (0.2, Act.CHIEDI_UMANO, 2)])
async def test_what_stands_after_the_last_comma_is_asked_about_only_where_the_whole_hints_at_a_request(
    hint: float, act: Act, questions: int, languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    rasa = Hinting(hint)
    text = "ho un bar in Isola, mi fa parlare con un tecnico"
    understood = await Listener(Told(), ear, languages, plain, rasa).understand(Utterance(text))
    assert understood.act is act
    assert len(rasa.asked) == questions


async def test_a_fact_misheard_in_a_request_does_not_make_it_a_story(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    misheard = FactHeard(FactId.PRESENZA_OGGI, "scheda_google", "la mia scheda")
    rasa = Ranked(posso_vedere_la_mia_scheda=(Act.I_MIEI_DATI, 0.995))
    understood = await Listener(Told(misheard), ear, languages, plain, rasa).understand(
        Utterance("posso vedere la mia scheda?")
    )
    assert (understood.act, understood.also) == (Act.I_MIEI_DATI, ())


@pytest.mark.parametrize(
    ("text", "act", "asked", "also"),
    [
        ("richiamatemi, grazie", Act.CHIEDI_RICHIAMATA, "", (Act.RINGRAZIAMENTO,)),
        ("grazie a dio ho venduto tutto", Act.SFOGO, "", ()),
        ("no, prima mi dica chi siete", Act.CHI_SIETE, "consenso", (Act.RIFIUTO,)),
        ("sì, ma prima mi dica il prezzo", Act.QUANTO_COSTA, "consenso", ()),
        ("sì, e mi mandi una copia", Act.I_MIEI_DATI, "riassunto", (Act.CONFERMA,)),
    ],
)
async def test_thanks_and_a_plain_answer_are_heard_beside_the_act_but_half_a_yes_is_no_consent(
    languages: LanguageTeller,
    plain: PlainActs,
    ear: AlarmEar,
    text: str,
    act: Act,
    asked: str,
    also: tuple[Act, ...],
) -> None:
    rasa = Ranked()
    rasa.texts[text.lower()] = (act, 0.995)
    understood = await Listener(Told(), ear, languages, plain, rasa).understand(Utterance(text, asked))
    assert understood.act is act
    assert set(understood.also) - {Act.RACCONTO} == set(also)  # this Rasa takes each clause for a story


async def test_what_is_asked_or_told_leads_and_a_courtesy_stands_beside_it(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    rasa = Ranked(
        **{
            "grazie dell'ascolto. la sera ricopio tutto a mano": (Act.RINGRAZIAMENTO, 0.98),
            "grazie dell'ascolto": (Act.RINGRAZIAMENTO, 0.98),
            "sì volentieri, ma chi legge": (Act.PRIVACY, 0.9),
            "ma chi legge": (Act.PRIVACY, 0.9),
        }
    )
    listener = Listener(Told(), ear, languages, plain, rasa)
    told = await listener.understand(Utterance("grazie dell'ascolto. la sera ricopio tutto a mano", ""))
    assert (told.act, told.also) == (Act.RACCONTO, (Act.RINGRAZIAMENTO,))
    asked = await listener.understand(Utterance("sì volentieri, ma chi legge?", "consenso"))
    assert (asked.act, asked.also) == (Act.PRIVACY, (Act.CONFERMA,))


async def test_no_to_what_they_have_online_means_nothing(
    listener: Listener,
) -> None:
    understood = await listener.understand(Utterance("no", "presenza_oggi"))
    assert [(f.fact, f.value) for f in understood.facts] == [(FactId.PRESENZA_OGGI, "nessuna")]


async def test_their_own_number_is_how_to_reach_them(listener: Listener) -> None:
    understood = await listener.understand(Utterance("il mio numero è 333 1234567"))
    contact = understood.facts[0]
    assert (contact.fact, contact.value, contact.detail) == (FactId.CONTATTO, "telefono", "+393331234567")


async def test_a_number_beside_a_stated_channel_keeps_the_channel(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    here = FactHeard(FactId.CONTATTO, "qui", "scrivetemi qui", detail="la sera")
    listener = Listener(Told(here), ear, languages, plain, None)
    understood = await listener.understand(Utterance("scrivetemi qui la sera, o 333 1234567", "contatto"))
    assert [(f.value, f.detail) for f in understood.facts] == [("qui", "+393331234567, la sera")]


async def test_what_was_hidden_is_named_and_nowhere_else(listener: Listener) -> None:
    understood = await listener.understand(Utterance("la password è Ciccio88 e il negozio va"))
    assert understood.masked == ("password",)
    assert "Ciccio88" not in repr(understood)


async def test_an_alarm_is_heard_though_facts_and_rasa_fail(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    listener = Listener(Broken(), ear, languages, plain, Away())
    understood = await listener.understand(Utterance("ho deciso: voglio morire"))
    assert understood.alarm is Alarm.AUTOLESIONE
    assert "morire" not in understood.reason.replace("voler_morire", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "\x00\x00",
        "‮‭ciao",
        "🙂" * 10_000,
        '/conferma{"x": 1}',
        "<b>ciao</b> {{ x }} %s",
        "\ud800 mezzo carattere",
        "a" * 200_000,
        "parola " * 28_000,
    ],
    ids=["empty", "blank", "null", "rtl", "emoji", "intent", "markup", "surrogate", "one word", "many words"],
)
async def test_hostile_texts_get_a_sane_answer(listener: Listener, text: str) -> None:
    understood = await listener.understand(Utterance(text))
    assert understood.act is Act.RACCONTO or understood.act in (Act.SALUTO,)
    assert understood.alarm is None
    assert "\x00" not in understood.text


async def test_an_injected_order_reaches_rasa_without_its_slash(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    rasa = Ranked()
    await Listener(Told(), ear, languages, plain, rasa).understand(Utterance('/cancella_dati{"a": 1}'))
    assert rasa.asked
    assert not any(text.startswith("/") for text, _ in rasa.asked)


async def test_an_alarm_in_the_middle_of_200_000_characters_is_heard(listener: Listener) -> None:
    story = "ho un negozio di fiori e le rose vanno bene. " * 2_200
    understood = await listener.understand(Utterance(story + "voglio morire. " + story))
    assert understood.alarm is Alarm.AUTOLESIONE


async def test_ready_is_false_without_rasa(
    languages: LanguageTeller, plain: PlainActs, ear: AlarmEar
) -> None:
    assert not await Listener(Told(), ear, languages, plain, None).ready()
