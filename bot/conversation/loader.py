"""Loading `dialogues/` whole: read aside, checked, then handed over at once; or every problem, and nothing else."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.conversation.checker import check
from bot.conversation.draft import Draft
from bot.conversation.library import HOME, Library, rules_of
from bot.conversation.messages import in_italian
from bot.conversation.mirror import ClauseMirror
from bot.conversation.reading import Problem, Severity, Source, Trail, read_file
from bot.conversation.script import (
    AlarmTalks,
    CannedReplies,
    Desk,
    FactBook,
    HelpLines,
    OpeningHours,
    Outcomes,
    Script,
    Shared,
)
from bot.conversation.templates import Mirror, Templates

Model = TypeVar("Model", bound=BaseModel)

SINGLE: dict[str, type[BaseModel]] = {
    "facts": FactBook,
    "helplines": HelpLines,
    "hours": OpeningHours,
    "outcomes": Outcomes,
    "spin": Desk,
}
"""The files at the top of `dialogues/`, by stem."""

LANGUAGE_FOLDER = re.compile(r"[a-z]{2,3}$")
"""Folders named by a language code are the conversation's; others belong to other rooms (cards, protocols)."""

OTHERS = frozenset({"menu"})
"""Files at the top that another room reads and checks."""

PER_LANGUAGE: dict[str, type[BaseModel]] = {"shared": Shared, "alarms": AlarmTalks}

MAX_FILES = 400

VERSIONS_KEPT = 2
"""Versions of a file kept on the shelf: the newest and the one before, so that an undone change costs nothing."""


class LibraryError(Exception):
    """`dialogues/` has errors; `problems` holds all of them, warnings too."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems if p.severity is Severity.ERROR))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of reading `dialogues/`.

    Attributes:
        library: The library, or None when there are errors.
        problems: Errors and warnings, in the order of files and lines.
    """

    library: Library | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the library from being used."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What should be looked at."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


