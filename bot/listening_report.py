"""The table of `bot evaluate listening`: each measure with its bar, by language, and the worst talks to read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.conversation.coding import Code, humiliating, stems
from bot.conversation.coding.coder import QUESTIONS, REFLECTIONS
from bot.conversation.coding.truth import untold
from bot.conversation.state import Phase
from bot.conversation.types import NON_DETTO, FactId, How, SpeechAct
from bot.conversation.voice import fingerprint, opener, sentences, words_in

if TYPE_CHECKING:
    from bot.listening import Talk, Turn

OPEN_FACTS = frozenset({"nome", "cosa_succede", "come_sta", "esperienze_passate", "cosa_vorrebbe"})
_SAME = {
    SpeechAct.SIMPLE: REFLECTIONS, SpeechAct.COMPLEX: REFLECTIONS, SpeechAct.AFFIRMATION: {Code.AFFIRMATION}, SpeechAct.OPEN: {Code.OPEN},
    SpeechAct.CLOSED: {Code.CLOSED, Code.PERMISSION}, SpeechAct.PERMISSION: {Code.PERMISSION, Code.CLOSED}, SpeechAct.SUMMARY: {Code.SUMMARY},
}  # fmt: skip


_NOTICE = re.compile(r"program|برنامج|程序", re.IGNORECASE)
"""That a program is writing, in the five languages (`programma`, `programme`, `programa`, ...)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        name: In Italian.
        value: What was measured.
        bar: What it should be, as text.
        good: True when it is.
        interval: Wilson's 95 % interval, for shares.
        count: Out of how many.
    """

    name: str
    value: float
    bar: str
    good: bool
    interval: tuple[float, float] | None = None
    count: int = 0

    def line(self) -> str:
        """The row as text."""
        shown = (
            f"{self.value:.2f}" if self.value == int(self.value) or self.value > 1 else f"{self.value:.3f}"
        )
        span = f"[{self.interval[0]:.2f}-{self.interval[1]:.2f}]" if self.interval else ""
        return (
            f"{'  ' if self.good else '! '}{self.name:<58}{shown:>8} {span:>13} n={self.count:<5} {self.bar}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What `evaluate_listening` found.

    Attributes:
        tables: Measures by language.
        worst: Conversations to read, the worst first, with what is wrong.
        disagreements: Where the script's tag and the coding differ.
        untrue: Reflections that say what was not told.
        missed: Facts told that did not reach the sheet, and others that were never told.
    """

    tables: dict[str, tuple[Measure, ...]]
    worst: tuple[tuple[str, str], ...]
    disagreements: tuple[str, ...]
    untrue: tuple[str, ...]
    missed: tuple[str, ...]
    talks: tuple[Talk, ...] = field(default=(), repr=False)

    def text(self) -> str:
        """Everything, to read."""
        lines: list[str] = []
        for language, measures in self.tables.items():
            lines += [f"== primo-ascolto, {language}", *(m.line() for m in measures), ""]
        for title, items in (
            ("Etichette e codifica non concordano", self.disagreements),
            ("Riflessioni che dicono ciò che non è stato detto", self.untrue),
            ("Fatti persi o mai detti", self.missed),
        ):
            lines += [f"== {title}: {len(items)}", *(f"  {x}" for x in items[:40]), ""]
        for faults, talk in self.worst:
            lines += [f"== Da leggere: {faults}", talk, ""]
        return "\n".join(lines)


