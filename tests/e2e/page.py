"""The demo as a visitor has it: the processes of `bot demo`, and both sides of its page in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests.e2e.house import ROOT, until

READY_S = 240.0
"""Seconds for Rasa to load, on a busy machine."""
ANSWER_MS = 60_000.0
"""Milliseconds within which the bot has answered."""
TURNS = 16
"""More turns than a first conversation can have (PRODUCT.md: at most seven questions)."""

AGREED = (
    "Sì, va bene",
    "Sì, è così",
    "Sì, l'angelo veda il riassunto e la chat",
    "Qui in chat",
    "No, grazie",
)
"""What a willing shopkeeper presses when the bot offers it, in this order."""


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """Run `bot demo` with Rasa until the context closes; yields its line of readiness."""
    command = [
        sys.executable,
        "-m",
        "bot.cli",
        "demo",
        "--port",
        "0",
        "--headless",
        "--data",
        str(folder / "demo"),
    ]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"the demo did not start; see {folder / 'demo.log'}"
        info: dict[str, Any] = json.loads(line)
        with httpx.Client(base_url=info["url"], timeout=10, trust_env=False) as http:
            until(lambda: http.get("/readyz").is_success, "Rasa loaded", READY_S)
        yield info
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class DemoPage:
    """Both sides of the page, in words of what people do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.phone = page.locator(".phone")
        self.desk = page.locator(".desk")

    async def newcomer(self, name: str) -> None:
        """Open a telephone and press Avvia."""
        await self.page.wait_for_selector("html[data-up]")
        await self.page.get_by_label("Nome", exact=True).fill(name)
        await self.page.get_by_role("button", name="Apri il telefono").click()
        await self.phone.get_by_role("button", name="Avvia").click()

    async def write(self, side: Locator, text: str) -> None:
        """Write in the chat that is open on a side."""
        await side.locator("textarea").fill(text)
        await side.locator("textarea").press("Enter")

    def topic(self, name: str) -> Locator:
        """The topic of a shopkeeper in the angels' list."""
        return self.desk.locator(".topic", has_text=name)

    async def talk(self, name: str, lines: list[str]) -> list[str]:
        """Answer the bot until an angel has the story; return the buttons that were pressed, in order.

        Args:
            name: the shopkeeper's, who has just pressed Avvia.
            lines: what they write, one after the other, where no button of `AGREED` is offered.
        """
        pressed: list[str] = []
        waiting = iter(lines)
        for _ in range(TURNS):
            question = self.phone.locator(".row.in:last-of-type:has(.keyboard)")
            await expect(question.or_(self.topic(name)).first).to_be_visible(timeout=ANSWER_MS)
            if await self.topic(name).count():
                return pressed
            before = await self.phone.locator(".row").last.get_attribute("data-message-id")
            offered = await question.locator(".key").all_inner_texts()
            label = next((label for label in AGREED if label in offered), None)
            if label:
                await question.get_by_role("button", name=label, exact=True).click()
                pressed.append(label)
            else:
                await self.write(self.phone, next(waiting, "basta così"))
            await expect(self.phone.locator(f'.row[data-message-id="{before}"]:last-of-type')).to_have_count(
                0, timeout=ANSWER_MS
            )
        raise AssertionError(f"no topic after {TURNS} turns: {await self.phone.locator('.log').inner_text()}")
