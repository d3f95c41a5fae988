"""The line to Telegram: python-telegram-bot's requests over aiohttp, whose parsers are C.

The library's own, over httpx, takes five times as many steps for a request; at 30 updates a second that was a
quarter of all the bot's work (measured). The library foresees other lines: `telegram.request.BaseRequest`.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

_BEFORE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What goes wrong before a request can leave: no connection, or none in time."""

KEEP_SECONDS = 5.0
"""How long an unused connection is kept: the longer, the likelier that Telegram closes it just when it is used."""

SENDING_SECONDS = 60.0
"""Longest time to hand over a request, its files too, beside the waiting for its answer."""


class NeverLeftError(Exception):
    """The cause of an error that came before the request left."""


class Line(BaseRequest):
    """Some connections to one Bot API server.

    Args:
        url: The server.
        connections: At most so many at once.
        read_timeout: Seconds to wait for an answer.
        connect_timeout: Seconds to wait for a new connection.
        pool_timeout: Seconds to wait for a connection, new or used.
    """

    def __init__(
        self,
        url: str,
        connections: int,
        *,
        read_timeout: float,
        connect_timeout: float = 5.0,
        pool_timeout: float = 20.0,
    ) -> None:
        self._url = url
        self._connections = connections
        self._read = read_timeout
        self._connect = connect_timeout
        self._pool = pool_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer, where a call does not say otherwise."""
        return self._read

    async def initialize(self) -> None:
        """Nothing is opened before the first request."""
        if self._session is None:
            trusted = ssl.create_default_context(cafile=certifi.where())
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=KEEP_SECONDS, ssl=trusted
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=_proxy(self._url),
            )

    async def shutdown(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """See `BaseRequest.do_request`: status and body.

        Raises:
            telegram.error.TimedOut, telegram.error.NetworkError: Caused by `NeverLeftError` when the request did not
                leave. Neither quotes an error of aiohttp, whose text may hold the address, and so the token.
        """
        if self._session is None:
            raise RuntimeError("the line was not initialised")
        read, connect, pool = (
            own if said is BaseRequest.DEFAULT_NONE else said
            for said, own in (
                (read_timeout, self._read),
                (connect_timeout, self._connect),
                (pool_timeout, self._pool),
            )
        )
        patience = aiohttp.ClientTimeout(
            total=pool + read + SENDING_SECONDS if pool is not None and read is not None else None,
            connect=pool,
            sock_connect=connect,
            sock_read=read,
        )
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                **_body(request_data),
                timeout=patience,
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            name = type(error).__name__
            cause = NeverLeftError(name) if isinstance(error, _BEFORE) else None
            raise (TimedOut(name) if isinstance(error, TimeoutError) else NetworkError(name)) from cause


def _body(data: RequestData | None) -> dict[str, Any]:
    """The parameters as JSON; with files as a form (https://core.telegram.org/bots/api#making-requests)."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"json": data.parameters}
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return {"data": form}


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for this server, looked up once."""
    server = URL(url)
    if not server.host or proxy_bypass(server.host):
        return None
    found = getproxies()
    return found.get(server.scheme) or found.get("all")
