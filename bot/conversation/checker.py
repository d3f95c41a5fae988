"""Every check of DESIGN section 4 on what staff wrote; all problems at once, none stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from bot.conversation import vocabulary
from bot.conversation.draft import Draft
from bot.conversation.library import HOME, unwrapped
from bot.conversation.messages import suggestion
from bot.conversation.reading import Problem, Severity, Source, Trail
from bot.conversation.script import SUMMARY, Approved, Branch, Line, Reflection, Script, Step
from bot.conversation.templates import Misspelt, Templates
from bot.conversation.texts import Spot, Words, label_problems
from bot.conversation.types import Alarm, FactId

VERIFIED_FOR = timedelta(days=365)
MAX_CHOICE = 48
OPEN_BUTTONS = "un fatto aperto non ha un elenco di scelte: `buttons` vale solo per persone e urgenza"


def check(draft: Draft, templates: Templates, *, production: bool, today: date | None) -> Iterator[Problem]:
    """Look at everything that was read.

    Args:
        draft: The files.
        templates: Where texts are compiled (the library keeps it).
        production: What nobody approved is an error.
        today: To tell verifications that are too old.
    """
    signed = _Signatures(Severity.ERROR if production else Severity.WARNING)
    if draft.facts is not None:
        yield from _facts(draft)
        words = Words(draft.facts, templates)
        for (language, name), script in draft.scripts.items():
            source = draft.source(language, f"{name}.yml")
            yield from _ScriptCheck(draft, source, script, words, language, name).problems()
        for language in draft.shared:
            yield from _shared(draft, words, language, signed)
        for language in draft.alarms:
            yield from _alarms(draft, words, language, signed)
    yield from _helplines(draft, signed, today)
    if draft.desk is not None and draft.desk.confirmed_by is None:
        yield draft.source("spin.yml").problem(
            ("confirmed_by",),
            "titolare, numero e indirizzo non sono ancora confermati da SPIN",
            severity=signed.severity,
        )
    yield from _canned(draft, templates)
    yield from _twins(draft)
    if not any(code == HOME for code, _ in draft.scripts):
        yield Problem(f"{draft.root}/{HOME}", 1, 1, "non c'è nessun dialogo in italiano che si possa usare")


class _Signatures:
    """Whether texts that must be approved are."""

    def __init__(self, severity: Severity) -> None:
        self.severity = severity

    def of(self, source: Source, trail: Trail, by: str | None, what: str) -> Iterator[Problem]:
        if not by:
            yield source.problem(
                (*trail, "approvato_da"),
                f"{what}: manca chi l'ha approvato",
                key=True,
                severity=self.severity,
            )


def _facts(draft: Draft) -> Iterator[Problem]:
    assert draft.facts is not None
    source = draft.source("facts.yml")
    for fact in FactId:
        if fact not in draft.facts.facts:
            yield source.problem(("facts",), f"manca il fatto `{fact.value}`")
    for fact, definition in draft.facts.facts.items():
        trail: Trail = ("facts", fact.value)
        for value in definition.exclusive:
            if value not in definition.values:
                yield source.problem((*trail, "exclusive"), f"«{value}» non è un valore di `{fact.value}`")
        if HOME not in definition.label:
            yield source.problem((*trail, "label"), "manca l'italiano (`it`)")
        for value, words in definition.values.items():
            if HOME not in words.label:
                yield source.problem((*trail, "values", value, "label"), "manca l'italiano (`it`)")
            if len(f"correggi:{fact.value}:{value}".encode()) > MAX_CHOICE:
                yield source.problem(
                    (*trail, "values", value),
                    "il nome del valore è troppo lungo per un pulsante (64 byte)",
                    key=True,
                )
        if definition.buttons and definition.asked == "open":
            yield source.problem((*trail, "buttons"), "un fatto aperto non ha un elenco di scelte")


class _ScriptCheck:
    """Checks one script."""

    def __init__(
        self, draft: Draft, source: Source, script: Script, words: Words, language: str, name: str
    ) -> None:
        self.draft, self.source, self.script, self.words = draft, source, script, words
        self.language, self.name = language, name

    def problems(self) -> Iterator[Problem]:
        script, problem = self.script, self.source.problem
        if script.script != self.name:
            yield problem(("script",), f"il nome è «{script.script}» ma il file si chiama {self.name}.yml")
        if script.opening not in script.steps:
            yield problem(("opening",), self._no_step(script.opening))
        for name, step in script.steps.items():
            yield from self._step(name, step)
        yield from self._roads()
        yield from self._renamed()
        yield from self._pool(("reflections",), script.reflections)
        yield from self._lines(("affirmations",), script.affirmations, "affirm")
        yield from self._summary()
        for index, pointer in enumerate(script.pointers):
            trail: Trail = ("pointers", index)
            yield from self.words.condition_problems(self.source, (*trail, "when"), pointer.when)
            yield from self._text((*trail, "text"), pointer.text, "pointer")

    def _text(self, trail: Trail, text: object, kind: str, questions: int = 0) -> Iterator[Problem]:
        yield from self.words.problems(Spot(self.source, trail, text, kind, self.language, questions))  # type: ignore[arg-type]

    def _no_step(self, name: str) -> str:
        return f"il passo «{name}» non c'è{suggestion(name, [*self.script.steps, SUMMARY])}"

    def _step(self, name: str, step: Step) -> Iterator[Problem]:
        trail: Trail = ("steps", name)
        facts = self.words.book.facts
        main = facts.get(step.listens_for[0])
        yield from self._text((*trail, "ask"), step.ask, "ask", questions=1)
        if step.confirm is not None:
            yield from self._text((*trail, "confirm"), step.confirm, "ask", questions=1)
        if step.say is not None:
            yield from self._text((*trail, "say"), step.say, "say")
        yield from self._pool((*trail, "reflect"), step.reflect)
        yield from self._lines((*trail, "affirm"), step.affirm, "affirm")
        if main is not None and main.asked == "open" and step.question == "closed":
            yield self.source.problem(
                (*trail, "question"), f"`{step.listens_for[0].value}` si chiede solo con una domanda aperta"
            )
        if (step.buttons is not None and (step.buttons not in facts or not facts[step.buttons].buttons)) or (
            step.buttons is not None and main is not None and main.asked == "open"
        ):
            yield self.source.problem((*trail, "buttons"), OPEN_BUTTONS)
        if "persona" not in step.navigation:
            yield self.source.problem(
                (*trail, "navigation"), "da questo passo non si arriva a una persona: aggiungere `persona`"
            )

    def _roads(self) -> Iterator[Problem]:
        steps = self.script.steps
        roads: dict[str, list[str]] = {}
        for name, step in steps.items():
            targets: list[str] = []
            listed = isinstance(self._raw(name, "next"), list)
            for index, road in enumerate(step.next):
                trail: Trail = ("steps", name, "next", *((index,) if listed else ()))
                target = road.go if isinstance(road, Branch) else road
                targets.append(target)
                if isinstance(road, Branch):
                    yield from self.words.condition_problems(self.source, (*trail, "when"), road.when)
                    trail = (*trail, "go")
                if target != SUMMARY and target not in steps:
                    yield self.source.problem(trail, self._no_step(target))
            if isinstance(step.next[-1], Branch):
                yield self.source.problem(
                    ("steps", name, "next"), "manca la strada per tutti gli altri casi: un passo senza `when`"
                )
            for index, road in enumerate(step.next[:-1]):
                if not isinstance(road, Branch):
                    yield self.source.problem(
                        ("steps", name, "next", index + 1),
                        "qui non si arriva mai: la strada sopra vale sempre",
                    )
            roads[name] = targets
        yield from self._unreachable(roads)
        yield from self._no_way_out(roads)

    def _raw(self, step: str, key: str) -> object:
        return self.source.data["steps"][step][key]

    def _unreachable(self, roads: dict[str, list[str]]) -> Iterator[Problem]:
        if self.script.opening not in roads:
            return
        reached, todo = set(), [self.script.opening]
        while todo:
            name = todo.pop()
            if name in roads and name not in reached:
                reached.add(name)
                todo.extend(roads[name])
        for name in roads:
            if name not in reached:
                yield self.source.problem(
                    ("steps", name), f"al passo «{name}» non porta nessuna strada", key=True
                )

    def _no_way_out(self, roads: dict[str, list[str]]) -> Iterator[Problem]:
        leads = {SUMMARY}
        while True:
            more = {name for name, targets in roads.items() if name not in leads and leads & set(targets)}
            if not more:
                break
            leads |= more
        for name, targets in roads.items():
            if name not in leads and all(t in roads for t in targets):
                yield self.source.problem(
                    ("steps", name),
                    f"dal passo «{name}» non si esce: nessuna strada porta al riassunto",
                    key=True,
                )

    def _renamed(self) -> Iterator[Problem]:
        steps, owners = self.script.steps, dict[str, str]()
        for name, step in steps.items():
            for old in step.was:
                trail: Trail = ("steps", name, "was")
                if old in steps:
                    yield self.source.problem(
                        trail, f"«{old}» è ancora un passo: `was` vale per i nomi di prima"
                    )
                elif old in owners:
                    yield self.source.problem(trail, f"«{old}» è già il vecchio nome di «{owners[old]}»")
                owners[old] = name
        if self.language == HOME:
            for old in sorted(self.draft.previous.get(self.name, frozenset()) - set(steps) - set(owners)):
                yield self.source.problem(
                    ("steps",),
                    f"il passo «{old}» c'era e non c'è più: dire con `was:` quale passo lo sostituisce",
                    key=True,
                )

    def _pool(self, trail: Trail, pool: Iterable[Reflection]) -> Iterator[Problem]:
        for index, item in enumerate(pool):
            here = (*trail, index)
            yield from self.words.condition_problems(self.source, (*here, "when"), item.when)
            for key in ("simple", "complex"):
                text = getattr(item, key)
                if text is not None:
                    yield from self._text((*here, key), text, "reflect")
            if item.mirror is None and not any(
                k in FactId._value2member_map_ or k == "feeling" for k in item.when
            ):
                yield self.source.problem(
                    here, "andrebbe bene per chiunque: dire in `when` quale fatto la fa nascere"
                )

    def _lines(self, trail: Trail, lines: Iterable[Line], kind: str) -> Iterator[Problem]:
        for index, line in enumerate(lines):
            yield from self.words.condition_problems(self.source, (*trail, index, "when"), line.when)
            yield from self._text((*trail, index, "text"), line.text, kind)
            if kind == "affirm" and not any(
                k in FactId._value2member_map_ or k == "effort" for k in line.when
            ):
                yield self.source.problem(
                    (*trail, index), "un riconoscimento vale per uno sforzo detto: manca `when`"
                )

    def _summary(self) -> Iterator[Problem]:
        summary = self.script.summary
        for key in ("opening", "unsure", "thin"):
            yield from self._text(("summary", key), getattr(summary, key), "summary")
        yield from self._text(("summary", "question"), summary.question, "summary", questions=1)
        yield from self._lines(("summary", "parts"), summary.parts, "summary")


def _shared(draft: Draft, words: Words, language: str, signed: _Signatures) -> Iterator[Problem]:
    source, shared = draft.source(language, "shared.yml"), draft.shared[language]
    for name, line in shared.lines.items():
        trail: Trail = ("lines", name)
        if name not in vocabulary.LINES:
            yield source.problem(
                trail, f"la frase «{name}» non serve a niente{suggestion(name, vocabulary.LINES)}", key=True
            )
        if isinstance(line, Approved):
            yield from signed.of(source, trail, line.approvato_da, f"«{name}»")
            trail = (*trail, "text")
        elif name in vocabulary.APPROVED_LINES:
            yield source.problem(
                trail, f"«{name}» va approvata: scrivere `approvato_da`, `data` e `text`", key=True
            )
        yield from words.problems(Spot(source, trail, unwrapped(line), "shared", language, questions=1))
    for name, aside in shared.asides.items():
        yield from words.problems(Spot(source, ("asides", name, "text"), aside.text, "shared", language))
    for name, phrase in shared.buttons.items():
        if name not in vocabulary.BUTTONS:
            yield source.problem(
                ("buttons", name),
                f"il pulsante «{name}» non serve a niente{suggestion(name, vocabulary.BUTTONS)}",
                key=True,
            )
        yield from label_problems(source, ("buttons", name), phrase)
    for name in shared.words:
        if name not in vocabulary.WORDS:
            yield source.problem(
                ("words", name),
                f"la parola «{name}» non serve a niente{suggestion(name, vocabulary.WORDS)}",
                key=True,
            )
    if language == HOME:
        yield from _missing(source, ("lines",), set(vocabulary.LINES) - set(shared.lines), "la frase")
        yield from _missing(source, ("words",), set(vocabulary.WORDS) - set(shared.words), "la parola")
        for name in sorted(set(vocabulary.BUTTONS) - set(shared.buttons)):
            what = "da nessun passo si arriva a una persona: " if name == "person" else ""
            yield source.problem(("buttons",), f"{what}manca il pulsante «{name}»", key=True)


def _missing(source: Source, trail: Trail, names: set[str], what: str) -> Iterator[Problem]:
    for name in sorted(names):
        purpose = vocabulary.LINES.get(name)
        yield source.problem(trail, f"manca {what} «{name}»{f' ({purpose})' if purpose else ''}", key=True)


def _alarms(draft: Draft, words: Words, language: str, signed: _Signatures) -> Iterator[Problem]:
    source, talks = draft.source(language, "alarms.yml"), draft.alarms[language]
    for alarm in Alarm:
        if alarm not in talks.alarms:
            yield source.problem(("alarms",), f"manca l'allarme `{alarm.value}`", key=True)
    for alarm, talk in talks.alarms.items():
        trail: Trail = ("alarms", alarm.value)
        yield from signed.of(source, trail, talk.approvato_da, f"l'allarme «{alarm.value}»")
        for key in ("first", "direct", "safe", "yes", "no", "stay", "doubt", "doubt_no", "back"):
            text = getattr(talk, key)
            if text is not None:
                asks = 1 if key in ("direct", "safe", "doubt") else 0
                yield from words.problems(Spot(source, (*trail, key), text, "alarm", language, asks))
        if draft.helplines is not None:
            for index, name in enumerate(talk.lines):
                if name not in draft.helplines.lines:
                    known = list(draft.helplines.lines)
                    yield source.problem(
                        (*trail, "lines", index),
                        f"la linea di aiuto «{name}» non c'è{suggestion(name, known)}",
                    )
    for name, text in talks.lines.items():
        if name not in vocabulary.ALARM_LINES:
            yield source.problem(
                ("lines", name),
                f"la frase «{name}» non serve a niente{suggestion(name, vocabulary.ALARM_LINES)}",
                key=True,
            )
        yield from words.problems(Spot(source, ("lines", name), text, "alarm", language, questions=1))
    yield from _missing(source, ("lines",), set(vocabulary.ALARM_LINES) - set(talks.lines), "la frase")


def _helplines(draft: Draft, signed: _Signatures, today: date | None) -> Iterator[Problem]:
    if draft.helplines is None:
        return
    source, lines = draft.source("helplines.yml"), draft.helplines.lines
    if draft.helplines.emergency not in lines:
        yield source.problem(
            ("emergency",),
            f"la linea «{draft.helplines.emergency}» non c'è{suggestion(draft.helplines.emergency, lines)}",
        )
    elif not lines[draft.helplines.emergency].always:
        yield source.problem(("emergency",), "la linea delle emergenze deve rispondere sempre")
    for name, line in lines.items():
        trail: Trail = ("lines", name)
        yield from signed.of(source, trail, line.approvato_da, f"la linea «{name}»")
        if not line.reachable and not line.also:
            yield source.problem(trail, "senza numero né indirizzo questa linea non aiuta nessuno", key=True)
        elif not line.reachable:
            yield source.problem(
                trail,
                f"alla linea «{name}» mancano il numero e l'indirizzo: a chi ne ha bisogno si dice di chiederlo qui",
                key=True,
                severity=Severity.WARNING,
            )
        if line.verified is None:
            yield source.problem(
                trail, f"la linea «{name}» non è mai stata verificata", key=True, severity=Severity.WARNING
            )
        elif today is not None and today - line.verified > VERIFIED_FOR:
            yield source.problem(
                (*trail, "verified"),
                f"la linea «{name}» è stata verificata più di un anno fa",
                severity=Severity.WARNING,
            )
        if not line.always and not line.hours:
            yield source.problem(
                trail, f"della linea «{name}» mancano gli orari", key=True, severity=Severity.WARNING
            )


def _canned(draft: Draft, templates: Templates) -> Iterator[Problem]:
    for language, replies in draft.canned.items():
        source = draft.source("canned", f"{language}.yml")
        for name, reply in replies.replies.items():
            for key in ("lei", "tu"):
                words = getattr(reply, key)
                try:
                    templates.compile(words or "")
                except Misspelt as wrong:
                    yield source.problem(("replies", name, key), str(wrong))


def _today(first: Script, name: str) -> str:
    """A step's name in the Italian script, where it may have been renamed since."""
    return next((new for new, step in first.steps.items() if name in step.was), name)


