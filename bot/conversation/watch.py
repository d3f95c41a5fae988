"""Live sentences: files are watched, loaded aside and swapped whole; a broken file changes nothing but is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from watchfiles import awatch

from bot.conversation.library import Library
from bot.conversation.loader import Checked, LibraryError, Shelf, check_library
from bot.conversation.templates import Mirror

DEBOUNCE_MS = 50
"""Editors write a file in several strokes; a change is loaded after this much quiet."""

Report = Callable[[Checked], Awaitable[None] | None]


class LiveLibrary:
    """The library in use, replaced whole by each good change of `dialogues/`.

    Usage::

        live = LiveLibrary(Path("dialogues"))
        task = asyncio.create_task(live.watch(report))   # report(checked) is told of every loading
        advance(live.library, state, event, moment)      # always the newest good one
    """

    def __init__(
        self,
        path: Path,
        *,
        production: bool = False,
        mirror: Mirror | None = None,
        today: Callable[[], date | None] = lambda: None,
    ) -> None:
        """Load the folder once.

        Args:
            path: `dialogues/`.
            production: Texts that nobody approved are errors.
            mirror: Who turns clauses to the second person.
            today: The date, to tell help lines whose verification is old.

        Raises:
            LibraryError: There is no good version to begin with.
        """
        self._path, self._production, self._mirror, self._today = path, production, mirror, today
        self._shelf = Shelf()
        checked = self._check(None)
        if checked.library is None:
            raise LibraryError(checked.problems)
        self._library = checked.library
        self.last = checked

    @property
    def library(self) -> Library:
        """The newest good library."""
        return self._library

    def reload(self) -> Checked:
        """Read what changed, aside; swap it in if it is good."""
        checked = self._check(self._library)
        self.last = checked
        if checked.library is not None:
            self._library = checked.library
        return checked

    async def watch(self, report: Report | None = None, stop: asyncio.Event | None = None) -> None:
        """Follow the folder until `stop` is set or the task is cancelled.

        Args:
            report: Told of every loading: its errors and warnings, and whether it is in use now.
            stop: Ends the watching.
        """
        async for _changes in awatch(self._path, debounce=DEBOUNCE_MS, step=DEBOUNCE_MS, stop_event=stop):
            checked = await asyncio.to_thread(self.reload)
            if report is not None:
                told = report(checked)
                if told is not None:
                    await told

    def _check(self, previous: Library | None) -> Checked:
        return check_library(
            self._path,
            production=self._production,
            today=self._today(),
            mirror=self._mirror,
            shelf=self._shelf,
            previous=previous,
        )
