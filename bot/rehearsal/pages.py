"""The demo page: static files beside the local Telegram, for people to try it by hand in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "page"
_HEADERS = {
    # Nothing but our own files runs or loads; people's files come from /phone/files on the same origin.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Asked again each time (ETag answers 304): an upgrade never leaves half an old page in a browser.
    "Cache-Control": "no-cache",
}


class _Files(StaticFiles):
    """Static files with the page's headers."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve one file."""
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


async def _index(request: Any) -> Response:
    return FileResponse(FOLDER / "index.html", headers=_HEADERS)


def page_routes() -> list[BaseRoute]:
    """Return the routes of the demo page: itself at ``/``, its files under ``/page``."""
    return [Route("/", _index, methods=["GET"]), Mount("/page", _Files(directory=FOLDER))]
