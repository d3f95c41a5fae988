"""Every check of a script beyond its shape; all problems at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.conversation.library import phrases, unwrapped, variants
from bot.conversation.reading import Problem
from bot.conversation.templates import Misspelt, Templates

if TYPE_CHECKING:
    from bot.conversation.loader import Draft


def check(draft: Draft, templates: Templates, *, production: bool, today: date | None) -> list[Problem]:
    """Look at everything that was read; the texts of the shared lines first."""
    problems: list[Problem] = []
    for language, shared in draft.shared.items():
        source = draft.sources[f"dialogues/{language}/shared.yml"]
        for name, line in shared.lines.items():
            for variant in variants(unwrapped(line)):
                for _keys, words in phrases(variant):
                    try:
                        templates.compile(words)
                    except Misspelt as wrong:
                        problems.append(source.problem(("lines", name), str(wrong)))
    return problems
