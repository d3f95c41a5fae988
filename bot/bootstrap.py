"""Everything is wired here, and only here: settings become a running house."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from cryptography.fernet import Fernet
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.conversation import Library, LibraryError
from bot.conversation.loader import Checked
from bot.conversation.mirror import ClauseMirror
from bot.conversation.mirror.lexicon import italian
from bot.conversation.types import Understood
from bot.conversation.watch import LiveLibrary
from bot.desk import Desk, DeskConfig, MenuOf
from bot.privacy import retention
from bot.settings import Settings
from bot.store import crash, inbox, migrate
from bot.store.crypto import keyring
from bot.store.database import Database, open_engine
from bot.store.locks import ChatLocks
from bot.store.models import Setting
from bot.store.outbox import Due
from bot.telegram.clock import Clock, FollowedClock, SystemClock
from bot.telegram.delivery import Delivery
from bot.telegram.dispatch import Dispatcher
from bot.telegram.members import TelegramMembers
from bot.telegram.menu import Menu, load_menu, register, renew
from bot.telegram.pace import Pace
from bot.telegram.receiving import Receiver
from bot.telegram.updates import ALLOWED_UPDATES, MaskedText
from bot.telegram.voices import Voices
from bot.telegram.wire import make_bot, retry_seconds
from bot.turn import TurnConfig, Turns
from bot.understanding.port import Understanding, Utterance
from bot.understanding.rasa.client import RasaClient
from bot.understanding.rasa.supervisor import RasaServer
from bot.understanding.rasa.training import TrainingFailed, model_path
from bot.understanding.voice.ears import WhisperEars, installed

if TYPE_CHECKING:
    from bot.understanding.alarms.ear import AlarmEar
    from bot.understanding.listener import Listener

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parent.parent
CHAT_MENU = "menu:"
"""Settings that remember which menu a chat shows."""

MENU_SECONDS = 5.0
"""How soon somebody who has become an angel, or is one no more, sees the other menu."""

HOUSEKEEPING_SECONDS = 600.0
RASA_SECONDS = 180.0
FIRST_ANSWERS_SECONDS = 1.0

DATABASE_PATIENCE = 60.0
"""Seconds that a database which is away is waited for at the start."""

SWITCH_SECONDS = 0.001
"""How long a thread may hear a message, or write it down, before the loop that receives and sends has its turn: with
Python's 5 ms a message that meets another's hearing waits at each of its dozen steps."""

AT_THE_START = 20
"""So often a worker tries to write down who is in the group while others, starting too, do the same."""

QUEUE = 20
"""So many updates at once are what an outage left behind."""


class SettingsError(RuntimeError):
    """Something in the settings keeps the bot from starting; the message is Italian and says what to do."""


def load_keys(settings: Settings) -> None:
    """Load the encryption keys, or make one for trying out.

    Raises:
        SettingsError: In production without keys, or a key that is none.
    """
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    if not keys:
        if settings.production:
            raise SettingsError(
                "ENCRYPTION_KEYS è vuoto: in servizio serve almeno una chiave (`bot setup` ne crea una)."
            )
        keys = [_trial_key(settings.data_dir)]
    try:
        keyring.load(keys)
    except ValueError as error:
        raise SettingsError("ENCRYPTION_KEYS contiene qualcosa che non è una chiave Fernet.") from error


def _trial_key(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "key"
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text().strip()


def open_database(settings: Settings) -> Database:
    """Open the database and bring its schema up."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    return Database(engine)


async def _database_when_there(settings: Settings) -> Database:
    """Open the database; one that is away for a moment (it restarts with us, the disk is full) is waited for.

    Raises:
        sqlalchemy.exc.OperationalError: Still away after `DATABASE_PATIENCE` seconds.
    """
    waited, pause = 0.0, 0.5
    while True:
        try:
            return open_database(settings)
        except OperationalError:
            if waited >= DATABASE_PATIENCE:
                raise
            log.warning("database.awaited", seconds=waited)
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 5.0)


def dialogues_of(settings: Settings) -> Path:
    """The folder of scripts: the one in the settings, or the one that came with the program."""
    return settings.dialogues if settings.dialogues.exists() else ROOT / "dialogues"


def open_library(settings: Settings) -> LiveLibrary:
    """The scripts, kept current while files change.

    Raises:
        SettingsError: They have errors; the text lists them all.
    """
    try:
        return LiveLibrary(
            dialogues_of(settings),
            production=settings.production,
            mirror=ClauseMirror(),
            today=lambda: datetime.now(UTC).date(),
        )
    except LibraryError as error:
        raise SettingsError(str(error)) from error


