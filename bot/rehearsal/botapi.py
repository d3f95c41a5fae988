"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`, with faults on order."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import mimetypes
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from bot.rehearsal import methods as _methods
from bot.rehearsal.args import Args
from bot.rehearsal.errors import ApiError, too_many_requests
from bot.rehearsal.faults import HANG_S, Fault
from bot.rehearsal.files import MAX_UPLOAD, Upload
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.methods.updates import Written
from bot.rehearsal.registry import METHODS

assert _methods  # importing them is what registers them
_log = logging.getLogger(__name__)


class BotApi:
    """An ASGI application for the bot's side."""

    def __init__(self, local: LocalTelegram) -> None:
        self.local = local
        local.post.answers = self.answered_by_webhook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("raw_path") or scope["path"].encode()
        parts = unquote(path.decode("latin-1").partition("?")[0]).split("/")
        if parts[1] == "file":
            await self._file(parts, send)
            return
        try:
            await self._call(parts, Request(scope, receive), receive, send)
        except ClientDisconnect:
            return

    async def answered_by_webhook(self, name: str, values: dict[str, Any]) -> None:
        """Make a call that came in the answer to a webhook post; nobody hears its result."""
        canonical, handler = METHODS.get(name.lower(), (name, None))
        args = Args(values)
        entry = {"t": self.local.clock.now(), "via": "call", "method": canonical, "params": args.logged()}
        await self._answer(entry, handler, args)

    async def _call(self, parts: list[str], request: Request, receive: Receive, send: Send) -> None:
        local = self.local
        name = parts[2] if len(parts) == 3 else ""
        canonical, handler = METHODS.get(name.lower(), (name, None))
        if parts[1].removeprefix("bot") != local.token:
            await _reply(send, 401, json.dumps(ApiError(401, "Unauthorized").as_json()).encode())
            return
        try:
            args = await read_args(request)
        except ApiError as error:
            entry: dict[str, Any] = {"t": local.clock.now(), "via": "call", "method": canonical, "params": {}}
            local.log.add({**entry, **error.as_json()})
            await _reply(send, error.code, json.dumps(error.as_json()).encode())
            return
        entry = {"t": local.clock.now(), "via": "call", "method": canonical, "params": args.logged()}
        fault = local.faults.strike(canonical, args.text("chat_id")) if handler is not None else None
        if fault is not None:
            entry["fault"] = fault.kind
            if not await self._suffer(fault, entry, args, receive, send):
                return
        status, body = await self._answer(entry, handler, args)
        if fault is not None and fault.kind == "timeout_after":
            await _hang(receive, fault.seconds)
            await _cut(receive, send)
            return
        await _reply(send, status, body)

    async def _answer(self, entry: dict[str, Any], handler: Any, args: Args) -> tuple[int, bytes]:
        """Act, log, and return the status and body of the answer."""
        try:
            if handler is None:
                raise ApiError(404, "Not Found")
            result = handler(self.local, args)
            if inspect.isawaitable(result):
                result = await result
            written = result if isinstance(result, Written) else json.dumps(result).encode()
        except ApiError as error:
            return self._refuse(entry, error)
        except Exception:  # a fault of ours must look to the bot as one of Telegram's, and be seen by us
            _log.exception("%s failed", entry["method"])
            return self._refuse(entry, ApiError(500, "Internal Server Error"))
        self.local.log.add({**entry, "ok": True}, bytes(written))
        return 200, b'{"ok":true,"result":' + written + b"}"

    def _refuse(self, entry: dict[str, Any], error: ApiError) -> tuple[int, bytes]:
        self.local.log.add({**entry, **error.as_json()})
        return error.code, json.dumps(error.as_json()).encode()

    async def _suffer(
        self, fault: Fault, entry: dict[str, Any], args: Args, receive: Receive, send: Send
    ) -> bool:
        """Let a fault happen before the call acts; return whether the call acts all the same."""
        error = None
        match fault.kind:
            case "timeout_before" | "disconnect":
                self.local.log.add(
                    {**entry, "ok": False, "error_code": 504, "description": f"fault: {fault.kind}"}
                )
                if fault.kind == "timeout_before":
                    await _hang(receive, fault.seconds)
                await _cut(receive, send)
                return False
            case "slow":
                await asyncio.sleep(fault.seconds if fault.seconds is not None else 1.0)
            case "429":
                error = too_many_requests(max(1, int(fault.seconds or 1)))
            case "500":
                error = ApiError(500, "Internal Server Error")
            case "403":
                private = args.integer("chat_id") > 0
                error = ApiError(
                    403,
                    "bot was blocked by the user" if private else "bot was kicked from the supergroup chat",
                )
        if error is None:
            return True
        self.local.log.add({**entry, **error.as_json()})
        await _reply(send, error.code, json.dumps(error.as_json()).encode())
        return False

    async def _file(self, parts: list[str], send: Send) -> None:
        path = "/".join(parts[3:])
        if len(parts) < 4 or parts[2].removeprefix("bot") != self.local.token:
            await _reply(send, 401, json.dumps(ApiError(401, "Unauthorized").as_json()).encode())
            return
        data = self.local.files.read(path)
        if data is None:
            await _reply(send, 404, json.dumps(ApiError(404, "Not Found").as_json()).encode())
            return
        await _reply(send, 200, data, mimetypes.guess_type(path)[0] or "application/octet-stream")


async def read_args(request: Request) -> Args:
    """Read parameters from query, urlencoded or multipart form, or JSON.

    Raises:
        ApiError: too large, or not what it says it is.
    """
    args = Args(dict(request.query_params))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if int(request.headers.get("content-length") or 0) > MAX_UPLOAD + (1 << 20):
        async for _ in request.stream():
            pass
        raise ApiError(413, "Request Entity Too Large")
    if kind == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise ApiError(400, "Can't parse request: can't parse JSON object") from None
        if isinstance(body, dict):
            args.values.update(body)
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        await _read_form(request, args)
    return args


async def _read_form(request: Request, args: Args) -> None:
    try:
        async with request.form(max_files=1000, max_fields=1000, max_part_size=1 << 24) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = await value.read()
                    mime = value.content_type or "application/octet-stream"
                    args.uploads[name] = Upload(value.filename or name, mime, data)
                else:
                    args.values[name] = value
    except MultiPartException:
        raise ApiError(400, "Can't parse request") from None
    if any(len(upload.data) > MAX_UPLOAD for upload in args.uploads.values()):
        raise ApiError(413, "Request Entity Too Large")


async def _reply(send: Send, status: int, body: bytes, kind: str = "application/json") -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _hang(receive: Receive, seconds: float | None) -> None:
    """Keep the connection open without a word for ``seconds``, or until the caller gives up."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), HANG_S if seconds is None else seconds)
    except TimeoutError:
        return


async def _cut(receive: Receive, send: Send) -> None:
    """Close the connection without an answer: uvicorn's ``send`` belongs to the object that holds the transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
