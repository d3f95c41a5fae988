"""A real Chromium for the tests of the outer ring."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str | None:
    """Return where Chromium is: the environment's CHROMIUM, or the first of the usual names."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Tabs:
    """Opens pages, and keeps what their consoles complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    async def open(self, url: str, *, width: int = 1440, height: int = 900) -> Page:
        """Open an address in a window of that many pixels."""
        page = await self.context.new_page()
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(url)
        return page


@pytest.fixture
async def tabs(tmp_path: Path) -> AsyncIterator[Tabs]:
    """A Chromium with an empty profile; in CI its absence is a failure (`tests/conftest.py`)."""
    found = chromium_path()
    if found is None:
        pytest.skip("no Chromium: set CHROMIUM, or install one of " + ", ".join(NAMES))
    options: dict[str, Any] = {"executable_path": found, "args": list(FLAGS), "locale": "it-IT"}
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(tmp_path / "profile", **options)
        try:
            yield Tabs(context)
        finally:
            await context.close()
