"""The local Telegram as a web server: the bot's side, the people's side, and the levers."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.rehearsal import faults
from bot.rehearsal.botapi import BotApi
from bot.rehearsal.errors import PhoneError
from bot.rehearsal.groups import Groups
from bot.rehearsal.limits import FloodLimits
from bot.rehearsal.local import ChatAction, LocalTelegram
from bot.rehearsal.pages import page_routes
from bot.rehearsal.phone import Phones
from bot.rehearsal.render import phone_json
from bot.rehearsal.world import Chat

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]


_FIELDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(
        ("first_name", "username", "language_code", "text", "caption", "emoji", "data", "name", "title"), str
    ),
    **dict.fromkeys(("thread_id", "message_id", "reply_to"), int),
    **dict.fromkeys(("entities", "message_ids", "album"), list),
    "chat_id": (int, str),
    "user_id": (int, str),
    "rights": dict,
}
"""What the named fields of a body must be, where they are given."""


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise PhoneError(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise PhoneError(400, "the body is not a JSON object")
    for name, kinds in _FIELDS.items():
        if body.get(name) is not None and (not isinstance(body[name], kinds) or isinstance(body[name], bool)):
            raise PhoneError(400, f"{name} is not of the right type")
    return body


def _number(request: Request, name: str, default: float | None = None) -> float | None:
    raw = request.query_params.get(name)
    if raw in (None, ""):
        return default
    try:
        return float(raw or 0)
    except ValueError:
        raise PhoneError(400, f"{name} is not a number") from None


def _whole(request: Request, name: str) -> int | None:
    value = _number(request, name)
    return None if value is None else int(value)


def _id(request: Request) -> int:
    try:
        return int(request.path_params["id"])
    except ValueError:
        raise PhoneError(404, f"no {request.path_params['id']}") from None


class PeoplesSide:
    """Endpoints of `/phone`, `/faults`, `/limits`, `/clock` and `/log`."""

    def __init__(self, local: LocalTelegram) -> None:
        self.local = local
        self.phones = Phones(local)
        self.groups = Groups(local)

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        acts: dict[str, Callable[[int, Json], Json]] = {
            "send": self.phones.send,
            "edit": self.phones.edit,
            "react": self.phones.react,
            "delete": self.phones.delete,
            "join": self.phones.join,
            "leave": self.phones.leave,
            "block": lambda user_id, body: self.phones.set_blocked(user_id, True),
            "unblock": lambda user_id, body: self.phones.set_blocked(user_id, False),
            "deactivate": lambda user_id, body: self.phones.deactivate(user_id),
        }
        return [
            Route("/phone/users", self._create_user, methods=["POST"]),
            *(
                Route(f"/phone/users/{{id}}/{name}", _posted(act), methods=["POST"])
                for name, act in acts.items()
            ),
            Route("/phone/users", self._list_users, methods=["GET"]),
            Route("/phone/users/{id}", self._user, methods=["GET"]),
            Route("/phone/users/{id}/tap", self._tap, methods=["POST"]),
            Route("/phone/users/{id}/messages", self._messages, methods=["GET"]),
            Route("/phone/users/{id}/topics", self._topics, methods=["GET"]),
            Route("/phone/users/{id}/events", self._events, methods=["GET"]),
            Route("/phone/groups", self._list_groups, methods=["GET"]),
            Route("/phone/groups", self._create_group, methods=["POST"]),
            Route("/phone/groups/{id}", self._group, methods=["GET"]),
            Route("/phone/groups/{id}/admin", self._admin, methods=["POST"]),
            Route("/phone/files/{id:path}", self._download, methods=["GET"]),
            Route("/faults", self._faults, methods=["GET", "POST", "DELETE"]),
            Route("/limits", self._limits, methods=["GET", "POST"]),
            Route("/clock", self._clock, methods=["GET", "POST"]),
            Route("/log", self._log, methods=["GET"]),
        ]

    async def _create_user(self, request: Request) -> Response:
        body = await _body(request)
        made = self.phones.create_user(
            body.get("first_name", ""), body.get("username"), body.get("language_code")
        )
        return JSONResponse({"id": made})

    async def _list_users(self, request: Request) -> Response:
        return JSONResponse(self.phones.listed())

    async def _user(self, request: Request) -> Response:
        return JSONResponse(self.phones.described(_id(request), request.query_params.get("chat_id")))

    async def _tap(self, request: Request) -> Response:
        return JSONResponse(await self.phones.tap(_id(request), await _body(request)))

    async def _messages(self, request: Request) -> Response:
        answer = await self.phones.messages(
            _id(request),
            request.query_params.get("chat_id"),
            _whole(request, "after") or 0,
            _number(request, "wait", 0.0) or 0.0,
            _whole(request, "thread_id"),
            _whole(request, "limit"),
        )
        return JSONResponse(answer)

    async def _topics(self, request: Request) -> Response:
        return JSONResponse(self.phones.topics(_id(request), request.query_params.get("chat_id")))

    async def _events(self, request: Request) -> Response:
        user = self.phones.user(_id(request))
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isdigit() else _whole(request, "after") or 0
        chat_id = request.query_params.get("chat_id")
        only = self.phones.chat(user, chat_id) if chat_id else None

        async def stream() -> AsyncIterator[bytes]:
            cursor, acted = after, self.local.acted
            yield b": hello\n\n"
            while not self.local.bell.closed:
                chats = [only] if only is not None else self.phones.chats_of(user)
                upto = self.local.world.seq
                found = [m for chat in chats for m in self.phones.changes(chat, cursor)[1]]
                if found:
                    found.sort(key=lambda m: m.version)
                    data = {"cursor": upto, "messages": [phone_json(m) for m in found]}
                    yield f"id: {upto}\ndata: {json.dumps(data)}\n\n".encode()
                    cursor = upto
                    continue
                cursor = upto
                acting = [(chat, self.local.actions.get(chat.id)) for chat in chats]
                shown = [(chat, a) for chat, a in acting if a is not None and a.seq > acted]
                acted = self.local.acted
                for chat, action in shown:
                    yield _action_event(cursor, chat, action)
                if shown:
                    continue
                watched = (*chats, *(("action", chat) for chat in chats), ("user", user.id))
                if not await self.local.bell.wait(watched, 15.0):
                    yield b": still here\n\n"

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _list_groups(self, request: Request) -> Response:
        return JSONResponse(self.groups.listed())

    async def _create_group(self, request: Request) -> Response:
        return JSONResponse(self.groups.create(await _body(request)))

    async def _group(self, request: Request) -> Response:
        return JSONResponse(self.groups.described(_id(request)))

    async def _admin(self, request: Request) -> Response:
        return JSONResponse(self.groups.act(_id(request), await _body(request)))

    async def _download(self, request: Request) -> Response:
        """Give a person's telephone the bytes of a file_id that it sees in a message."""
        stored = self.local.files.by_id.get(request.path_params["id"])
        data = self.local.files.read(stored.path) if stored is not None else None
        if stored is None or data is None:
            raise PhoneError(404, "no such file")
        return Response(data, media_type=stored.mime)

    async def _faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.local.faults.clear()
        elif request.method == "POST":
            self._order(await _body(request))
        open_orders = [
            {"method": f.method, "chat_id": f.chat_id, "kind": f.kind, "count": f.count, "seconds": f.seconds}
            for f in self.local.faults.orders
        ]
        return JSONResponse({"faults": open_orders})

    def _order(self, body: Json) -> None:
        kind = str(body.get("kind"))
        count, seconds = body.get("count", 1), body.get("seconds")
        if kind not in faults.KINDS:
            raise PhoneError(400, f"no fault {kind!r}; there are: {', '.join(faults.KINDS)}")
        if not isinstance(count, int) or count < 0:
            raise PhoneError(400, "count is a whole number")
        if seconds is not None and not isinstance(seconds, int | float):
            raise PhoneError(400, "seconds is a number")
        if count:
            chat_id = int(body["chat_id"]) if body.get("chat_id") not in (None, "") else None
            self.local.faults.order(faults.Fault(kind, count, body.get("method") or None, chat_id, seconds))

    async def _limits(self, request: Request) -> Response:
        if request.method == "POST":
            enabled = (await _body(request)).get("enabled")
            if not isinstance(enabled, bool):
                raise PhoneError(400, "enabled is true or false")
            self.local.limits = FloodLimits(enabled)
        return JSONResponse({"enabled": self.local.limits.enabled})

    async def _clock(self, request: Request) -> Response:
        if request.method == "POST":
            seconds = (await _body(request)).get("advance_s")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
                raise PhoneError(400, "advance_s is a number of seconds, not negative")
            self.local.clock.advance(float(seconds))
        return JSONResponse({"now": self.local.clock.now(), "offset_s": self.local.clock.offset})

    async def _log(self, request: Request) -> Response:
        lines: Iterator[bytes] = self.local.log.after(_whole(request, "after") or 0)
        return StreamingResponse(_streamed(lines), media_type="application/x-ndjson")