class Shelf:
    """Files already read, by their content: a second loading reads only what has changed."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, bytes], tuple[Source | None, tuple[Problem, ...]]] = {}
        self.templates = Templates()

    def read(self, path: Path, shown_as: str) -> tuple[Source | None, tuple[Problem, ...]]:
        """Read a file, or answer what was read when its content is the same."""
        try:
            digest = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            return read_file(path, shown_as)
        known = self._read.get((shown_as, digest))
        if known is None:
            known = read_file(path, shown_as)
            for old in [key for key in self._read if key[0] == shown_as][: -VERSIONS_KEPT + 1]:
                del self._read[old]
            self._read[(shown_as, digest)] = known
        return known


def check_library(
    path: Path,
    *,
    production: bool = False,
    today: date | None = None,
    mirror: Mirror | None = None,
    shelf: Shelf | None = None,
    previous: Library | None = None,
) -> Checked:
    """Read and check `dialogues/`.

    Args:
        path: The folder.
        production: Texts that nobody approved are errors rather than warnings.
        today: For the age of help lines' verification; without it age is not checked.
        mirror: Who turns clauses; `ClauseMirror` by default.
        shelf: Files read before, to read only what has changed.
        previous: The library in use: a step that it had and that is gone needs a `was:`.

    Returns:
        The library, unless there are errors, and every problem found.
    """
    shelf = shelf or Shelf()
    draft, problems = _read_all(path, shelf)
    if previous is not None:
        draft.previous = {
            name: frozenset(script.steps) for name, script in previous.scripts.get(HOME, {}).items()
        }
    templates = shelf.templates
    problems.extend(check(draft, templates, production=production, today=today))
    ordered = tuple(sorted(set(problems)))
    if not draft.whole or any(p.severity is Severity.ERROR for p in ordered):
        return Checked(None, ordered)
    return Checked(_assembled(draft, templates, mirror or ClauseMirror()), ordered)


def load_library(
    path: Path | str, *, production: bool = False, today: date | None = None, mirror: Mirror | None = None
) -> Library:
    """Load `dialogues/` or say everything that is wrong with it.

    Args:
        path: The folder.
        production: See `check_library`.
        today: See `check_library`.
        mirror: See `check_library`.

    Raises:
        LibraryError: There are errors; its text lists them as `file:riga:colonna: messaggio`.
    """
    checked = check_library(Path(path), production=production, today=today, mirror=mirror)
    if checked.library is None:
        raise LibraryError(checked.problems)
    return checked.library


def _assembled(draft: Draft, templates: Templates, mirror: Mirror) -> Library:
    assert draft.facts is not None
    assert draft.helplines is not None
    assert draft.hours is not None
    assert draft.outcomes is not None
    assert draft.desk is not None
    scripts: dict[str, dict[str, Script]] = {}
    for (language, name), script in sorted(draft.scripts.items()):
        scripts.setdefault(language, {})[name] = script
    return Library(
        scripts=scripts,
        shared=dict(draft.shared),
        alarms=dict(draft.alarms),
        book=draft.facts,
        rules=rules_of(draft.facts),
        helplines=draft.helplines,
        hours=draft.hours,
        desk=draft.desk,
        outcomes=draft.outcomes,
        canned=dict(draft.canned),
        version=_fingerprint(draft.sources),
        templates=templates,
        mirror=mirror,
    )


def _fingerprint(sources: dict[str, Source]) -> str:
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(name.encode())
        digest.update(repr(sources[name].data).encode())
    return digest.hexdigest()[:12]


def _read_all(path: Path, shelf: Shelf) -> tuple[Draft, list[Problem]]:
    draft, problems = Draft(root=path.name), []
    if not path.is_dir():
        return draft, [Problem(path.name, 1, 1, "la cartella dei dialoghi non c'è")]
    files = sorted(p for p in path.rglob("*") if p.suffix in (".yml", ".yaml") and not p.name.startswith("."))
    if len(files) > MAX_FILES:
        return draft, [Problem(path.name, 1, 1, f"ci sono troppi file: il massimo è {MAX_FILES}")]
    for file in files:
        inside = file.relative_to(path)
        shown_as = str(Path(path.name) / inside)
        if file.is_symlink() or not _ours(inside):
            continue
        if file.suffix == ".yaml":
            problems.append(Problem(shown_as, 1, 1, "il nome deve finire in .yml"))
            continue
        source, found = shelf.read(file, shown_as)
        problems.extend(found)
        if source is not None:
            draft.sources[shown_as] = source
            problems.extend(_place(draft, source, inside))
    for stem in SINGLE:
        if not (path / f"{stem}.yml").is_file():
            problems.append(Problem(f"{path.name}/{stem}.yml", 1, 1, "questo file manca"))
    for stem in PER_LANGUAGE:
        if not (path / HOME / f"{stem}.yml").is_file():
            problems.append(Problem(f"{path.name}/{HOME}/{stem}.yml", 1, 1, "questo file manca"))
    return draft, problems


def _ours(inside: Path) -> bool:
    """True for files that this room reads."""
    if len(inside.parts) == 1:
        return inside.stem not in OTHERS
    return inside.parts[0] == "canned" or bool(LANGUAGE_FOLDER.match(inside.parts[0]))


def _place(draft: Draft, source: Source, inside: Path) -> list[Problem]:
    """Validate one file and put it where it belongs."""
    problems: list[Problem] = []
    stem = inside.stem
    if len(inside.parts) == 1:
        if stem not in SINGLE:
            return [
                source.problem(
                    (), f"non so che file sia: qui ci stanno {', '.join(f'{s}.yml' for s in SINGLE)}"
                )
            ]
        model = _validated(SINGLE[stem], source, problems)
        setattr(draft, "desk" if stem == "spin" else stem, model)
    elif inside.parts[0] == "canned":
        replies = _validated(CannedReplies, source, problems)
        if replies is not None:
            draft.canned[stem] = replies
    elif len(inside.parts) == 2:
        language = inside.parts[0]
        if stem == "shared":
            shared = _validated(Shared, source, problems)
            if shared is not None:
                draft.shared[language] = shared
        elif stem == "alarms":
            talks = _validated(AlarmTalks, source, problems)
            if talks is not None:
                draft.alarms[language] = talks
        else:
            script = _validated(Script, source, problems)
            if script is not None:
                draft.scripts[(language, stem)] = script
    else:
        problems.append(
            source.problem((), "questa cartella è troppo in basso: una cartella per lingua, e i file dentro")
        )
    return problems


def _validated(model: type[Model], source: Source, problems: list[Problem]) -> Model | None:
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            trail, on_key = _trail(source, detail["loc"])
            problems.append(source.problem(trail, in_italian(detail, model), key=on_key))
    except RecursionError:
        problems.append(source.problem((), "troppi livelli di rientro uno dentro l'altro"))
    return None


def _trail(source: Source, loc: tuple[Any, ...]) -> tuple[Trail, bool]:
    """Pydantic's location as a place in the file: union tags and wrapped lists are left out."""
    trail: Trail = ()
    on_key = False
    for token in loc:
        if (*trail, token) in source.values:
            trail = (*trail, token)
        elif token == "[key]":
            on_key = True
    return trail, on_key
