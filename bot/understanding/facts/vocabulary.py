"""The vocabularies of `nlu/vocabulary/`, read into one phrase tree per language.

Every problem of every file is reported at once, in Italian, as `file:riga: messaggio`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.conversation.types import FactId
from bot.understanding.facts.phrases import PhraseError, PhraseTree, Sense, elements
from bot.understanding.facts.spelling import Speller
from bot.understanding.facts.wording import normal

SAID, MENTION, WANTED, ASKED, IGNORE, WORD = "said", "mention", "wanted", "asked", "ignore", "word"
"""How a phrase counts: enough by itself; a thing named, to be read in its context; a thing that counts when it
is wished for; only as the answer to its question; a look-alike that never counts; a word for rules in code."""

SURE, CAREFUL, RARE = "sure", "careful", "rare"
"""A place whose name is enough; one that needs a preposition, a capital letter or the question; one that needs
both preposition and capital letter, because its name is a word or a person's name."""

_MODES = (SAID, MENTION, WANTED, ASKED)
_HOLE = "X"
"""In a frame, where the word goes: with "vendo X", each word under that frame's name gives a phrase."""
_Frames: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
_Parts: TypeAlias = Sequence[Sequence[tuple[str, ...]]]
_BRANCHES = ("places", "shared")
_PLACE_FILES = {"milano", "citta_metropolitana", "comuni"}


class VocabularyError(ValueError):
    """The vocabulary cannot be used; `problems` holds every fault as `file:riga: messaggio`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Lexicon:
    """What is known of one language.

    Attributes:
        tree: All phrases, those of places and brands included.
        numbers: Number words and their values.
        speller: Normal form to the vocabulary's spelling.
        lists: Plain word lists by name (first names, finite verbs, ...).
        needs: Which need follows when something that is absent is wished for.
        towns: Municipalities other than Milan, whose names Milan's streets bear.
    """

    tree: PhraseTree = field(default_factory=PhraseTree)
    numbers: dict[str, int] = field(default_factory=dict)
    speller: Speller = field(default_factory=Speller)
    lists: dict[str, frozenset[str]] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    towns: frozenset[str] = frozenset()

    def words(self, name: str) -> frozenset[str]:
        """A plain word list; empty when the language has none of that name."""
        return self.lists.get(name, frozenset())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every language's lexicon.

    Attributes:
        lexicons: By ISO 639-1 code.
        quarters: Milan's 88 NIL by official name, and the spoken places within each.
        metropolitan: The comuni of the metropolitan city.
        comuni: The other Italian municipalities.
    """

    lexicons: Mapping[str, Lexicon]
    quarters: Mapping[str, tuple[str, ...]]
    metropolitan: tuple[str, ...]
    comuni: tuple[str, ...]

    def lexicon(self, language: str) -> Lexicon:
        """The language's lexicon, Italian where there is none."""
        return self.lexicons.get(language) or self.lexicons["it"]


def load_vocabulary(path: Path | str) -> Vocabulary:
    """Read every vocabulary under `path` (usually `nlu/vocabulary`).

    Raises:
        VocabularyError: With all the problems found.
    """
    return _Loader(Path(path)).load()