def _twin_steps(source: Source, first: Script, twin: Script) -> Iterator[Problem]:
    """What a twin asks must agree; a step or a road not followed yet is a warning.

    Whoever edits the Italian need not know the other languages: their conversations go on as they were.
    """
    steps = {_today(first, name): name for name in twin.steps}
    for step in sorted(set(first.steps) - set(steps)):
        yield source.problem(
            ("steps",),
            f"manca il passo «{step}», che in italiano c'è: in questa lingua non si chiede",
            key=True,
            severity=Severity.WARNING,
        )
    for step in sorted(set(steps) - set(first.steps)):
        yield source.problem(("steps", step), f"il passo «{step}» in italiano non c'è", key=True)
    for step in sorted(set(steps) & set(first.steps)):
        here, there = twin.steps[steps[step]], first.steps[step]
        for key in ("listens_for", "skip_if", "buttons", "question"):
            if getattr(here, key) != getattr(there, key):
                yield source.problem(
                    ("steps", steps[step], key), f"`{key}` è diverso da quello in italiano", key=True
                )
        if _roads_today(first, here) != _roads_today(first, there):
            yield source.problem(
                ("steps", steps[step], "next"),
                "`next` è diverso da quello in italiano",
                key=True,
                severity=Severity.WARNING,
            )


