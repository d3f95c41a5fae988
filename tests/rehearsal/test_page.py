"""The demo page in a real Chromium, against the local Telegram alone: this test is the bot."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.server import serve
from tests.browser import Tabs
from tests.rehearsal.conftest import Kit

pytestmark = pytest.mark.browser

WIDE, TABLET, PHONE = (1440, 900), (1024, 768), (390, 844)
SCHEMES = ("light", "dark")
_ANNOUNCED = {"forum_topic_created", "pinned_message", "migrate_to_chat_id", "migrate_from_chat_id"}


@dataclass
class Stage(Kit):
    """The local Telegram with its page, and what a bot would do."""

    ready: int = 200
    offset: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def hears(self, kind: str = "message") -> dict[str, Any]:
        """Wait for the next update of a kind, as a bot does; Telegram's own announcements are passed over."""
        while True:
            while self.heard:
                update = self.heard.pop(0)
                if kind in update and not _ANNOUNCED & set(update[kind]):
                    return dict(update[kind])
            asked = ["message", "edited_message", "callback_query", "message_reaction"]
            news = await self.bot("getUpdates", offset=self.offset, timeout=15, allowed_updates=asked)
            assert news, f"the page sent no {kind}"
            self.offset = news[-1]["update_id"] + 1
            self.heard += news


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    local = LocalTelegram(flood_limits=False)
    stages: list[Stage] = []

    async def readyz(request: Request) -> Response:
        # 204 while loading would be a success; the bot answers 503, which a browser's console reports.
        return JSONResponse({}, stages[0].ready)

    async with (
        serve(local, routes=[Route("/readyz", readyz)]) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http,
    ):
        stages.append(Stage(local, url, http))
        yield stages[0]


async def _open(tabs: Tabs, stage: Stage, size: tuple[int, int] = WIDE) -> Page:
    page = await tabs.open(stage.url, width=size[0], height=size[1])
    await page.wait_for_selector("html[data-up]")
    return page


async def _newcomer(page: Page, stage: Stage, name: str, language: str = "it") -> int:
    """Open a shopkeeper's phone and press Avvia; return the person's id, as the bot learns it."""
    await page.get_by_label("Nome", exact=True).fill(name)
    await page.get_by_label("Lingua del telefono").select_option(language)
    await page.get_by_role("button", name="Apri il telefono").click()
    await page.locator(".phone").get_by_role("button", name="Avvia").click()
    started = await stage.hears()
    assert started["text"] == "/start"
    assert started["from"]["language_code"] == language
    return int(started["chat"]["id"])


async def _says(side: Locator, text: str) -> None:
    writing = side.locator("textarea")
    await writing.fill(text)
    await writing.press("Enter")


async def _menu(page: Page, row: Locator, item: str) -> None:
    await row.hover()
    await row.get_by_label(re.compile("Azioni sul messaggio")).click()
    await page.get_by_role("menuitem", name=item).click()