@dataclass(slots=True)
class _Counts:
    """What one conversation adds up to."""

    reflections: int = 0
    complex: int = 0
    true: int = 0
    specific: int = 0
    questions: int = 0
    open: int = 0
    asked: int = 0
    efforts: int = 0
    affirmed: int = 0
    advice: int = 0
    humiliating: int = 0
    most_questions: int = 0
    most_messages: int = 0
    lists: int = 0
    repeated: int = 0
    turns: int = 0
    same_opener: int = 0
    theirs: int = 0
    ours: int = 0
    told: int = 0
    reached: int = 0
    on_sheet: int = 0
    right: int = 0
    invented: int = 0
    again: int = 0
    early: int = 0
    notice: int = 0
    words: list[int] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def report(talks: Sequence[Talk]) -> Report:
    """Count, and put in a table."""
    counted = [(talk, _count(talk)) for talk in talks]
    tables = {}
    for language in dict.fromkeys(talk.person.language for talk in talks):
        tables[language] = _table([(t, c) for t, c in counted if t.person.language == language])
    ranked = sorted(counted, key=lambda pair: -_badness(pair[1]))
    return Report(
        tables,
        tuple((_faults(c), t.text()) for t, c in ranked[:3]),
        tuple(dict.fromkeys(x for _, c in counted for x in c.disagreements)),
        tuple(dict.fromkeys(x for _, c in counted for x in c.untrue)),
        tuple(x for _, c in counted for x in c.missed),
        tuple(talks),
    )


# --- counting one conversation ---------------------------------------------------------------------------------


def _count(talk: Talk) -> _Counts:
    c = _Counts(early=int(talk.early))
    first = " ".join(s.text for s in talk.turns[0].says)
    c.notice = int(_NOTICE.search(first) is not None)
    seen: set[int] = set()
    last = ""
    for number, turn in enumerate(talk.turns):
        text = " ".join(s.text for s in turn.says)
        if not text:
            continue
        _of_any_turn(c, turn, text, seen)
        if turn.after is not Phase.DISTRESS and (
            (number and turn.phase is Phase.LISTENING)
            or (turn.phase is Phase.OPENING and turn.after is Phase.LISTENING)
        ):
            _of_listening(c, turn, text, talk)
            now = opener(text)
            c.same_opener += int(bool(last) and now == last)
            c.turns += 1
            last = now
        if turn.phase is Phase.LISTENING:  # the notices before and the summary after are no conversation
            c.theirs += words_in(turn.said) if turn.line is not None else 0
            c.ours += 0 if any(u.code is Code.SUMMARY for u in turn.coded) else words_in(text)
    _of_sheet(c, talk)
    return c


def _of_any_turn(c: _Counts, turn: Turn, text: str, seen: set[int]) -> None:
    c.most_messages = max(c.most_messages, len(turn.says))
    c.most_questions = max(c.most_questions, sum(u.code in QUESTIONS for u in turn.coded))
    c.humiliating += len(humiliating(text))
    exempt = {
        fingerprint(s)
        for say in turn.says
        for p in say.spoken
        if p.act in (SpeechAct.NOTICE, SpeechAct.SUMMARY)
        for s in sentences(p.text)
    }
    marks = {fingerprint(s) for s in sentences(text)} - exempt
    c.repeated += len(marks & seen)
    seen |= marks
    if not turn.approved:
        # One approved safety line is allowed to somebody who is being cheated now.
        scam = "truffa_in_corso" in turn.told
        c.advice += 0 if scam else sum(u.code is Code.ADVICE for u in turn.coded)


