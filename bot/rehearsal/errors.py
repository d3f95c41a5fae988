"""Errors as Telegram words them, and as the people's side words them."""

from __future__ import annotations

from typing import Any

_PREFIX = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}


class ApiError(Exception):
    """An answer with ``ok: false``.

    The wording follows ``Client::fail_query_with_error`` of the public Bot API server: a prefix by code, then the
    message with its first letter lowered, unless it is one of the server's constants (``TOPIC_CLOSED``).

    Args:
        code: HTTP status and ``error_code``.
        message: what went wrong, without the prefix.
        parameters: ``ResponseParameters``, e.g. ``{"retry_after": 3}`` (seconds).
    """

    def __init__(self, code: int, message: str, parameters: dict[str, Any] | None = None) -> None:
        self.code = code
        self.parameters = parameters
        self.description = _worded(code, message)
        super().__init__(self.description)

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def _worded(code: int, message: str) -> str:
    prefix = _PREFIX.get(code)
    if prefix is None or message.startswith(prefix):
        return message
    if not message:
        return prefix
    constant = len(message) > 1 and (message[1] == "_" or "A" <= message[1] <= "Z")
    return f"{prefix}: {message if constant else message[0].lower() + message[1:]}"


def bad_request(message: str) -> ApiError:
    """Return a 400 with Telegram's wording."""
    return ApiError(400, message)


def too_many_requests(retry_after: int) -> ApiError:
    """Return the flood answer; ``retry_after`` in seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


class PhoneError(Exception):
    """What the people's side answers when a telephone could not do that: ``{"error": ...}`` with a 4xx status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)
