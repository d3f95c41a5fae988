"""Forty ways to break a script: each is reported in Italian, at its file and line, and all at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.conversation import LiveLibrary, Problem, check_library
from bot.conversation.loader import Checked, Shelf

from .conftest import DIALOGUES

SHELF = Shelf()
"""Read once what every copy has in common."""

SCRIPT, SHARED, ALARMS = "it/primo-ascolto.yml", "it/shared.yml", "it/alarms.yml"


@dataclass(frozen=True)
class Fault:
    """A fault: in `file`, the first `old` becomes `new`; the problem stands at the line of `at` (in the new text)."""

    name: str
    file: str
    old: str
    new: str
    says: str
    at: str = ""


FAULTS = [
    Fault("unknown next step", SCRIPT, "next: com_e_andata", "next: come_andata", "il passo «come_andata» non c'è"),
    Fault("unknown opening", SCRIPT, "opening: cosa_succede", "opening: inizio", "il passo «inizio» non c'è"),
    Fault("misspelt key", SCRIPT, "max_questions: 6", "max_question: 7", "«max_question» non è una parola"),
    Fault("too many questions", SCRIPT, "max_questions: 6", "max_questions: 12", "al massimo 7"),
    Fault("unknown fact", SCRIPT, "listens_for: [come_sta]", "listens_for: [umore]", "«umore» non è un fatto"),
    Fault("unknown fact in a condition", SCRIPT, "when: {bisogno: sito}", "when: {bisogni: sito}",
          "«bisogni» non è un fatto della scheda; forse «bisogno»?"),
    Fault("unknown value", SCRIPT, "when: {bisogno: sito}", "when: {bisogno: sitto}", "«sitto» non è un valore"),
    Fault("unknown variable", SCRIPT, "simple: \"Piacere, {{ nome }}.\"", "simple: \"Piacere, {{ cognome }}.\"",
          "«cognome» non è un fatto"),
    Fault("unknown filter", SCRIPT, "{{ zona | dove | maiuscola }}, quindi", "{{ zona | dov | maiuscola }}, quindi",
          "il filtro «dov» non esiste"),
    Fault("open braces", SCRIPT, "Dunque {{ attivita | bottega }}.", "Dunque {{ attivita | bottega .", "{{ }}"),
    Fault("a command in a text", SCRIPT, "È un terreno nuovo, insomma.", "\"{% for x in y %}a{% endfor %}\"",
          "non ci sono comandi"),
    Fault("a call in a text", SCRIPT, "È un terreno nuovo, insomma.", "\"{{ nome.__class__ }}\"", "solo il nome di un fatto"),
    Fault("arithmetic in a text", SCRIPT, "È un terreno nuovo, insomma.", "\"{{ 'a' * 999999999 }}\"",
          "solo il nome di un fatto"),
    Fault("two questions in a step", SCRIPT, "- lei: E lei come la sta vivendo?", "- lei: Come va? E il negozio?",
          "più di una domanda"),
    Fault("a question in a reflection", SCRIPT, "Il tempo stringe.", "Il tempo stringe?", "qui non ci va una domanda"),
    Fault("advice before the summary", SCRIPT, "Il tempo stringe.", "Le consiglio di muoversi.", "è un consiglio"),
    Fault("an empty reflection", SCRIPT, "    complex: Il tempo stringe.", "    complex: Capisco.",
          "«capisco» da solo"),
    Fault("a feeling it does not have", SCRIPT, "Il tempo stringe.", "Mi dispiace tanto.", "non prova sentimenti"),
    Fault("a reflection for anybody", SCRIPT, "- when: {urgenza: adesso}\n    complex", "- complex",
          "andrebbe bene per chiunque", at="- complex: Il tempo"),
    Fault("an option list on an open fact", SCRIPT, "listens_for: [come_sta]",
          "listens_for: [come_sta]\n    buttons: come_sta", "un fatto aperto", at="buttons: come_sta"),
    Fault("a closed question for an open fact", SCRIPT, "listens_for: [come_sta]",
          "listens_for: [come_sta]\n    question: closed", "solo con una domanda aperta", at="question: closed\n    next"),
    Fault("no way to a person", SCRIPT, "listens_for: [come_sta]", "listens_for: [come_sta]\n    navigation: [salta]",
          "non si arriva a una persona", at="navigation"),
    Fault("unreachable step", SCRIPT, "  nome:\n    ask:", "  isola_deserta:\n    ask: Che cosa le manca?\n"
          "    listens_for: [ostacoli]\n    next: riassunto\n\n  nome:\n    ask:",
          "al passo «isola_deserta» non porta nessuna strada", at="isola_deserta:"),
    Fault("no way out", SCRIPT, "buttons: urgenza\n    next: riassunto", "buttons: urgenza\n    next: quando",
          "non si esce", at="  quando:"),
    Fault("roads without an end", SCRIPT, "        go: nome\n      - quando", "        go: nome",
          "manca la strada per tutti gli altri casi", at="      - when: {nome: unknown}"),
    Fault("was of a living step", SCRIPT, "listens_for: [come_sta]", "listens_for: [come_sta]\n    was: [bottega]",
          "è ancora un passo", at="was: [bottega]"),
    Fault("lei without tu", SCRIPT, "        tu: E tu come la stai vivendo?\n", "", "manca quella per il `tu`",
          at="- lei: E lei come la sta vivendo?"),
    Fault("the same key twice", SCRIPT, "title: Primo ascolto", "title: Primo ascolto\ntitle: Secondo",
          "«title» c'è già più sopra", at="title: Secondo"),
    Fault("a missing key", SCRIPT, "title: Primo ascolto\n", "", "manca `title:`", at="script: primo-ascolto"),
    Fault("another file's name", SCRIPT, "script: primo-ascolto", "script: secondo", "il file si chiama primo-ascolto"),
    Fault("a text that is a number", SCRIPT, "title: Primo ascolto", "title: 12", "ci vuole un testo"),
    Fault("a colon inside a sentence", SCRIPT, "complex: Il tempo stringe.",
          "complex: Ecco: il tempo: stringe.", "i due punti non sono ammessi"),
    Fault("quotes never closed", SCRIPT, "complex: Il tempo stringe.", "complex: \"Il tempo stringe.", "virgolette"),
    Fault("a tab", SCRIPT, "    complex: Il tempo stringe.", "\tcomplex: Il tempo stringe.", "tabulazione"),
    Fault("an alias", SCRIPT, "title: Primo ascolto", "title: &a Primo ascolto", "i rimandi YAML"),
    Fault("a tag", SCRIPT, "title: Primo ascolto", "title: !!python/object:os.system Primo", "le etichette YAML"),
    Fault("a shared line missing", SHARED, "  off_topic:", "  fuori:", "la frase «fuori» non serve a niente"),
    Fault("no person button", SHARED, "  person: Una persona (vedrà quello che scrivo)\n", "",
          "si arriva a una persona", at="buttons:"),
    Fault("a label too long", SHARED, "  skip: Salto questa", f"  skip: {'Salto ' * 20}", "troppo lunga"),
    Fault("an unsigned consent", SHARED, "  price:\n    approvato_da: null\n    text: ", "  price: ",
          "«price» va approvata", at="  price:"),
    Fault("signed without a date", SHARED, "  price:\n    approvato_da: null", "  price:\n    approvato_da: Anna",
          "manca la `data`", at="approvato_da: Anna"),
    Fault("an alarm missing", ALARMS, "  indebitamento:", "  debiti:", "«debiti» non è un allarme"),
    Fault("an unknown help line", ALARMS, "lines: [emergenze, telefono_amico]", "lines: [emergenze, telefono_amica]",
          "la linea di aiuto «telefono_amica» non c'è; forse «telefono_amico»?"),
    Fault("a help line at impossible hours", "helplines.yml", "opens: \"09:00\"", "opens: \"9\"", "un'ora"),
    Fault("hours the wrong way round", "hours.yml", "closes: \"18:00\"", "closes: \"08:00\"", "viene prima", at="days: [lun"),
    Fault("a fact missing", "facts.yml", "  truffa_in_corso:", "  truffa_ora:", "«truffa_ora» non è un fatto della scheda"),
    Fault("an exclusive value that is not one", "facts.yml", "exclusive: [nessuna]", "exclusive: [niente]",
          "«niente» non è un valore"),
]  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "dialogues"
    shutil.copytree(DIALOGUES, target)
    return target


def _break(root: Path, fault: Fault) -> int:
    """Break a file; the line at which the fault now stands."""
    path = root / fault.file
    text = path.read_text(encoding="utf-8")
    position = text.find(fault.old)
    assert position >= 0, f"nothing to break: {fault.old}"
    text = text[:position] + fault.new + text[position + len(fault.old) :]
    path.write_text(text, encoding="utf-8")
    needle = fault.at or fault.new
    return text[: text.index(needle)].count("\n") + 1


def _reported(checked: Checked, fault: Fault) -> list[Problem]:
    return [p for p in checked.errors if fault.says in p.message and p.file == f"dialogues/{fault.file}"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name.replace(" ", "_"))
def test_a_broken_script_is_reported_at_its_line(copy: Path, fault: Fault) -> None:
    line = _break(copy, fault)
    checked = check_library(copy, shelf=SHELF)
    found = _reported(checked, fault)
    assert found, "\n".join(map(str, checked.errors)) or "nothing was reported"
    assert line in {p.line for p in found}, (line, list(map(str, found)))
    assert checked.library is None


def test_there_are_at_least_forty_kinds_of_fault() -> None:
    assert len({f.name for f in FAULTS}) >= 40


def test_all_faults_are_reported_at_once(copy: Path) -> None:
    together = [f for f in FAULTS if f.name in {
        "unknown next step", "unknown variable", "two questions in a step", "advice before the summary",
        "an option list on an open fact", "unknown filter", "a label too long", "an unknown help line",
        "an exclusive value that is not one", "a shared line missing",
    }]  # fmt: skip
    for fault in together:
        _break(copy, fault)
    checked = check_library(copy)
    assert [f.name for f in together if not _reported(checked, f)] == []


def test_a_syntax_error_in_one_file_hides_nothing_in_another(copy: Path) -> None:
    _break(copy, next(f for f in FAULTS if f.name == "quotes never closed"))
    _break(copy, next(f for f in FAULTS if f.name == "a label too long"))
    files = {p.file for p in check_library(copy).errors}
    assert {f"dialogues/{SCRIPT}", f"dialogues/{SHARED}"} <= files


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x [1]\nb: [*x, *x]\n", "rimandi"),
        ("[" * 200, "livelli"),
        ("x: " + "y" * 600_000, "troppo grande"),
        ("- a\n" * 50_000, "troppe voci"),
        ("", "vuoto"),
        ("a: 1\n---\nb: 2\n", "un solo documento"),
        ("a: \x00", "carattere"),
        ("? [1, 2]\n: 3\n", "un nome semplice"),
        ("caffè: solo testo\n- e un elenco\n", "rientro"),
    ],
    ids=["bomb", "deep", "huge", "many", "empty", "two_documents", "null_byte", "complex_key", "mixed"],
)
def test_a_hostile_file_is_refused_with_a_reason(copy: Path, text: str, says: str) -> None:
    (copy / SCRIPT).write_text(text, encoding="utf-8")
    checked = check_library(copy, shelf=SHELF)
    assert any(says in p.message and p.file == f"dialogues/{SCRIPT}" for p in checked.errors), checked.errors


def test_bytes_that_are_no_text_are_refused(copy: Path) -> None:
    (copy / SCRIPT).write_bytes(b"script: caff\xe8\n")
    assert any("UTF-8" in p.message for p in check_library(copy).errors)


def test_a_step_that_disappears_needs_its_old_name(copy: Path) -> None:
    live = LiveLibrary(copy)
    path = copy / SCRIPT
    text = path.read_text(encoding="utf-8")
    renamed = text.replace("next: come_sta", "next: umore").replace(
        "  come_sta:\n    ask", "  umore:\n    ask"
    )
    path.write_text(renamed, encoding="utf-8")
    checked = live.reload()
    assert any("«come_sta» c'era e non c'è più" in p.message for p in checked.errors)
    assert "come_sta" in live.library.scripts["it"]["primo-ascolto"].steps, "the last good version goes on"
    path.write_text(
        renamed.replace("listens_for: [come_sta]", "listens_for: [come_sta]\n    was: come_sta"),
        encoding="utf-8",
    )
    assert live.reload().errors == ()
    assert "umore" in live.library.scripts["it"]["primo-ascolto"].steps


def test_twins_that_disagree_are_reported(copy: Path) -> None:
    (copy / "en").mkdir(exist_ok=True)
    text = (copy / SCRIPT).read_text(encoding="utf-8")
    (copy / "en" / "primo-ascolto.yml").write_text(
        text.replace("listens_for: [come_sta]", "listens_for: [ostacoli]").replace(
            "next: nome", "next: quando"
        ),
        encoding="utf-8",
    )
    messages = [str(p) for p in check_library(copy).errors]
    assert any("dialogues/en/primo-ascolto.yml" in m and "`listens_for` è diverso" in m for m in messages)


def test_unapproved_texts_warn_in_rehearsal_and_stop_production() -> None:
    rehearsal = check_library(DIALOGUES)
    production = check_library(DIALOGUES, production=True)
    assert rehearsal.library is not None
    assert any("manca chi l'ha approvato" in p.message for p in rehearsal.warnings)
    assert production.library is None
    assert any("manca chi l'ha approvato" in p.message for p in production.errors)
