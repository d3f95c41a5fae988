"""Every language says the same things: nothing missing, nothing left in Italian, the same numbers, buttons that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.conversation import Library, load_library, vocabulary
from bot.conversation.library import phrases, unwrapped, variants
from bot.conversation.mirror import ClauseMirror
from bot.conversation.script import Approved, Text, Variant
from bot.conversation.texts import MAX_LABEL_BYTES
from bot.conversation.types import Act, Alarm, Heard, Said, Started
from bot.telegram.menu import load_menu
from tests.conversation.talking import Talk, understood

DIALOGUES = Path(__file__).parents[2] / "dialogues"
OTHERS = ("en", "es", "ar", "zh")
PROPER = re.compile(
    r"SPIN|Confcommercio Milano|Digital Angels?|Telegram|Google|Telefono Amico|Fondazione San Bernardino|RiEmergo|"
    r"Camera di Commercio di Milano|piazza Borromeo|WhatsApp|Instagram|Facebook|TikTok|IBAN|Isola|"
    r"/(?:imieidati|cancella|persona|pausa|basta|lingua)"
)
ITALIAN = re.compile(
    r"\b(?:il|lo|gli|della|delle|che|non|una|sono|può|vuole|più|è|questo|qui|grazie|adesso|buon(?:giorno|asera)|"
    r"risponde|alle|fino|oggi|domani|negozio|persona)\b",
    re.IGNORECASE,
)
SPANISH_TOO = {"persona", "una", "che", "lo"}
"""Words that the two languages share."""

STORIES = {
    "en": ("I have a bakery in Isola and nobody finds us", "an agency took the money", "I am tired"),
    "es": (
        "Tengo una panadería en Isola y nadie nos encuentra",
        "una agencia se llevó el dinero",
        "tengo cansancio",
    ),
    "ar": ("عندي مخبز في إيزولا ولا أحد يجدنا", "أخذت وكالة المال", "أنا متعب"),
    "zh": ("我在Isola开了一家面包店,没人找得到", "一家公司把钱拿走了", "我很累"),
}


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(DIALOGUES, mirror=ClauseMirror())


class Abroad(Talk):
    """A person whose telephone, and whose words, are in another language."""

    def __init__(self, library: Library, language: str, **moment: object) -> None:
        super().__init__(library, **moment)
        self.language = language
        self.read: list[str] = []

    def happen(self, event: object, **moment: object) -> Abroad:
        super().happen(event, **moment)  # type: ignore[arg-type]
        self.read += [*(s.text for s in self.says), *(b.label for b in self.buttons)]
        return self

    def start(self) -> Abroad:
        return self.happen(Started("Grace", f"{self.language}-XX"))

    def say(self, text: str, act: Act = Act.RACCONTO, **what: object) -> Abroad:
        heard = replace(understood(text, act, **what), language=self.language)  # type: ignore[arg-type]
        return self.happen(Said((Heard(self.ref + 100, heard),)))


def whole_conversation(library: Library, language: str) -> Abroad:
    talk = Abroad(library, language)
    story, past, mood = STORIES[language]
    talk.start().tap("privacy").tap("ascolto:si")
    talk.say(story, attivita="alimentari", zona="Isola", bisogno="farsi_trovare", cosa_succede=story)
    talk.say(past, esperienze_passate="delusione", presenza_oggi=["instagram", "sito"], persone="solo")
    talk.say(mood, come_sta="stanco")
    talk.say("?", Act.RIPETI).say("...", Act.FUORI_TEMA).say("...", Act.QUANTO_COSTA).say("...", Act.AIUTO)
    talk.order("pausa").tap("promemoria:si").wait(days=2).order("start").order("basta")
    talk.tap("riassunto:correggo").tap("correggi:persone").tap("correggi:persone:2-5").tap("riassunto:si")
    talk.tap("condivido:si").tap("contatto:telefono").tap("contatto:qui").tap("indicazione:si")
    talk.bring("photo").say("...", Act.SEI_UN_PROGRAMMA, masked=("carta", "iban")).order("lingua").order(
        "imieidati"
    )
    return talk.order("cancella").tap("cancella:si")


def alarmed(library: Library, language: str, alarm: Alarm, **moment: object) -> Abroad:
    talk = Abroad(library, language, **moment)
    talk.start().say("...", alarm=alarm)
    talk.say("...", Act.CONFERMA).say("...", Act.SFOGO).tap("persona").tap("numeri")
    talk.say("...", Act.RIFIUTO).tap("tracce")
    return talk


def everything(library: Library, language: str) -> list[str]:
    read = list(whole_conversation(library, language).read)
    for alarm in Alarm:
        read += alarmed(library, language, alarm).read
        read += alarmed(library, language, alarm, on_call=False, desk_open=False).read
    return read


def texts(library: Library, language: str) -> Iterator[tuple[str, Text]]:
    for name, line in library.shared[language].lines.items():
        yield name, unwrapped(line)
    for alarm, talk in library.alarms[language].alarms.items():
        for key in ("first", "direct", "safe", "yes", "no", "stay", "doubt", "doubt_no", "back"):
            if getattr(talk, key) is not None:
                yield f"{alarm.value}/{key}", getattr(talk, key)
    script = library.scripts[language]["primo-ascolto"]
    for name, step in script.steps.items():
        yield f"steps/{name}", step.ask
    for reflection in script.reflections:
        if reflection.simple is not None or reflection.complex is not None:
            yield "reflections", reflection.simple or reflection.complex or ""
    for part in (*script.affirmations, *script.summary.parts, *script.pointers):
        yield "lines", part.text


def written(library: Library, language: str) -> Iterator[tuple[str, str]]:
    for name, text in texts(library, language):
        for variant in variants(text):
            for _keys, words in phrases(variant):
                yield name, words


@pytest.mark.parametrize("language", OTHERS)
def test_every_line_button_word_and_alarm_exists(library: Library, language: str) -> None:
    shared, home = library.shared[language], library.shared["it"]
    assert set(vocabulary.LINES) <= set(shared.lines)
    assert set(shared.buttons) >= vocabulary.BUTTONS
    assert set(shared.words) >= vocabulary.WORDS
    assert set(library.alarms[language].alarms) == set(Alarm)
    assert set(library.alarms[language].lines) >= vocabulary.ALARM_LINES
    assert set(home.lines) == set(shared.lines)
    assert "primo-ascolto" in library.scripts[language]


@pytest.mark.parametrize("language", OTHERS)
def test_what_must_be_signed_waits_for_a_signature(library: Library, language: str) -> None:
    for name in vocabulary.APPROVED_LINES:
        assert isinstance(library.shared[language].lines[name], Approved), name


@pytest.mark.parametrize("language", OTHERS)
def test_every_fact_and_value_has_a_name(library: Library, language: str) -> None:
    for fact, definition in library.book.facts.items():
        assert definition.label.get(language), fact
        for value, words in definition.values.items():
            assert words.label.get(language), f"{fact.value}: {value}"
            assert not words.spoken or words.spoken.get(language), f"{fact.value}: {value}, spoken"
            assert not words.button or words.button.get(language), f"{fact.value}: {value}, button"


@pytest.mark.parametrize("language", OTHERS)
def test_every_question_can_be_asked_in_other_words(library: Library, language: str) -> None:
    twin, home = library.scripts[language]["primo-ascolto"], library.scripts["it"]["primo-ascolto"]
    assert list(twin.steps) == list(home.steps)
    asked = min(len(variants(step.ask)) for step in twin.steps.values())
    assert asked >= 2, "a question must be askable in other words"


@pytest.mark.parametrize("language", OTHERS)
def test_alarms_give_the_same_lines_in_the_same_order(library: Library, language: str) -> None:
    for alarm, talk in library.alarms[language].alarms.items():
        assert talk.lines == library.alarms["it"].alarms[alarm].lines
        assert (talk.safe is None) == (library.alarms["it"].alarms[alarm].safe is None)
        assert (talk.direct is None) == (library.alarms["it"].alarms[alarm].direct is None)


@pytest.mark.parametrize("alarm", list(Alarm))
def test_the_numbers_read_are_the_same_in_every_language(library: Library, alarm: Alarm) -> None:
    def numbers(language: str) -> set[str]:
        read = " ".join(alarmed(library, language, alarm).read)
        return {n for line in library.helplines.lines.values() if (n := line.number) and n in read}

    home = numbers("it")
    assert "112" in home
    for language in OTHERS:
        assert numbers(language) == home, language


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_names_a_number_that_is_not_a_help_line(library: Library, language: str) -> None:
    known = {re.sub(r"\D", "", line.number) for line in library.helplines.lines.values()} | {"1", "5"}
    for name, words in written(library, language):
        assert set(re.findall(r"\d+", words)) <= known, f"{name}: {words}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_telephone_in_this_language_is_greeted_in_it(library: Library, language: str) -> None:
    talk = Abroad(library, language).start()
    assert talk.state.language == language
    assert talk.text.startswith(library.shared[language].lines["greeting_morning"])  # type: ignore[arg-type]


@pytest.mark.parametrize("language", OTHERS)
def test_somebody_who_writes_in_this_language_is_followed(library: Library, language: str) -> None:
    talk = Abroad(library, language)
    talk.happen(Started("Carla", "it")).tap("ascolto:si").say(STORIES[language][0], attivita="alimentari")
    assert talk.state.language == language
    assert not ITALIAN.search(PROPER.sub("", talk.text)) or language == "es"


def test_every_language_is_offered_by_its_own_name(library: Library) -> None:
    talk = Talk(library).agree().order("lingua")
    labels = [b.label for b in talk.buttons]
    assert {"Italiano", "English", "Español", "العربية", "中文"} <= set(labels)
    assert talk.tap("lingua:ar").state.language == "ar"


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_italian_is_read_in_a_conversation(library: Library, language: str) -> None:
    for text in everything(library, language):
        found = {
            w.lower() for w in ITALIAN.findall(PROPER.sub("", re.sub("Italiano|[Ii]taliano fácil", "", text)))
        }
        assert not found - (SPANISH_TOO if language == "es" else set()), text


@pytest.mark.parametrize(("language", "script"), [("ar", r"[\u0600-\u06ff]"), ("zh", r"[\u4e00-\u9fff]")])
def test_no_sentence_is_in_latin_letters_only(library: Library, language: str, script: str) -> None:
    offered = {str(shared.words["language_name"]) for shared in library.shared.values()}
    for text in everything(library, language):
        for sentence in re.split(r"[.!?؟。？！\n]+", text):
            plain = PROPER.sub("", sentence)
            latin = re.search(r"[A-Za-z]{2,}", plain)
            assert text in offered or not latin or re.search(script, plain), f"{sentence!r} in {text!r}"


def test_a_telephone_number_keeps_its_order_in_arabic(library: Library) -> None:
    talk = Abroad(library, "ar").start()
    assert f"\u2066{library.desk.phone}\u2069" in talk.text
    read = "\n".join(alarmed(library, "ar", Alarm.AUTOLESIONE).read)
    assert "\u206602 2327 2327\u2069" in read
    assert "\u2066" not in "\n".join(alarmed(library, "it", Alarm.AUTOLESIONE).read)


@pytest.mark.parametrize("language", ["it", *OTHERS])
def test_buttons_fit_a_telephone(library: Library, language: str) -> None:
    for phrase in library.shared[language].buttons.values():
        for _keys, label in phrases(phrase if isinstance(phrase, Variant) else Variant(text=phrase)):
            assert len(label.encode()) <= MAX_LABEL_BYTES, label
    for definition in library.book.facts.values():
        for names in (definition.label, *(v.button or v.label for v in definition.values.values())):
            assert len(names[language].encode()) <= MAX_LABEL_BYTES, names[language]


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_returns_within_a_conversation(library: Library, language: str) -> None:
    talk = Abroad(library, language).start()
    talk.tap("ascolto:si")
    said: list[str] = []
    for number, story in enumerate(STORIES[language] * 2):
        talk.say(f"{story} {number}", cosa_succede=f"{story} {number}")
        said += [part.text for say in talk.says for part in say.spoken]
    assert len(said) == len(set(said)), said


def test_english_gives_back_the_words_of_the_person(library: Library) -> None:
    talk = Abroad(library, "en").start().tap("ascolto:si")
    talk.say("I run a bakery in Isola", attivita="alimentari", zona="Isola")  # type: ignore[attr-defined]
    assert "a bakery" in talk.text
    assert "food shop" not in talk.text


@pytest.mark.parametrize("language", OTHERS)
def test_the_menu_and_the_profile_are_in_this_language(language: str) -> None:
    menu, _digest = load_menu(DIALOGUES / "menu.yml")
    assert set(menu.private[language]) == set(menu.private["it"])
    assert language in menu.profile
