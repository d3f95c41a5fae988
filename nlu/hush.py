"""Logs that never carry a word of what people say.

Rasa prints message texts in many places: at debug for each message, at warning when it cannot read one, in the
errors of its web server, in Python warnings. Leaving out known keys would miss the next one. So only what is
known to be harmless gets through: the name of the event, its level, the logger, the type of an exception.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from types import TracebackType
from typing import Any

import structlog


class _EventOnly(logging.Formatter):
    """One JSON line per record: never the message, its arguments, or an exception's words."""

    def format(self, record: logging.LogRecord) -> str:
        """Level, logger and line of code are enough to find what happened."""
        said = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "at": f"{record.module}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
        return json.dumps(said)


def _event_only(_: Any, method: str, event: dict[str, Any]) -> str:
    return json.dumps({"level": method, "event": str(event.get("event", ""))[:60].partition(" ")[0]})


def hush(level: int = logging.WARNING) -> None:
    """Call before Rasa is imported, and again after it has configured its own logging."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_EventOnly())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("sanic.access", "sanic.error", "sanic.root", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "sanic.access" else level)
    structlog.configure(
        processors=[_event_only],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    warnings.simplefilter("ignore")
    warnings.showwarning = lambda *_, **__: None  # type: ignore[assignment]
    sys.excepthook = _uncaught
    threading.excepthook = lambda hooked: _uncaught(hooked.exc_type, hooked.exc_value, hooked.exc_traceback)


def _uncaught(kind: type[BaseException], _: BaseException | None, trace: TracebackType | None) -> None:
    where = ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    print(json.dumps({"level": "critical", "error": kind.__name__, "at": where}), file=sys.stderr)