async def test_two_shopkeepers_talk_to_the_bot_each_on_their_own_phone(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    phone = page.locator(".phone")
    rosa = await _newcomer(page, stage, "Rosa")
    await stage.bot("sendMessage", chat_id=rosa, text="Buonasera Rosa.")
    await expect(phone.get_by_text("Buonasera Rosa.")).to_be_visible()
    await page.get_by_role("button", name="Nuova persona").click()
    ahmed = await _newcomer(page, stage, "Ahmed", "ar")
    assert ahmed != rosa
    await expect(phone.get_by_text("Buonasera Rosa.")).to_have_count(0)
    await _says(phone, "مساء الخير")
    assert (await stage.hears())["text"] == "مساء الخير"
    written = phone.get_by_text("مساء الخير")
    await expect(written).to_be_visible()
    await expect(written).to_have_css("direction", "rtl")  # looked for again: the row is drawn anew once sent
    await stage.bot("sendMessage", chat_id=rosa, text="È ancora lì?")
    tab = page.get_by_role("tab", name="Rosa")
    await expect(tab.get_by_label("1 da leggere")).to_be_visible(timeout=15_000)
    await tab.click()
    await expect(phone.get_by_text("È ancora lì?")).to_be_visible()
    await expect(tab.get_by_label("1 da leggere")).to_have_count(0)
    assert tabs.complaints == []


async def test_a_tap_shows_the_bots_answer_as_a_note_or_as_a_question(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    rosa = await _newcomer(page, stage, "Rosa")
    keys = [[{"text": "Sì, va bene", "callback_data": "yes"}, {"text": "No", "callback_data": "no"}]]
    await stage.bot("sendMessage", chat_id=rosa, text="Posso?", reply_markup={"inline_keyboard": keys})
    for name, data, alert in (("Sì, va bene", "yes", False), ("No", "no", True)):
        await page.get_by_role("button", name=name, exact=True).click()
        query = await stage.hears("callback_query")
        assert query["data"] == data
        await stage.bot(
            "answerCallbackQuery", callback_query_id=query["id"], text=f"Ha scelto {name}", show_alert=alert
        )
        shown = page.get_by_role("dialog" if alert else "status").filter(has_text=f"Ha scelto {name}")
        await expect(shown).to_be_visible()
    await page.get_by_role("button", name="Va bene", exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert tabs.complaints == []


async def test_replies_edits_reactions_and_deletions_reach_the_bot_and_are_seen(
    tabs: Tabs, stage: Stage
) -> None:
    page = await _open(tabs, stage)
    phone = page.locator(".phone")
    rosa = await _newcomer(page, stage, "Rosa")
    asked = await stage.bot("sendMessage", chat_id=rosa, text="In che zona siete?")
    question = phone.locator(f'[data-message-id="{asked["message_id"]}"]')
    await _menu(page, question, "Rispondi")
    await _says(phone, "in isola")
    reply = await stage.hears()
    assert reply["reply_to_message"]["message_id"] == asked["message_id"]
    answer = phone.locator(f'[data-message-id="{reply["message_id"]}"]')
    await expect(answer.locator(".quote")).to_contain_text("In che zona siete?")
    await _menu(page, answer, "Modifica")
    await _says(phone, "all'Isola, dietro Garibaldi")
    assert (await stage.hears("edited_message"))["text"] == "all'Isola, dietro Garibaldi"
    await expect(answer).to_contain_text("modificato")
    await question.hover()
    await question.get_by_label(re.compile("Azioni sul messaggio")).click()
    await page.get_by_role("button", name="Reagisci con 🙏").click()
    assert (await stage.hears("message_reaction"))["new_reaction"][0]["emoji"] == "🙏"
    await expect(question.get_by_label("Reazione 🙏, 1")).to_be_visible()
    await _menu(page, answer, "Elimina per tutti")
    await expect(answer).to_have_count(0)
    assert tabs.complaints == []


async def test_a_topic_appears_with_its_card_and_the_angel_writes_in_it(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    desk = page.locator(".desk")
    icons = {s["emoji"]: s["custom_emoji_id"] for s in await stage.bot("getForumTopicIconStickers")}
    topic = (
        await stage.bot(
            "createForumTopic", chat_id=stage.group, name="Rosa · fiori", icon_custom_emoji_id=icons["💬"]
        )
    )["message_thread_id"]
    card = await stage.bot(
        "sendMessage",
        chat_id=stage.group,
        message_thread_id=topic,
        text="<b>Scheda di Rosa</b>\nHa pagato un sito mai visto.",
        parse_mode="HTML",
        reply_markup={"inline_keyboard": [[{"text": "Me ne occupo io", "callback_data": "claim"}]]},
    )
    await stage.bot("pinChatMessage", chat_id=stage.group, message_id=card["message_id"])
    row = desk.get_by_role("button", name="Rosa · fiori")
    await expect(row).to_contain_text("💬")
    await expect(row.get_by_label("1 da leggere")).to_be_visible()
    await row.click()
    await expect(desk.get_by_label("Messaggio fissato: Scheda di Rosa")).to_be_visible()
    await expect(row.get_by_label("1 da leggere")).to_have_count(0)
    await page.get_by_role("tab", name="Marco").click()
    await desk.get_by_role("button", name="Me ne occupo io").click()
    query = await stage.hears("callback_query")
    assert query["from"]["first_name"] == "Marco"
    assert query["message"]["message_thread_id"] == topic
    await stage.bot("answerCallbackQuery", callback_query_id=query["id"])
    await _says(desk, "Buongiorno Rosa, sono Marco.")
    said = await stage.hears()
    assert (said["message_thread_id"], said["from"]["first_name"]) == (topic, "Marco")
    await desk.get_by_role("button", name="General", exact=False).click()
    await _says(desk, "Rosa la seguo io")
    assert "message_thread_id" not in await stage.hears()
    await stage.owner("delete_topic", thread_id=topic)
    await stage.bot("sendMessage", chat_id=stage.group, text="Un argomento è stato tolto.")
    await expect(row).to_have_count(0)
    assert tabs.complaints == []


async def test_alarms_in_private_reach_the_angel_whoever_is_looked_at(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    anna, marco = stage.local.angel_ids[:2]
    for angel in (anna, marco):
        await stage.says(angel, text="/start")
    await stage.bot("sendMessage", chat_id=marco, text="Allarme: una persona ha bisogno adesso.")
    tab = page.get_by_role("tab", name="Marco")
    await expect(tab.get_by_label("1 in privato da leggere")).to_be_visible(timeout=15_000)
    await tab.click()
    await page.get_by_role("button", name="Il bot, in privato").click()
    await expect(
        page.locator(".desk .log").get_by_text("Allarme: una persona ha bisogno adesso.")
    ).to_be_visible()
    assert tabs.complaints == []


async def test_everything_in_the_paper_clip_is_sent_and_seen(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    phone = page.locator(".phone")
    await _newcomer(page, stage, "Rosa")
    sent = {
        "Foto": ("photo", ".picture"),
        "Messaggio vocale": ("voice", ".sound"),
        "Video": ("video", "video"),
        "Posizione": ("location", ".place"),
        "Contatto": ("contact", ".contact"),
        "Documento": ("document", ".paper"),
        "Sticker": ("sticker", ".sticker"),
        "Album di foto": ("media_group_id", ".album .picture"),
    }
    for label, (field_name, shown) in sent.items():
        await phone.get_by_role("button", name="Allega").click()
        await page.get_by_role("menuitem", name=label, exact=True).click()
        assert field_name in await stage.hears()
        await expect(phone.locator(shown).last).to_be_visible()
    await expect(phone.locator(".album")).to_have_count(1)
    assert tabs.complaints == []


async def test_what_people_write_is_shown_as_text_and_formatting_as_formatting(
    tabs: Tabs, stage: Stage
) -> None:
    page = await _open(tabs, stage)
    phone = page.locator(".phone")
    rosa = await _newcomer(page, stage, '<img src=x onerror="document.title=1">')
    hostile = '<script>document.title="preso"</script> {{7*7}} <b>no</b>'
    await _says(phone, hostile)
    # The bubble that is on its way and the message that has arrived may overlap for a moment; in the end there is one.
    await expect(phone.get_by_text(hostile)).to_have_count(1)
    text = '<b>grassetto <i>e corsivo</i></b> <a href="https://example.org/a?b=1&amp;c=2">qui</a> <tg-spoiler>segreto</tg-spoiler>'
    await stage.bot("sendMessage", chat_id=rosa, text=text, parse_mode="HTML")
    await expect(phone.locator("strong", has_text="grassetto")).to_contain_text("grassetto e corsivo")
    await expect(phone.locator("strong em")).to_have_text("e corsivo")
    await expect(phone.get_by_role("link", name="qui")).to_have_attribute(
        "href", "https://example.org/a?b=1&c=2"
    )
    await phone.get_by_label("Testo nascosto").click()
    await expect(phone.locator(".spoiler.shown")).to_have_text("segreto")
    assert await page.title() != "preso"
    assert tabs.complaints == []


async def test_the_phone_shows_that_the_bot_is_typing(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    rosa = await _newcomer(page, stage, "Rosa")
    await expect(page.locator(".phone .tick")).to_be_visible()
    await stage.bot("sendChatAction", chat_id=rosa, action="typing")
    await expect(page.locator(".phone .bar")).to_contain_text("sta scrivendo")
    await stage.bot("sendMessage", chat_id=rosa, text="Eccomi.")
    await expect(page.locator(".phone .typing")).to_be_hidden()
    assert tabs.complaints == []


async def test_commands_are_those_of_the_bots_menu_here(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    for words, scope in (
        ("Che cosa posso fare qui", {"type": "all_private_chats"}),
        ("I miei casi", {"type": "chat", "chat_id": stage.group}),
    ):
        command = [{"command": "aiuto", "description": words}]
        await stage.bot("setMyCommands", commands=command, scope=scope)
    await _newcomer(page, stage, "Rosa")
    await page.locator(".phone").get_by_role("button", name="Comandi del bot").click()
    await page.get_by_role("menuitem", name="Che cosa posso fare qui").click()
    assert (await stage.hears())["text"] == "/aiuto"
    await page.locator(".topic", has_text="General").click()
    await page.locator(".desk").get_by_role("button", name="Comandi del bot").click()
    await expect(page.get_by_role("menuitem", name="I miei casi")).to_be_visible()
    assert tabs.complaints == []


async def test_a_reader_who_scrolled_up_is_told_of_new_messages_and_not_moved(
    tabs: Tabs, stage: Stage
) -> None:
    page = await _open(tabs, stage)
    rosa = await _newcomer(page, stage, "Rosa")
    for number in range(40):
        await stage.bot("sendMessage", chat_id=rosa, text=f"riga {number}\n" * 3)
    log = page.locator(".phone .log")
    await expect(log.get_by_text("riga 39").last).to_be_in_viewport()
    await log.evaluate("node => node.scrollTo({top: 0, behavior: 'instant'})")
    pill = page.locator(".phone .pill")
    await expect(pill).to_be_visible()
    await stage.bot("sendMessage", chat_id=rosa, text="l'ultima")
    await expect(pill).to_contain_text("1 messaggio nuovo")
    assert await log.evaluate("node => node.scrollTop") == 0
    await pill.click()
    await expect(log.get_by_text("l'ultima")).to_be_in_viewport()
    assert tabs.complaints == []


async def test_it_says_while_the_program_still_learns_and_when_it_is_ready(tabs: Tabs, stage: Stage) -> None:
    stage.ready = 503
    page = await _open(tabs, stage)
    await expect(page.locator("#stato")).to_contain_text("sta ancora imparando ad ascoltare")
    stage.ready = 200
    await expect(page.locator("#stato")).to_contain_text("Pronto ad ascoltare")


async def test_a_message_that_cannot_be_sent_says_why_and_can_be_sent_again(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    phone = page.locator(".phone")
    rosa = await _newcomer(page, stage, "Rosa")
    await stage.phone(f"users/{rosa}/block")
    await _says(phone, "ci siete?")
    await expect(phone.get_by_role("alert")).to_contain_text("Ha bloccato il bot")
    await stage.phone(f"users/{rosa}/unblock")
    await phone.get_by_role("button", name="Riprova").click()
    assert (await stage.hears())["text"] == "ci siete?"
    await expect(phone.locator(".pending")).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, TABLET, WIDE], ids=["390", "1024", "1440"])
async def test_nothing_is_wider_than_the_screen(tabs: Tabs, stage: Stage, size: tuple[int, int]) -> None:
    page = await _open(tabs, stage, size)
    rosa = await _newcomer(page, stage, "Rosa Maria Addolorata Immacolata")
    await stage.bot("sendMessage", chat_id=rosa, text="parolalunghissima" * 60)
    await stage.bot("sendMessage", chat_id=rosa, text="<pre>" + "x" * 400 + "</pre>", parse_mode="HTML")
    await stage.bot("createForumTopic", chat_id=stage.group, name="Un nome d'argomento assai lungo " * 4)
    await expect(page.locator(".phone pre")).to_be_visible()
    sides = page.locator("#lati button")
    if size == PHONE:
        await _within(page, size[0])
        await sides.filter(has_text="Angeli").click()
    await page.locator(".topic", has_text="Un nome d'argomento").click()
    await expect(page.locator(".desk textarea")).to_be_visible()
    await _says(page.locator(".desk"), "altraparolalunghissima" * 40)
    assert (await stage.hears())["text"].startswith("altra")
    await _within(page, size[0])
    if size == PHONE:
        await page.get_by_role("button", name="Torna agli argomenti").click()
        await expect(page.locator(".topic", has_text="General")).to_be_visible()
        await sides.filter(has_text="Negoziante").click()
        await expect(page.locator(".phone textarea")).to_be_visible()
    assert tabs.complaints == []


async def _within(page: Page, width: int) -> None:
    """Nothing scrolls sideways, neither the page nor a chat."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    for log in await page.locator(".log:visible").all():
        assert await log.evaluate("node => node.scrollWidth <= node.clientWidth")


_FAINT = """
() => {
  const parse = (css) => {
    const numbers = css.match(/[\\d.]+(e-?\\d+)?/g).map(Number);
    const scale = css.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((n) => n * scale), numbers[3] ?? 1];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const own = parse(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(node.parentElement));
  };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.checkVisibility({opacityProperty: true}) || node.closest(".unseen, .toast, [aria-hidden=true], .spoiler")) continue;
    const style = getComputedStyle(node);
    const under = ground(node);
    const [a, b] = [light(over(parse(style.color), under)), light(under)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) faint.push(`${contrast.toFixed(2)} ${walk.currentNode.textContent.trim().slice(0, 40)} (${node.className})`);
  }
  return faint;
}
"""


async def _faint(page: Page) -> list[str]:
    """Texts with too little contrast, once nothing fades in or out any more."""
    fading = "document.getAnimations().filter(a => a.effect.getTiming().iterations === 1)"
    await page.evaluate(f"Promise.allSettled({fading}.map(a => a.finished))")
    found: list[str] = await page.evaluate(_FAINT)
    return found


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_text_has_the_contrast_that_wcag_asks_for(tabs: Tabs, stage: Stage, scheme: Any) -> None:
    # WCAG 2.2, 1.4.3 Contrast (Minimum): 4.5 to 1, 3 to 1 for large text
    page = await _open(tabs, stage)
    await page.emulate_media(color_scheme=scheme)
    assert await _faint(page) == []
    rosa = await _newcomer(page, stage, "Rosa")
    keys = {"inline_keyboard": [[{"text": "Sì", "callback_data": "y"}]]}
    text = '<b>Uno</b> <a href="https://example.org">due</a> <code>tre</code><blockquote>quattro</blockquote>@cinque /sei'
    said = await stage.bot("sendMessage", chat_id=rosa, text=text, parse_mode="HTML", reply_markup=keys)
    await stage.says(rosa, text="ecco", reply_to=said["message_id"])
    await stage.says(rosa, document="sample", forward_from="Agenzia")
    await stage.says(rosa, contact={"phone_number": "+3902", "first_name": "Marta"})
    topic = await stage.topic()
    for person in (*stage.local.angel_ids, stage.local.coordinator_id):
        await stage.says(person, chat_id=stage.group, thread_id=topic, text="Buongiorno")
    await page.locator(".topic", has_text="Rosa, fiorista").click()
    await expect(page.locator(".desk .row")).to_have_count(4)
    await expect(page.locator(".phone .contact")).to_be_visible()
    assert await _faint(page) == []


async def test_a_whole_turn_can_be_done_with_the_keyboard_alone(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    await page.get_by_label("Nome", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".phone").get_by_role("button", name="Avvia")).to_be_focused()
    await page.keyboard.press("Enter")
    rosa = (await stage.hears())["chat"]["id"]
    keys = {"inline_keyboard": [[{"text": "Sì", "callback_data": "y"}]]}
    await stage.bot("sendMessage", chat_id=rosa, text="Posso?", reply_markup=keys)
    await expect(page.get_by_role("button", name="Sì")).to_be_visible()
    await page.locator(".phone textarea").focus()
    for _ in range(6):
        if await page.evaluate("document.activeElement.textContent") == "Sì":
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    query = await stage.hears("callback_query")
    await stage.bot("answerCallbackQuery", callback_query_id=query["id"])
    assert query["data"] == "y"
    assert tabs.complaints == []


async def test_a_reload_finds_the_same_phones_and_another_telegram_none_of_them(
    tabs: Tabs, stage: Stage
) -> None:
    page = await _open(tabs, stage)
    rosa = await _newcomer(page, stage, "Rosa")
    await stage.bot("sendMessage", chat_id=rosa, text="Buonasera Rosa.")
    await expect(page.locator(".phone").get_by_text("Buonasera Rosa.")).to_be_visible()
    await page.reload()
    await expect(page.locator(".phone").get_by_text("Buonasera Rosa.")).to_be_visible()
    await page.evaluate("localStorage.setItem('world', 'another')")
    await page.reload()
    await expect(page.get_by_role("button", name="Apri il telefono")).to_be_visible()
    assert tabs.complaints == []


async def test_a_group_that_moved_is_still_on_the_page(tabs: Tabs, stage: Stage) -> None:
    page = await _open(tabs, stage)
    topic = await stage.topic()
    await stage.says(stage.angel, chat_id=stage.group, thread_id=topic, text="prima del trasloco")
    await page.locator(".topic", has_text="Rosa, fiorista").click()
    moved = (await stage.owner("migrate"))["id"]
    await stage.bot("sendMessage", chat_id=moved, message_thread_id=topic, text="dopo il trasloco")
    log = page.locator(".desk .log")
    await expect(log.get_by_text("dopo il trasloco")).to_be_visible()
    await expect(log.get_by_text("prima del trasloco")).to_be_visible()
    await _says(page.locator(".desk"), "eccomi")
    while (said := await stage.hears())["text"] != "eccomi":
        continue
    assert (said["chat"]["id"], said["message_thread_id"]) == (moved, topic)
    assert tabs.complaints == []