def _of_listening(c: _Counts, turn: Turn, text: str, talk: Talk) -> None:
    summing = any(u.code is Code.SUMMARY for u in turn.coded)
    found = [u for u in turn.coded if u.code in REFLECTIONS]
    told = {f: v | frozenset(turn.line.tells.get(f, ()) if turn.line else ()) for f, v in turn.told.items()}
    for fact, values in talk.person.whole.items():
        told[fact] = told.get(fact, frozenset()) | values
    for u in found:
        c.reflections += 1
        c.complex += u.code is Code.COMPLEX
        c.specific += bool(u.shared)
        # What only repeats their words cannot be untold, whatever idea its words would stand for elsewhere.
        repeats = len(u.shared) * 4 >= len(stems(u.text)) * 3
        wrong = "" if repeats else untold(u.text, told)
        c.true += not wrong
        if wrong:
            c.untrue.append(f"{talk.person.name}: «{u.text}» ({wrong})")
    if not summing:
        asked = [u for u in turn.coded if u.code in QUESTIONS]
        c.questions += len(asked)
        c.open += sum(u.code is Code.OPEN for u in asked)
        c.words.append(words_in(text))
    c.again += bool(turn.asked_known)
    if turn.asked_known:
        c.missed.append(f"{talk.person.name}: chiesto di nuovo {turn.asked_known}: «{text[-80:]}»")
    if turn.line is not None and turn.line.effort:
        c.efforts += 1
        c.affirmed += any(u.code is Code.AFFIRMATION for u in turn.coded)
    for say in turn.says:
        if say.asks in OPEN_FACTS:
            c.lists += any(b.choice.startswith("fatto:") for row in say.buttons for b in row)
        for part in say.spoken:
            want = _SAME.get(part.act)
            have = [u.code for u in turn.coded if u.text in part.text or part.text in u.text]
            if want and have and not set(have) & want and not summing:
                c.disagreements.append(
                    f"{part.line}: {part.act.value} letto come {have[-1].value}: «{part.text}»"
                )


def _of_sheet(c: _Counts, talk: Talk) -> None:
    sheet = talk.summary_sheet if talk.summary_sheet.facts else talk.state.notes
    said = stems(" ".join(t.said for t in talk.turns))
    for fact, values in talk.told.items():
        if fact == "contatto":
            sheet_values = frozenset(talk.state.notes.values(FactId.CONTATTO)) | frozenset(
                talk.state.sheet.values(FactId.CONTATTO)
            )
        else:
            sheet_values = frozenset(sheet.values(FactId(fact)))
        for value in values:
            c.told += 1
            hit = (
                bool(sheet_values)
                if value == "*"
                else any(value.casefold() == v.casefold() for v in sheet_values)
            )
            c.reached += hit
            if not hit:
                c.missed.append(
                    f"{talk.person.name}: detto {fact}={value}, sulla scheda {sorted(sheet_values) or 'niente'}"
                )
    free = {"nome", "cosa_succede", "cosa_vorrebbe", "lingua", "contatto"}
    for entry in sheet.facts:
        if entry.value == NON_DETTO or entry.fact.value in free:
            continue
        c.on_sheet += 1
        right = any(
            entry.value.casefold() == v.casefold() or v == "*"
            for v in talk.told.get(entry.fact.value, frozenset())
            | talk.person.whole.get(entry.fact.value, frozenset())
        )
        c.right += right
        grounded = entry.how is not How.SAID or stems(entry.words) <= said
        c.invented += not grounded
        if not right:
            c.missed.append(
                f"{talk.person.name}: sulla scheda {entry.fact.value}={entry.value} da «{entry.words[:60]}», mai detto così"
            )


# --- the table --------------------------------------------------------------------------------------------------


