"""Take the picture of the product at work: `python -m tests.e2e.picture README.png [dark]`.

A real conversation with the real bot and Rasa, both sides of the demo page, at 1440 by 900.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright, expect

from tests.browser import FLAGS, chromium_path
from tests.e2e.page import ANSWER_MS, DemoPage, demo

NAME = "Carlo"
STORY = [
    "salve, ho un bar a lambrate e i clienti nn mi trovano su google, ho pagato 1800 euro x un sito mai visto",
    "sono da solo, apro alle 6 e chiudo alle 8 di sera",
    "ho solo whatsapp e la pagina facebook, il resto nn l'ho mai capito",
    "sono stanco e anche un po deluso",
    "mi piacerebbe che chi lavora qui intorno sapesse che facciamo il pranzo",
    "il tempo, e poi nn mi fido piu di nessuno",
]


async def pose(tab: Page) -> None:
    """Hold the conversation up to where an angel and a shopkeeper talk."""
    page = DemoPage(tab)
    await page.newcomer(NAME)
    await page.talk(NAME, STORY)
    await page.topic(NAME).click()
    await page.desk.get_by_role("button", name="Me ne occupo io").click(timeout=ANSWER_MS)
    await expect(page.desk.locator(".log")).to_contain_text("Se ne occupa Anna", timeout=ANSWER_MS)
    await page.write(
        page.desk,
        "Buongiorno Carlo, sono Anna. Ho letto del sito mai arrivato: domani passo da lei con calma?",
    )
    heard = page.phone.locator(".row.in", has_text="domani passo da lei")
    await expect(heard).to_be_visible(timeout=ANSWER_MS)
    await page.write(page.phone, "magari! dopo le 15 sono più tranquillo")
    answer = page.desk.locator(".row.in", has_text="dopo le 15")
    await expect(answer).to_be_visible(timeout=ANSWER_MS)
    await page.desk.get_by_label("Apri la scheda").click()
    await expect(tab.locator(".toast")).to_have_count(0)
    await tab.evaluate("document.activeElement.blur()")
    await tab.mouse.move(720, 20)


async def take(target: Path, scheme: Any) -> None:
    """Write the picture to a file."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as house:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
            tab = await browser.new_page(
                viewport={"width": 1440, "height": 900}, device_scale_factor=1.5, color_scheme=scheme
            )
            await tab.goto(house["url"])
            await pose(tab)
            await tab.screenshot(path=target)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), "dark" if "dark" in sys.argv[2:] else "light"))
