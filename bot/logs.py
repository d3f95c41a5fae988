"""Logs: structured, with ids and never with texts, tokens, names or numbers.

Libraries are kept to warnings (httpx would write every URL, and the token is part of it), and whatever still looks
like a bot token is hidden on the way out.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")
_HIDDEN = "[token]"


def _hide(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub(_HIDDEN, value)
    return event


class _Quiet(logging.Formatter):
    """Name and kind of a library's warning; its text may quote what it was handling."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return f"{record.levelname.lower()} {record.name} {record.funcName}:{record.lineno} {kind}".rstrip()


def set_up(level: str = "INFO") -> None:
    """Send the house's own log to standard error as JSON lines, and libraries' warnings without their texts.

    Args:
        level: DEBUG, INFO, WARNING or ERROR, for the house's own log.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Quiet())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
