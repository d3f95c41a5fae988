"""Logs: structured, with ids and never with texts, tokens, names or numbers.

Libraries are kept to warnings (httpx would write every URL, and the token is part of it), and whatever still looks
like a bot token is hidden on the way out.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO, cast

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


class _Steady:
    """Standard error that never fails: on a full disk the house goes on without its log, not the other way round."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            return sys.stderr.write(text)
        return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _fell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error that nobody caught: its kind and where it was, without its message, which may quote somebody."""
    if issubclass(kind, KeyboardInterrupt):
        return
    print(f"errore inatteso: {kind.__name__}", file=sys.stderr)
    for frame in traceback.extract_tb(trace):
        print(f"  {frame.filename}:{frame.lineno} {frame.name}", file=sys.stderr)


def _thread_fell(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _fell(args.exc_type, args.exc_value, args.exc_traceback)


def set_up(level: str = "INFO") -> None:
    """Send the house's own log to standard error as JSON lines, and libraries' warnings without their texts.

    Errors that nobody caught are told by kind and place only.

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
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Steady())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Quiet())
    sys.excepthook = _fell
    threading.excepthook = _thread_fell
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
