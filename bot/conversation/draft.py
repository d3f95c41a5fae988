"""Files of `dialogues/` that could be read, before they are a library: what the checker looks at."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.conversation.library import HOME
from bot.conversation.reading import Source
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


@dataclass(slots=True)
class Draft:
    """Files that could be read, each as its model and its source.

    Attributes:
        facts: `facts.yml`, like the next four by its name.
        helplines: The numbers.
        hours: When the desk is open.
        outcomes: How cases end.
        desk: Who we are (`spin.yml`).
        scripts: By language and name.
        shared: By language.
        alarms: By language.
        canned: By language.
        sources: By the name shown in problems.
        previous: Steps of the scripts in use before, by script.
        root: Name of the folder.
    """

    facts: FactBook | None = None
    helplines: HelpLines | None = None
    hours: OpeningHours | None = None
    outcomes: Outcomes | None = None
    desk: Desk | None = None
    scripts: dict[tuple[str, str], Script] = field(default_factory=dict)
    shared: dict[str, Shared] = field(default_factory=dict)
    alarms: dict[str, AlarmTalks] = field(default_factory=dict)
    canned: dict[str, CannedReplies] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    previous: dict[str, frozenset[str]] = field(default_factory=dict)
    root: str = "dialogues"

    def source(self, *parts: str) -> Source:
        """The source of a file that was read, by its place under `dialogues/`."""
        return self.sources["/".join((self.root, *parts))]

    @property
    def whole(self) -> bool:
        """True when nothing that `advance` needs is missing."""
        needed = (self.facts, self.helplines, self.hours, self.outcomes, self.desk)
        return (
            all(n is not None for n in needed)
            and HOME in self.shared
            and HOME in self.alarms
            and any(code == HOME for code, _name in self.scripts)
        )