class _Loader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self.quarters: dict[str, tuple[str, ...]] = {}
        self.metropolitan: list[str] = []
        self.comuni: list[str] = []

    def load(self) -> Vocabulary:
        if not (self.root / "it").is_dir():
            raise VocabularyError([f"{self.root}:1: qui dovrebbe esserci la cartella «it» dei vocabolari"])
        common: list[tuple[_Parts, Sense]] = []
        for file in sorted((self.root / "places").glob("*.yml")):
            for phrase, sense, line in self._places(file):
                self._collect(common, phrase, sense, file, line)
        for file in sorted((self.root / "shared").glob("*.yml")):
            for phrase, sense, line in self._facts(file, None):
                self._collect(common, phrase, sense, file, line)
        lexicons: dict[str, Lexicon] = {}
        for folder in sorted(p for p in self.root.iterdir() if p.is_dir() and p.name not in _BRANCHES):
            lexicons[folder.name] = self._language(folder, common)
        if self.problems:
            raise VocabularyError(sorted(self.problems))
        return Vocabulary(lexicons, self.quarters, tuple(self.metropolitan), tuple(self.comuni))

    def _language(self, folder: Path, common: list[tuple[_Parts, Sense]]) -> Lexicon:
        lexicon = Lexicon()
        own: list[tuple[_Parts, Sense]] = []
        for file in sorted(folder.glob("*.yml")):
            for phrase, sense, line in self._facts(file, lexicon):
                self._collect(own, phrase, sense, file, line)
        for form, sense in [*common, *own]:
            lexicon.tree.add(form, sense)
        lexicon.speller.real = lexicon.words("real") | lexicon.words("first_names")
        lexicon.speller.learn(lexicon.tree)
        lexicon.towns = frozenset((*self.comuni, *self.metropolitan)) - {"Milano"}
        return lexicon

    def _collect(
        self,
        into: list[tuple[_Parts, Sense]],
        phrase: str,
        sense: Sense,
        file: Path,
        line: int,
    ) -> None:
        try:
            into.append((elements(phrase), sense))
        except PhraseError as error:
            self._fault(file, line, str(error))

    def _fault(self, file: Path, line: int, message: str) -> None:
        self.problems.append(f"{file}:{line}: {message}")

    def _top(self, file: Path) -> MappingNode | None:
        try:
            node = YAML(typ="safe").compose(file)
        except MarkedYAMLError as error:
            line = (error.problem_mark.line + 1) if error.problem_mark else 1
            self._fault(file, line, "il file non è YAML valido: controllare rientri, due punti e virgolette")
            return None
        except (YAMLError, UnicodeDecodeError):
            self._fault(file, 1, "il file non si legge: dev'essere testo UTF-8 in formato YAML")
            return None
        if not isinstance(node, MappingNode):
            self._fault(file, 1, "il file dovrebbe contenere voci come «fact:» e «values:»")
            return None
        return node

    def _pairs(self, node: Node, file: Path) -> Iterator[tuple[str, Node, int]]:
        if not isinstance(node, MappingNode):
            self._fault(file, node.start_mark.line + 1, "qui ci vuole un elenco di voci «nome: ...»")
            return
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                self._fault(file, line, f"la voce «{key.value}» c'è due volte")
            seen.add(key.value)
            yield str(key.value), value, line

    def _phrases(self, node: Node, file: Path) -> Iterator[tuple[str, int]]:
        """The items of a list, or the lines of a text written with `|`."""
        line = node.start_mark.line + 1
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            for offset, text in enumerate(str(node.value).splitlines(), start=1):
                if text.strip() and not text.lstrip().startswith("#"):
                    yield text.strip(), line + offset
        elif isinstance(node, SequenceNode):
            for item in node.value:
                if isinstance(item, ScalarNode):
                    yield str(item.value), item.start_mark.line + 1
                else:
                    self._fault(file, item.start_mark.line + 1, "qui ci vuole una frase, non un elenco")
        elif not (isinstance(node, ScalarNode) and node.value in ("", None)):
            self._fault(file, line, "qui ci vuole un elenco di frasi, una per riga, ognuna con «- » davanti")

    def _facts(self, file: Path, lexicon: Lexicon | None) -> Iterator[tuple[str, Sense, int]]:
        top = self._top(file)
        if top is None:
            return
        sections = {key: (node, line) for key, node, line in self._pairs(top, file)}
        fact = ""
        if "fact" in sections:
            node, line = sections.pop("fact")
            fact = str(node.value)
            if fact not in {f.value for f in FactId}:
                self._fault(file, line, f"«{fact}» non è una voce della scheda di ascolto")
                return
        frames = self._frames(sections.pop("frames")[0], file) if "frames" in sections else {}
        for section, (node, line) in sections.items():
            yield from self._section(section, node, line, fact, file, lexicon, frames)

    def _frames(self, node: Node, file: Path) -> _Frames:
        """By name, the phrases with a hole that a list of words is put into, and how each counts."""
        frames: dict[str, list[tuple[str, str]]] = {}
        for name, modes, _ in self._pairs(node, file):
            for mode, listed, line in self._pairs(modes, file):
                if mode not in _MODES:
                    self._fault(file, line, f"«{mode}» non va bene: usare said, mention, wanted o asked")
                    continue
                for phrase, where in self._phrases(listed, file):
                    if _HOLE not in phrase.split():
                        self._fault(file, where, f"«{phrase}»: manca la X, al posto della parola")
                    frames.setdefault(name, []).append((mode, phrase))
        return frames

    def _section(
        self,
        section: str,
        node: Node,
        line: int,
        fact: str,
        file: Path,
        lexicon: Lexicon | None,
        frames: _Frames,
    ) -> Iterator[tuple[str, Sense, int]]:
        match section:
            case "values":
                for value, modes, _ in self._pairs(node, file):
                    for mode, listed, at in self._pairs(modes, file):
                        if mode in frames:
                            for word, where in self._phrases(listed, file):
                                for counts, frame in frames[mode]:
                                    phrase = " ".join(word if w == _HOLE else w for w in frame.split())
                                    yield phrase, Sense(fact, value, counts), where
                            continue
                        if mode not in _MODES:
                            self._fault(
                                file, at, f"«{mode}» non va bene: usare said, mention, wanted o asked"
                            )
                            continue
                        for phrase, where in self._phrases(listed, file):
                            yield phrase, Sense(fact, value, mode), where
            case "ignore":
                for phrase, where in self._phrases(node, file):
                    yield phrase, Sense(fact, "", IGNORE), where
            case "words" | "cues":
                topic = fact if section == "words" else "cue"
                for name, listed, _ in self._pairs(node, file):
                    for phrase, where in self._phrases(listed, file):
                        yield phrase, Sense(topic, name, WORD), where
            case "marks":
                for topic, names, _ in self._pairs(node, file):
                    for name, listed, _ in self._pairs(names, file):
                        for phrase, where in self._phrases(listed, file):
                            yield phrase, Sense(topic, name, WORD), where
            case "lists" | "numbers" | "spelling" | "needs" if lexicon is not None:
                self._plain(section, node, file, lexicon)
            case _:
                self._fault(file, line, f"la sezione «{section}» non si conosce")

    def _plain(self, section: str, node: Node, file: Path, lexicon: Lexicon) -> None:
        for name, value, line in self._pairs(node, file):
            if section == "lists":
                lines = (
                    [str(value.value)]
                    if isinstance(value, ScalarNode)
                    else [p for p, _ in self._phrases(value, file)]
                )
                words = {normal(w) for listed in lines for w in listed.split()}
                lexicon.lists[name] = lexicon.words(name) | words
            elif not isinstance(value, ScalarNode):
                self._fault(file, line, f"accanto a «{name}» ci vuole una parola sola")
            elif section == "numbers":
                if str(value.value).isdigit():
                    lexicon.numbers[normal(name)] = int(value.value)
                else:
                    self._fault(file, line, f"accanto a «{name}» ci vuole un numero in cifre")
            elif section == "needs":
                lexicon.needs[name] = str(value.value)
            else:
                lexicon.speller.abbreviations[normal(name)] = normal(str(value.value))

    def _places(self, file: Path) -> Iterator[tuple[str, Sense, int]]:
        top = self._top(file)
        if top is None:
            return
        if file.stem not in _PLACE_FILES:
            self._fault(file, 1, "fra i luoghi si conoscono milano.yml, citta_metropolitana.yml e comuni.yml")
        sections = {key: node for key, node, _ in self._pairs(top, file)}
        careful = (
            {normal(p) for p, _ in self._phrases(sections.pop("careful"), file)}
            if "careful" in sections
            else set()
        )
        for section, node in sections.items():
            if section == "nil":
                for official, places, _ in self._pairs(node, file):
                    spoken = list(self._pairs(places, file))
                    self.quarters[official] = tuple(name for name, _, _ in spoken)
                    for name, variants, line in spoken:
                        yield from self._place(name, variants, line, careful, file)
            elif section in ("municipi", "metropolitan", "variants"):
                for name, variants, line in self._pairs(node, file):
                    if section == "metropolitan":
                        self.metropolitan.append(name)
                    yield from self._place(name, variants, line, careful, file)
            elif section == "ignore":
                for phrase, line in self._phrases(node, file):
                    yield phrase, Sense("zona", "", IGNORE), line
            elif section in ("known", "names", "rare"):
                for name, line in self._phrases(node, file):
                    self.comuni.append(name)
                    mode = {"known": SURE, "names": CAREFUL, "rare": RARE}[section]
                    mode = CAREFUL if mode == SURE and normal(name) in careful else mode
                    yield _typed(name), Sense("zona", name, mode), line
            else:
                self._fault(file, node.start_mark.line, f"la sezione «{section}» non si conosce")

    def _place(
        self, name: str, variants: Node, line: int, careful: set[str], file: Path
    ) -> Iterator[tuple[str, Sense, int]]:
        for phrase, where in [(_typed(name), line), *self._phrases(variants, file)]:
            mode = CAREFUL if normal(phrase) in careful else SURE
            yield phrase, Sense("zona", name, mode), where
            if phrase.count(" ") == 1 and phrase.replace(" ", "").isalpha() and len(phrase) > 7:
                yield phrase.replace(" ", ""), Sense("zona", name, mode), where


def _typed(name: str) -> str:
    """A name as a phrase: signs that are not part of the phrase language fall away."""
    return "".join(c if c.isalnum() or c == "'" else " " for c in name)
