"""Everything staff wrote, read, checked and frozen: what `advance` speaks from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.conversation.script import (
    AlarmTalks,
    Approved,
    CannedReplies,
    Desk,
    FactBook,
    Gendered,
    HelpLines,
    OpeningHours,
    Outcomes,
    Phrase,
    Script,
    Shared,
    SharedLine,
    Text,
    Variant,
)
from bot.conversation.sheet import Rule, Rules, Second
from bot.conversation.templates import Mirror, NoMirror, Templates

HOME = "it"
"""The language every text exists in; others fall back on it line by line."""


@dataclass(frozen=True, slots=True, repr=False)
class Library:
    """A whole, good set of `dialogues/`.

    Attributes:
        scripts: Scripts by language, then by name.
        shared: Shared lines by language.
        alarms: Alarm conversations by language.
        book: The facts of the sheet.
        rules: How each fact behaves when heard twice.
        helplines: The numbers.
        hours: When the desk is open.
        desk: Who we are.
        outcomes: How cases end.
        canned: Canned replies by language.
        version: A fingerprint of all files; kept with a consent.
        templates: Compiled texts.
        mirror: Who turns the person's clauses to the second person.
    """

    scripts: Mapping[str, Mapping[str, Script]]
    shared: Mapping[str, Shared]
    alarms: Mapping[str, AlarmTalks]
    book: FactBook
    rules: Rules
    helplines: HelpLines
    hours: OpeningHours
    desk: Desk
    outcomes: Outcomes
    canned: Mapping[str, CannedReplies]
    version: str
    templates: Templates = field(default_factory=Templates, compare=False, repr=False)
    mirror: Mirror = field(default_factory=NoMirror, compare=False, repr=False)

    def __repr__(self) -> str:
        """Short: a library's whole text would fill any log."""
        return f"Library(version={self.version!r}, languages={self.languages!r})"

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have shared lines, Italian first."""
        return tuple(sorted(self.shared, key=lambda code: (code != HOME, code)))

    def script(self, name: str, language: str) -> Script:
        """A script in a language, in Italian where it has not been written, or any that exists."""
        for code in (language, HOME):
            found = self.scripts.get(code, {})
            if name in found:
                return found[name]
        home = self.scripts[HOME]
        return home.get(self.first_script) or next(iter(home.values()))

    @property
    def first_script(self) -> str:
        """The script a first contact follows."""
        return "primo-ascolto" if "primo-ascolto" in self.scripts[HOME] else next(iter(self.scripts[HOME]))

    def line(self, name: str, language: str) -> tuple[Text, str] | None:
        """A shared line and the language it was found in, or None when no file has it."""
        for code in (language, HOME):
            shared = self.shared.get(code)
            if shared and name in shared.lines:
                return unwrapped(shared.lines[name]), code
        return None

    def button(self, name: str, language: str) -> Phrase | Variant | None:
        """What a button says, in the language or in Italian."""
        for code in (language, HOME):
            shared = self.shared.get(code)
            if shared and name in shared.buttons:
                return shared.buttons[name]
        return None

    def talks(self, language: str) -> tuple[AlarmTalks, str]:
        """The alarm conversations in a language, or in Italian."""
        code = language if language in self.alarms else HOME
        return self.alarms[code], code


def unwrapped(line: SharedLine) -> Text:
    """A shared line's text, whether or not it carries an approval."""
    return line.text if isinstance(line, Approved) else line


def variants(text: Text) -> tuple[Variant, ...]:
    """A text as the list of its variants."""
    items = text if isinstance(text, list) else [text]
    return tuple(item if isinstance(item, Variant) else _plain(item) for item in items)


@lru_cache(maxsize=4096)
def _plain(words: str) -> Variant:
    return Variant(text=words)


def phrases(variant: Variant) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every string of a variant with the keys that lead to it (for checking)."""
    for key in ("text", "lei", "tu", "simple"):
        phrase = getattr(variant, key)
        if isinstance(phrase, Gendered):
            for gender in ("neutro", "f", "m"):
                words = getattr(phrase, gender)
                if words is not None:
                    yield (key, gender), words
        elif phrase is not None:
            yield (key,), phrase


def rules_of(book: FactBook) -> Rules:
    """The sheet's rules, from the facts' definitions."""
    return {
        fact: Rule(Second(d.second), tuple(d.values), frozenset(d.exclusive), d.at_most)
        for fact, d in book.facts.items()
    }
