"""The whole product by hand: a shopkeeper and an angel, each at their side of the demo page, with the real Rasa."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import Tabs
from tests.e2e.page import ANSWER_MS, DemoPage, demo

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.rasa, pytest.mark.timeout(600)]

STORY = [
    "salve, ho un bar a lambrate e i clienti nn mi trovano su google, ho pagato 1800 euro x un sito mai visto",
    "sono da solo, apro alle 6 e chiudo alle 8 di sera",
    "ho solo whatsapp e la pagina facebook, il resto nn l'ho mai capito",
    "sono stanco e anche un po deluso",
    "mi piacerebbe che chi lavora qui intorno sapesse che facciamo il pranzo",
    "il tempo, e poi nn mi fido piu di nessuno",
]


async def test_a_conversation_in_free_italian_ends_with_an_angel_who_knows_the_story(
    tabs: Tabs, tmp_path: Path
) -> None:
    with demo(tmp_path) as house:
        page = DemoPage(await tabs.open(house["url"]))
        await page.newcomer("Carlo")
        pressed = await page.talk("Carlo", STORY)
        assert pressed[:3] == ["Sì, va bene", "Sì, è così", "Sì, l'angelo veda il riassunto e la chat"]

        await page.topic("Carlo").click()
        await page.desk.get_by_label("Apri la scheda").click(timeout=ANSWER_MS)
        card = page.desk.locator(".pinned-full")
        for fact in ("Lambrate", "1800 euro", "Carlo"):
            await expect(card).to_contain_text(fact)
        await page.desk.get_by_label("Chiudi la scheda").click()

        await page.desk.get_by_role("button", name="Me ne occupo io").click()
        await expect(page.desk.locator(".log")).to_contain_text("Se ne occupa Anna", timeout=ANSWER_MS)
        await page.write(page.desk, "Buonasera Carlo, sono Anna: ho letto del sito. Domani passo io?")
        heard = page.phone.locator(".row.in", has_text="Domani passo io?")
        await expect(heard).to_be_visible(timeout=ANSWER_MS)
        await page.write(page.phone, "magari, dopo le 15 sono tranquillo")
        answer = page.desk.locator(".row.in", has_text="dopo le 15 sono tranquillo")
        await expect(answer).to_be_visible(timeout=ANSWER_MS)

        await page.desk.get_by_role("button", name="Chiudi", exact=False).first.click()
        await page.desk.get_by_role("button", name="Appuntamento fissato").click(timeout=ANSWER_MS)
        await expect(page.topic("Carlo")).to_contain_text("✅", timeout=ANSWER_MS)
        await expect(page.phone.locator(".log")).to_contain_text("L'appuntamento resta", timeout=ANSWER_MS)
        assert [said for said in tabs.complaints if "503" not in said] == []