def _action_event(cursor: int, chat: Chat, action: ChatAction) -> bytes:
    """Write a named event beside the messages'; its body reads like theirs, so that nobody needs to know of it."""
    shown = {"chat_id": chat.id, "thread_id": action.thread_id, "action": action.action}
    return (
        f"event: typing\ndata: {json.dumps({'cursor': cursor, 'messages': [], 'typing': shown})}\n\n".encode()
    )


async def _streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _posted(act: Callable[[int, Json], Json]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(act(_id(request), await _body(request)))

    return endpoint


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, PhoneError)
    return JSONResponse({"error": str(error)}, status_code=error.status)


async def _unknown(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "not found"}, status_code=getattr(error, "status_code", 404))


def create_app(local: LocalTelegram, routes: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Return the whole local Telegram as one ASGI application.

    Args:
        local: the Telegram to serve.
        routes: further routes beside it; the demo page stands at ``/`` in any case.
    """
    people = Starlette(
        routes=[*PeoplesSide(local).routes(), *routes, *page_routes()],
        exception_handlers={PhoneError: _refused, 404: _unknown, 405: _unknown},
    )
    bot_api = BotApi(local)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The bot's side stands before Starlette: faults need uvicorn's own `send`, which middleware would wrap.
        path = scope.get("path", "")
        if scope["type"] == "http" and (path.startswith(("/bot", "/file/bot"))):
            await bot_api(scope, receive, send)
        else:
            await people(scope, receive, send)

    return app


@asynccontextmanager
async def serve(
    local: LocalTelegram, *, host: str = "127.0.0.1", port: int = 0, routes: Sequence[BaseRoute] = ()
) -> AsyncIterator[str]:
    """Serve a local Telegram for as long as the context is open; yields its address. Prints nothing.

    Args:
        local: the Telegram; closed (and kept, if it has a data folder) at the end.
        host: address to bind.
        port: 0 picks a free one.
        routes: further routes, see `create_app`.

    Raises:
        OSError: the port is taken.
    """
    bound = _listen(host, port)
    config = uvicorn.Config(
        create_app(local, routes),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([bound]))
    posting = asyncio.create_task(local.post.run())
    try:
        await server.up.wait()
        yield f"http://{host}:{bound.getsockname()[1]}"
    finally:
        local.bell.close()
        server.should_exit = True
        await running
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await posting
        bound.close()
        local.close()


def _listen(host: str, port: int) -> socket.socket:
    """Bind a socket that names its protocol: asyncio sends small answers at once (TCP_NODELAY) only on such ones."""
    bound = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    """Uvicorn that says when it is up, and leaves signals to the command that started it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take no signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and say so."""
        await super().startup(sockets)
        self.up.set()