def _table(counted: Sequence[tuple[Talk, _Counts]]) -> tuple[Measure, ...]:
    every = [c for _, c in counted]
    telling = [c for t, c in counted if not t.person.terse]
    reflections, questions = _sum(telling, "reflections"), _sum(telling, "questions")
    ratios = sorted(c.reflections / max(c.questions, 1) for c in telling)
    tenth = ratios[len(ratios) // 10] if ratios else 0.0
    words = sorted(w for c in every for w in c.words)
    theirs, ours = _sum(telling, "theirs"), _sum(telling, "ours")
    pooled = reflections / max(questions, 1)
    return (
        Measure("riflessioni per domanda (chi racconta)", pooled, ">= 1.3", pooled >= 1.3, count=questions),
        Measure("  in 9 conversazioni su 10", tenth, ">= 1.0", tenth >= 1.0, count=len(ratios)),
        _share("complesse fra le riflessioni", every, "complex", "reflections", 0.40),
        _share("fedeli a quanto detto", every, "true", "reflections", 0.98),
        _share("con qualcosa di loro", every, "specific", "reflections", 0.70),
        _none("parole che umiliano", every, "humiliating"),
        _share("sforzi raccontati e riconosciuti", every, "affirmed", "efforts", 0.70),
        _share("aperte fra le domande prima del riassunto", every, "open", "questions", 0.70),
        _none("elenchi di opzioni sui fatti aperti", every, "lists"),
        _most("domande in un turno", every, "most_questions", 1),
        _most("messaggi in un turno", every, "most_messages", 2),
        _most("domande in tutto, prima del riassunto", every, "questions", 7),
        _words("parole per turno, mediana", words, 0.5, 25),
        _words("parole per turno, 9 su 10", words, 0.9, 41),
        _ratio("parole dette da chi racconta", theirs, theirs + ours, 0.45),
        _none("consigli prima del riassunto approvato", every, "advice"),
        _share("fatti detti che arrivano alla scheda", every, "reached", "told", 0.90),
        _share("fatti sulla scheda che sono stati detti", every, "right", "on_sheet", 0.95),
        _none("fatti inventati", every, "invented"),
        _none("fatti chiesti di nuovo", every, "again"),
        _none("frasi identiche in una conversazione", every, "repeated"),
        _share("turni di fila con lo stesso inizio", every, "same_opener", "turns", 0.10, at_most=True),
        _ratio("avviso di programma nel primo messaggio", _sum(every, "notice"), len(every), 1.0),
        _none("fatti tenuti prima del consenso", every, "early"),
    )


def _sum(counts: Iterable[_Counts], name: str) -> int:
    return sum(getattr(c, name) for c in counts)


def _share(
    name: str, counts: Sequence[_Counts], part: str, whole: str, bar: float, *, at_most: bool = False
) -> Measure:
    return _ratio(name, _sum(counts, part), _sum(counts, whole), bar, at_most=at_most)


def _ratio(name: str, part: int, whole: int, bar: float, *, at_most: bool = False) -> Measure:
    value = part / whole if whole else 0.0
    good = value <= bar if at_most else value >= bar
    return Measure(name, value, f"{'<=' if at_most else '>='} {bar:g}", good, wilson(part, whole), whole)


def _none(name: str, counts: Sequence[_Counts], what: str) -> Measure:
    total = _sum(counts, what)
    return Measure(name, total, "0", total == 0, count=len(counts))


def _most(name: str, counts: Sequence[_Counts], what: str, bar: int) -> Measure:
    most = max((getattr(c, what) for c in counts), default=0)
    return Measure(name, most, f"<= {bar}", most <= bar, count=len(counts))


def _words(name: str, words: Sequence[int], share: float, bar: int) -> Measure:
    value = words[min(len(words) - 1, int(len(words) * share))] if words else 0
    return Measure(name, value, f"<= {bar}", value <= bar, count=len(words))


def wilson(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % by default."""
    if whole == 0:
        return (0.0, 1.0)
    p, n = part / whole, whole
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n)))


def _badness(c: _Counts) -> float:
    return (
        3 * len(c.untrue) + 5 * c.again + 3 * c.repeated + 4 * c.advice + 5 * c.humiliating + 5 * c.invented + 2 * (c.efforts - c.affirmed)
        + (c.told - c.reached) + (c.on_sheet - c.right) + 3 * max(0, c.questions - c.reflections) + 4 * max(0, c.questions - 7)
    )  # fmt: skip


def _faults(c: _Counts) -> str:
    return (
        f"{c.reflections} riflessioni e {c.questions} domande, {len(c.untrue)} non fedeli, {c.again} chieste di nuovo, {c.repeated} ripetute, "
        f"{c.efforts - c.affirmed} sforzi non riconosciuti, {c.told - c.reached} fatti persi"
    )
