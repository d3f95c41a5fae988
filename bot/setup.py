"""`bot setup`: from an empty folder to a bot that may start, one step at a time, in Italian.

What is written goes into `.env`, line by line, and never onto the screen again. Every check can be run again
(`bot setup --check`) and says what is missing and where in Telegram to change it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import segno
from cryptography.fernet import Fernet
from telegram import Bot
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.settings import Settings
from bot.telegram.members import TelegramMembers
from bot.telegram.menu import load_menu, register
from bot.telegram.wire import make_bot

Say = Callable[[str], None]
Ask = Callable[[str], str]

WAIT_SECONDS = 120.0
ROTA = 2
"""Fewest people of the alarm rota who must be reachable."""

_RIGHTS = {
    "can_manage_topics": "Gestire gli argomenti",
    "can_delete_messages": "Eliminare i messaggi",
    "can_pin_messages": "Fissare i messaggi",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        good: It is as it should be.
        text: What was seen, or what to do, in Italian.
    """

    good: bool
    text: str


async def look_at_group(bot: Bot, group_id: int) -> list[Finding]:
    """Whether the angels' group is a forum and the bot may do there what it must."""
    if not group_id:
        return [Finding(False, "Manca il gruppo degli angeli: STAFF_GROUP_ID è vuoto.")]
    try:
        chat = await bot.get_chat(group_id)
        member = await bot.get_chat_member(group_id, bot.id)
    except (BadRequest, Forbidden):
        return [Finding(False, "Il bot non è nel gruppo degli angeli: aggiungerlo, e poi riprovare.")]
    found = [
        Finding(True, "Il gruppo ha gli argomenti.")
        if chat.is_forum
        else Finding(False, "Nel gruppo mancano gli argomenti: Modifica gruppo > Argomenti > attivare.")
    ]
    if member.status != "administrator":
        return [
            *found,
            Finding(
                False, "Il bot non è amministratore: Modifica gruppo > Amministratori > aggiungere il bot."
            ),
        ]
    for right, name in _RIGHTS.items():
        good = bool(getattr(member, right, False))
        text = (
            f"Il bot può: {name}." if good else f"Al bot manca il permesso «{name}» (Amministratori > bot)."
        )
        found.append(Finding(good, text))
    return found


async def look_at_rota(bot: Bot, group_id: int, on_call: list[int]) -> list[Finding]:
    """Whether at least two of the alarm rota are in the group and have pressed start in private."""
    members, found, reachable = TelegramMembers(bot), [], 0
    for user_id in on_call:
        standing = await members.standing(group_id, user_id)
        if standing is None or not standing.member:
            found.append(Finding(False, f"Il reperibile {user_id} non è nel gruppo degli angeli."))
            continue
        try:
            await bot.send_chat_action(user_id, "typing")
        except (BadRequest, Forbidden):
            found.append(
                Finding(
                    False, f"{standing.who.name} non ha ancora premuto Avvia nella chat privata con il bot."
                )
            )
            continue
        reachable += 1
        found.append(Finding(True, f"{standing.who.name} è raggiungibile per gli allarmi."))
    if reachable < ROTA:
        text = f"Per gli allarmi servono almeno {ROTA} persone raggiungibili (ON_CALL): ora sono {reachable}."
        found.append(Finding(False, text))
    return found


def look_at_papers(settings: Settings) -> list[Finding]:
    """Keys, and the data protection officer's word on alarms."""
    keys = Finding(True, "Le chiavi di cifratura ci sono.")
    if not settings.encryption_keys:
        keys = Finding(False, "Manca ENCRYPTION_KEYS: senza, i dati delle persone non si possono custodire.")
    confirmed = Finding(True, f"Base giuridica degli allarmi confermata dal DPO il {settings.dpo_confirmed}.")
    try:
        date.fromisoformat(settings.dpo_confirmed)
    except ValueError:
        confirmed = Finding(
            False, "DPO_CONFIRMED: manca la data in cui il DPO ha confermato la base giuridica degli allarmi."
        )
    return [keys, confirmed]


async def look_at_everything(settings: Settings) -> list[Finding]:
    """All checks of `bot setup --check`."""
    papers = look_at_papers(settings)
    if not settings.bot_token.get_secret_value():
        return [Finding(False, "Manca BOT_TOKEN: lo dà @BotFather con /newbot."), *papers]
    bot = make_bot(settings.bot_token.get_secret_value(), settings.telegram_api_url)
    try:
        async with bot:
            known = [Finding(True, f"Telegram conosce il bot @{bot.username}.")]
            group = await look_at_group(bot, settings.staff_group_id)
            rota = await look_at_rota(bot, settings.staff_group_id, settings.on_call)
    except TelegramError as error:
        return [
            Finding(False, f"Telegram non risponde o non accetta il token ({type(error).__name__})."),
            *papers,
        ]
    return [*known, *group, *rota, *papers]