def _roads_today(first: Script, step: Step) -> list[Branch | str]:
    return [
        road.model_copy(update={"go": _today(first, road.go)})
        if isinstance(road, Branch)
        else _today(first, road)
        for road in step.next
    ]


def _twins(draft: Draft) -> Iterator[Problem]:
    """The same script in two languages has the same steps, asks the same facts, goes the same ways."""
    for (language, name), twin in draft.scripts.items():
        first = draft.scripts.get((HOME, name))
        if language == HOME:
            continue
        source = draft.source(language, f"{name}.yml")
        if first is None:
            yield source.problem((), f"questo dialogo in italiano non c'è: manca {HOME}/{name}.yml")
            continue
        yield from _twin_steps(source, first, twin)
        if _today(first, twin.opening) != first.opening:
            yield source.problem(("opening",), f"in italiano si comincia da «{first.opening}»")
    home = draft.shared.get(HOME)
    for language, shared in draft.shared.items():
        if home is None or language == HOME:
            continue
        absent = [n for n in vocabulary.LINES if n in home.lines and n not in shared.lines]
        if absent:
            shown = ", ".join(absent[:6]) + (" ..." if len(absent) > 6 else "")
            yield draft.source(language, "shared.yml").problem(
                ("lines",),
                f"mancano {len(absent)} frasi, che si diranno in italiano: {shown}",
                key=True,
                severity=Severity.WARNING,
            )