def library_of(settings: Settings) -> Library:
    """The scripts as they are now."""
    return open_library(settings).library


@contextlib.contextmanager
def read_for_good() -> Iterator[None]:
    """While what stays for good is being read, and ever after, the garbage collector need not go through it.

    Hundreds of thousands of objects: going through them took 0.2 to 0.4 s of all threads, in the middle of somebody's turn,
    and two seconds of the start (measured).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class LateEar:
    """Understanding that is still opening its data files when the first update comes in.

    Commands and buttons need no understanding and are answered at once; the first words wait for it.

    Args:
        build: Opens everything; runs on a thread of its own.
    """

    def __init__(self, build: Callable[[], Understanding]) -> None:
        self._build = build
        self._begun: asyncio.Future[Understanding] | None = None

    @property
    def _opening(self) -> asyncio.Future[Understanding]:
        if self._begun is None:
            self._begun = asyncio.get_running_loop().run_in_executor(None, self._built)
            since = time.monotonic()
            # Where the newest examples have not been learnt yet (`bot train`) they are learnt here first: minutes, on a
            # machine that has much to do, in which words wait. The log must tell that from a bot that is stuck.
            self._begun.add_done_callback(
                lambda _: log.info("ear.open", seconds=round(time.monotonic() - since, 1))
            )
        return self._begun

    def _built(self) -> Understanding:
        with read_for_good():
            return self._build()

    async def opened(self) -> None:
        """Open everything, a moment after the start: the thread would slow the first answers down.

        Raises:
            SettingsError: The data files have faults; the text lists them.
        """
        await asyncio.sleep(FIRST_ANSWERS_SECONDS)
        try:
            await asyncio.shield(self._opening)
        except ValueError as error:
            raise SettingsError(str(error)) from error

    async def understand(self, utterance: Utterance) -> Understood:
        """Understand one message, as soon as that is possible."""
        if not self._opening.done():
            log.warning("ear.not_open", meaning="words wait until what was learnt is read, or learnt")
        return await (await asyncio.shield(self._opening)).understand(utterance)

    async def ready(self) -> bool:
        """True when everything is open and Rasa answers."""
        return self._begun is not None and self._begun.done() and await self._begun.result().ready()


class EarlyEar:
    """Hears danger by the rules alone, before anything else is understood: in a queue those messages go first.

    Args:
        waiting: True while people wait for their turn; otherwise everybody is taken at once, and nothing is asked.
    """

    def __init__(self, waiting: Callable[[], bool]) -> None:
        self._waiting = waiting

    async def __call__(self, texts: Sequence[str]) -> Sequence[bool]:
        """Which of these texts may come from somebody in danger."""
        if len(texts) < QUEUE and not self._waiting():
            return [False] * len(texts)
        return await asyncio.to_thread(lambda: [self._hears(text) for text in texts])

    def _hears(self, text: str) -> bool:
        verdict = self._ear.hear(text)
        return verdict.alarm is not None or verdict.doubt is not None

    @cached_property
    def _ear(self) -> AlarmEar:
        from bot.understanding.alarms.ear import AlarmEar
        from bot.understanding.alarms.rules import load_rules

        return AlarmEar(load_rules(ROOT / "nlu" / "alarms"))


class House:
    """The running bot: what `bot run` starts and stops.

    Args:
        settings: Everything that may differ.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        self.rasa_server: RasaServer | None = None
        self._failed = asyncio.Event()
        self.failure: BaseException | None = None

    async def open(self, stack: contextlib.AsyncExitStack) -> None:
        """Bring everything up, in the order in which a first message could need it.

        Args:
            stack: Closes everything again.

        Raises:
            SettingsError: Something is missing.
        """
        with read_for_good():
            await self._open(stack)

    async def _open(self, stack: contextlib.AsyncExitStack) -> None:
        settings = self.settings
        sys.setswitchinterval(SWITCH_SECONDS)
        load_keys(settings)
        if settings.local_telegram:
            crash.arm(os.environ.get("CRASH_AT", ""))
        self.library_path = dialogues_of(settings)
        self.live = open_library(settings)
        self.database = await _database_when_there(settings)
        stack.callback(self.database.close)
        self.clock: Clock = SystemClock()
        if settings.clock_url and settings.local_telegram:
            followed = FollowedClock(settings.clock_url)
            self.clock = followed
            self._start(followed.follow())
        self.bot = make_bot(settings.bot_token.get_secret_value(), settings.telegram_api_url)
        await self._greet_telegram()
        stack.push_async_callback(self.bot.shutdown)
        self._build()
        log.info("house.worker", name=self.worker)
        stack.callback(self.locks.close)
        await self.delivery.recover()
        await self._start_rasa(stack)
        if self.ears is not None:
            self.ears.start()
            stack.push_async_callback(self.ears.stop)
        await self._learn_the_group()
        for work in (
            self.delivery.run(),
            self.dispatcher.run(),
            self._timers(),
            self._housekeeping(),
            self._menus(),
        ):
            self._start(work)
        self._start(self.live.watch(self._dialogues_changed))
        self._start(self.listener.opened())
        if settings.http_port or settings.webhook_url:
            await stack.enter_async_context(self._http())
        if not settings.webhook_url:
            self._start(self._poll())
        stack.push_async_callback(self._stop)

    def _build(self) -> None:
        settings = self.settings
        self.worker = f"{socket.gethostname()[:20]}-{uuid.uuid4().hex[:8]}"
        self.rasa = self._rasa_client()
        self.listener = LateEar(self._open_ears)
        config = DeskConfig(
            staff_group_id=settings.staff_group_id,
            on_call=tuple(settings.on_call),
            bot_username=self.bot.username,
            bot_id=self.bot.id,
            production=settings.production,
            local=settings.local_telegram,
        )
        self.desk = Desk(self._library, config)
        self.members = TelegramMembers(self.bot)
        self.locks = ChatLocks(self.database, self.worker)
        turn_config = TurnConfig(self.bot.id, timedelta(seconds=settings.gather_seconds))
        self.ears = self._ears()
        voices = Voices(self.bot, self.ears, _mask, settings.voice_seconds) if self.ears else None
        self.turns = Turns(
            self.database,
            self._library,
            self.listener,
            self.desk,
            self.members,
            self.clock,
            self._nudge,
            turn_config,
            voices,
        )
        pace = Pace(settings.private_per_second, settings.group_per_minute, settings.overall_per_second)
        self.delivery = Delivery(
            self.database,
            self.bot,
            pace,
            self.clock,
            self.turns.answered,
            self.worker,
            self.locks,
            self.desk.slowed,
        )
        self.dispatcher = Dispatcher(
            self.database, self.locks, self.turns.take, self.clock, lambda: voices.waiting if voices else 0
        )
        danger = EarlyEar(lambda: not self.dispatcher.caught_up)
        self.receiver = Receiver(self.database, self.bot, _mask, self.clock, self.dispatcher.nudge, danger)

    def _open_ears(self) -> Understanding:
        italian()  # the mirror's tables, which the first answer would else wait for
        return self._open_listener()

    def _open_listener(self) -> Understanding:
        # Imported here, on the thread that opens it: the encoder and its data take longer than all the rest.
        from bot.understanding import meaning
        from bot.understanding.listener import build_listener

        listener = build_listener(ROOT, self.rasa)
        meaning.warm()
        return listener

    def _library(self) -> Library:
        return self.live.library

    def _nudge(self, queued: Sequence[Due]) -> None:
        self.delivery.nudge(queued)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
            self._failed.set()

    async def wait(self) -> None:
        """Run until something fails for good.

        Raises:
            BaseException: What failed.
        """
        await self._failed.wait()
        assert self.failure is not None
        raise self.failure

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- Telegram ------------------------------------------------------------------------------------------------

    async def _greet_telegram(self) -> None:
        try:
            await self._patiently(self.bot.initialize)
        except InvalidToken as error:
            raise SettingsError("Telegram non riconosce BOT_TOKEN: va copiato da @BotFather.") from error

    async def _patiently(self, call: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """A call, as long as it takes: a bot that starts before its network must not give up.

        Raises:
            InvalidToken: Telegram does not know the token.
            BadRequest: What is asked can never be.
        """
        pause = 0.2
        while True:
            try:
                await call()
                return
            except (InvalidToken, BadRequest):
                raise
            except TelegramError as error:  # a 429 too: it says nothing about the token
                log.warning("telegram.away", error=type(error).__name__)
                asked = retry_seconds(error) if isinstance(error, RetryAfter) else 0.0
                await asyncio.sleep(max(pause, asked))
                pause = min(pause * 2, 10.0)

    async def _set_webhook(self, secret: str) -> None:
        address = f"{self.settings.webhook_url}/telegram"
        try:
            await self._patiently(
                lambda: self.bot.set_webhook(
                    address, allowed_updates=list(ALLOWED_UPDATES), secret_token=secret
                )
            )
        except BadRequest as error:
            raise SettingsError("Telegram rifiuta WEBHOOK_URL: serve un indirizzo https pubblico.") from error

    async def _poll(self) -> None:
        with contextlib.suppress(TelegramError):
            await self.bot.delete_webhook()
        await self.receiver.poll(lambda: self.locks.lead(f"poll:{self.bot.id}"))

    async def _learn_the_group(self) -> None:
        """Who is in the group, before the first case needs somebody."""
        group_id = await self.database.run(self.desk.group_id)
        roll, standing = await self.members.roll(group_id) if group_id else ([], None)

        def unit(session: Session) -> None:
            now = self.clock.now()
            for event in (*roll, *((standing,) if standing else ())):
                self.desk.handle(session, event, now)
            self.desk.started(session, now)

        for tries_left in reversed(range(AT_THE_START)):
            try:
                await self.database.run(unit)
                break
            except IntegrityError:  # another worker, starting too, has just written the same people down
                if not tries_left:
                    raise
        problems = await self.database.run(self.desk.problems)
        for problem in problems:
            log.warning("desk.problem", what=problem)
        if problems and self.settings.production:
            raise SettingsError("Il banco degli angeli non è pronto:\n- " + "\n- ".join(problems))

    async def _menus(self) -> None:
        """Profile and menus: everybody's when their file has changed, an angel's as soon as they are one, or no more."""
        menu, digest = load_menu(self.library_path / "menu.yml")
        known = await self.database.run(lambda session: session.get(Setting, "menu"))
        if (known is None or known.value != digest) and await register(self.bot, menu):
            await self._remember("menu", digest)
        while True:
            try:
                await self._own_menus(menu, digest)
            except Exception as error:
                log.error("menus.failed", error=type(error).__name__)
            await asyncio.sleep(MENU_SECONDS)

    async def _own_menus(self, menu: Menu, digest: str) -> None:
        def look(session: Session) -> tuple[dict[str, str], dict[int, MenuOf]]:
            rows = session.scalars(select(Setting).where(Setting.name.startswith(CHAT_MENU)))
            shown = {row.name.removeprefix(CHAT_MENU): row.value for row in rows}
            return shown, self.desk.menus(session)

        shown, wanted = await self.database.run(look)
        now = await renew(self.bot, menu, digest, shown, wanted)
        for chat in shown.keys() | now.keys():
            if now.get(chat, "") != shown.get(chat, ""):
                await self._remember(f"{CHAT_MENU}{chat}", now.get(chat, ""))

    async def _remember(self, name: str, value: str) -> None:
        # Another worker, that shows the same menu at the same time, may be first.
        with contextlib.suppress(IntegrityError):
            await self.database.run(lambda session: session.merge(Setting(name=name, value=value)) and None)

    # --- work that comes round -------------------------------------------------------------------------------------

    async def _timers(self) -> None:
        while True:
            try:
                if await self.turns.timers():
                    continue
                await self.turns.catch_up()
            except Exception as error:
                log.error("timers.failed", error=type(error).__name__)
            await asyncio.sleep(0.25)

    async def _housekeeping(self) -> None:
        """Every ten minutes: what waited too long for a consent is erased; once a night, what is no longer needed."""
        while True:
            before = self.clock.now() - timedelta(hours=self.settings.held_hours)
            try:
                await self.database.run(lambda session, b=before: inbox.expire_held(session, b))  # type: ignore[misc]
                await retention.nightly(
                    self.database, self._retention_rules(), self.clock.now(), self.desk.closing_person
                )
                await self.database.tidy()
            except Exception as error:
                log.error("housekeeping.failed", error=type(error).__name__)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    def _retention_rules(self) -> retention.Rules:
        settings = self.settings
        return retention.Rules(timedelta(days=settings.unfinished_days), settings.closed_months)

    def _dialogues_changed(self, checked: Checked) -> None:
        """A broken file leaves the last good version in place; staff read here, and in `bot check`, what is wrong."""
        log.info("dialogues.loaded", errors=len(checked.errors))
        for problem in checked.errors:
            print(problem, file=sys.stderr)

    # --- understanding ----------------------------------------------------------------------------------------------

    def _rasa_client(self) -> RasaClient | None:
        """A client of the servers of NLU_URL, or of the one that this process keeps."""
        if self.settings.nlu_off:
            return None
        if self.settings.nlu_urls:
            return RasaClient(self.settings.nlu_urls)
        self.rasa_server = RasaServer(ROOT, lambda: newest_model(ROOT))
        return RasaClient(lambda: [self.rasa_server.url] if self.rasa_server else [])

    async def _start_rasa(self, stack: contextlib.AsyncExitStack) -> None:
        if self.rasa is not None:
            stack.push_async_callback(self.rasa.close)
        if self.rasa_server is not None:
            self.rasa_server.start()
            stack.push_async_callback(self.rasa_server.stop)

    def _ears(self) -> WhisperEars | None:
        """What listens to voice messages, when there is a model and the extra that runs it."""
        if not self.settings.voice_model:
            return None
        if not installed():
            log.warning("voice.not_installed", what_to_do="make voice")
            return None
        return WhisperEars(self.settings.voice_model, self.settings.data_dir / "voice")

    # --- the bot's own small web service ------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _http(self) -> AsyncIterator[None]:
        secret = self.settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
        routes = [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/metrics", self._metrics),
            Route("/telegram", self.receiver.webhook(secret), methods=["POST"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes),
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve())
        try:
            if self.settings.webhook_url:
                await self._set_webhook(secret)
            yield
        finally:
            server.should_exit = True
            await task

    async def _healthz(self, _request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def _readyz(self, _request: Request) -> Response:
        """Ready to understand: database, Telegram and Rasa; the bot already answers before Rasa does."""
        state = {
            "database": await self.database.reachable(),
            "telegram": bool(self.settings.webhook_url) or self.receiver.polled or self.receiver.stands_by,
            "rasa": self.settings.nlu_off or await self.listener.ready(),
        }
        return JSONResponse({"ready": all(state.values()), **state}, 200 if all(state.values()) else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def newest_model(root: Path) -> Path:
    """The model of the present examples, or the last one that was trained: an old ear is better than none.

    Raises:
        TrainingFailed: Nothing was ever trained.
    """
    model = model_path(root)
    if model.exists():
        return model
    older = sorted(model.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not older:
        raise TrainingFailed("Rasa non ha ancora imparato: `bot train` (o `make setup`).")
    return older[-1]


@contextlib.asynccontextmanager
async def hearing(settings: Settings) -> AsyncIterator[Listener]:
    """Understanding alone, as the bot has it: for `bot understand` and `bot evaluate`.

    Args:
        settings: `NLU_URL` is used when it is set; otherwise a Rasa is started and waited for.

    Raises:
        SettingsError: Rasa did not start in time.
    """
    from bot.understanding.listener import build_listener

    async with contextlib.AsyncExitStack() as stack:
        client: RasaClient | None = None
        if not settings.nlu_off:
            urls = settings.nlu_urls
            if not urls:
                server = RasaServer(ROOT, lambda: newest_model(ROOT))
                server.start()
                stack.push_async_callback(server.stop)
                if not await server.wait_ready(RASA_SECONDS):
                    raise SettingsError("Rasa non è partita: `bot train` dice perché.")
                urls = [server.url]
            client = RasaClient(urls)
            stack.push_async_callback(client.close)
        try:
            listener = build_listener(ROOT, client)
        except ValueError as error:
            raise SettingsError(str(error)) from error
        yield listener


def _mask(text: str) -> MaskedText:
    from bot.understanding.masking import mask

    hidden = mask(text)
    return MaskedText(hidden.text, hidden.kinds)


async def run_house(settings: Settings) -> None:
    """Run the bot until it is cancelled or something fails for good.

    Raises:
        SettingsError: Something is missing; the message says what.
    """
    if not settings.bot_token.get_secret_value():
        raise SettingsError("BOT_TOKEN è vuoto: lo dà @BotFather; va scritto nell'ambiente o in .env.")
    async with contextlib.AsyncExitStack() as stack:
        house = House(settings)
        await house.open(stack)
        log.info("house.open", bot=house.bot.id)
        await house.wait()


__all__ = ["Bot", "House", "SettingsError", "load_keys", "open_database", "run_house"]