def write_env(path: Path, name: str, value: str) -> None:
    """Set one line of `.env`, leaving the others and their comments alone; readable by its owner only."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    line = f"{name}={value}"
    places = [index for index, old in enumerate(lines) if re.match(rf"{name}\s*=", old)]
    if places:
        lines[places[0]] = line
    else:
        lines.append(line)
    temporary = path.with_name(path.name + ".new")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.chmod(0o600)
    os.replace(temporary, path)


def shop_window(folder: Path, username: str, source: str) -> tuple[str, Path]:
    """The short link and its QR code for a shop window; starts through it are counted by `source`.

    Args:
        folder: Where the picture goes.
        username: The bot's.
        source: 1 to 64 of A-Z a-z 0-9 _ - (https://core.telegram.org/bots/features#deep-linking).

    Raises:
        ValueError: The source has other characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", source):
        raise ValueError("il codice può avere solo lettere, cifre, - e _, al massimo 64")
    link = f"https://t.me/{username}?start={source}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"vetrina-{source}.svg"
    segno.make(link, error="q").save(str(path), scale=12, border=4)
    return link, path


async def find_group(bot: Bot, say: Say) -> int:
    """Wait until the bot is added to, or sees a message in, a group; 0 when nothing happened in time."""
    say("Aggiunga ora il bot al gruppo degli angeli e lo faccia amministratore; poi scriva nel gruppo: /qui")
    offset = 0
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    await bot.delete_webhook()
    while asyncio.get_running_loop().time() < deadline:
        updates = await bot.get_updates(
            offset=offset or None, timeout=5, allowed_updates=["message", "my_chat_member"]
        )
        for update in updates:
            offset = update.update_id + 1
            chat = update.effective_chat
            if chat is not None and chat.type in ("group", "supergroup"):
                say(f"Trovato il gruppo «{chat.title}».")
                return chat.id
    return 0


async def guide(settings: Settings, env: Path, dialogues: Path, ask: Ask, say: Say) -> bool:
    """Walk through the set-up.

    Args:
        settings: What is known already.
        env: The `.env` to complete.
        dialogues: For profile and menus.
        ask: Asks one question.
        say: Prints one line.

    Returns:
        True when nothing is missing any more.
    """
    token = settings.bot_token.get_secret_value()
    if not token:
        say("1. Il bot. In Telegram scriva a @BotFather: /newbot, e copi qui il token che riceve.")
        token = ask("Token").strip()
        write_env(env, "BOT_TOKEN", token)
    if not settings.encryption_keys:
        write_env(env, "ENCRYPTION_KEYS", Fernet.generate_key().decode())
        say("2. Ho creato la chiave di cifratura in .env: ne serve una copia al sicuro, altrove.")
    bot = make_bot(token, settings.telegram_api_url)
    try:
        async with bot:
            await _guide_group(bot, settings, env, dialogues, ask, say)
    except TelegramError as error:
        say(f"Telegram non risponde o non accetta il token ({type(error).__name__}): controlli e riprovi.")
        return False
    if not settings.dpo_confirmed:
        say("6. Il DPO di SPIN deve confermare la base giuridica degli allarmi (PRIVACY.md).")
        answer = ask("Data della conferma, AAAA-MM-GG (vuoto = non ancora)").strip()
        if answer:
            write_env(env, "DPO_CONFIRMED", answer)
    fresh = Settings(_env_file=env)
    findings = await look_at_everything(fresh)
    report(findings, say)
    return all(finding.good for finding in findings)


async def _guide_group(bot: Bot, settings: Settings, env: Path, dialogues: Path, ask: Ask, say: Say) -> None:
    group_id = settings.staff_group_id
    if not group_id:
        say("3. Il gruppo degli angeli: un supergruppo con gli argomenti attivi.")
        group_id = await find_group(bot, say)
        if not group_id:
            say("Non ho visto nessun gruppo: si può riprovare quando si vuole con `bot setup`.")
            return
        write_env(env, "STAFF_GROUP_ID", str(group_id))
    report(await look_at_group(bot, group_id), say)
    if not settings.on_call:
        say(f"4. Reperibilità per gli allarmi: ognuno apra https://t.me/{bot.username} e prema Avvia.")
        answer = ask("Id Telegram dei reperibili, separati da virgole (almeno due)").strip()
        if answer:
            write_env(env, "ON_CALL", answer)
    menu, _digest = load_menu(dialogues / "menu.yml")
    say(
        "5. Profilo e menu registrati."
        if await register(bot, menu)
        else "5. Profilo e menu: Telegram ha rifiutato, si riprova all'avvio."
    )
    source = ask("Codice della vetrina per il QR, per esempio vetrina-2026 (vuoto = salta)").strip()
    if source:
        try:
            link, path = shop_window(Path("vetrina"), bot.username, source)
        except ValueError as error:
            say(str(error))
            return
        say(f"Indirizzo breve: {link}\nQR da stampare: {path}")


def report(findings: list[Finding], say: Say) -> None:
    """Print what was found, what is missing last."""
    for finding in sorted(findings, key=lambda f: not f.good):
        say(f"{'  ok ' if finding.good else 'MANCA'}  {finding.text}")
    if all(finding.good for finding in findings):
        say(f"Tutto a posto ({datetime.now(UTC).date().isoformat()}).")
