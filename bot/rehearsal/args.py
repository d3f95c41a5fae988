"""The parameters of a call, whichever of the four ways they came (Bot API, making requests)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.rehearsal.errors import bad_request
from bot.rehearsal.files import Upload


@dataclass(slots=True)
class Args:
    """Named values as they were sent: strings from query and forms, JSON values from JSON bodies; and uploads."""

    values: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether the parameter was sent with something in it."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """Return a parameter as text, empty when missing."""
        value = self.values.get(name)
        match value:
            case None:
                return ""
            case str():
                return value
            case bool():
                return "true" if value else "false"
            case dict() | list():
                return json.dumps(value)
            case _:
                return str(value)

    def integer(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        """Return a whole number; what is none counts as 0, as td::to_integer reads it, and bounds are enforced."""
        value = default
        if self.has(name):
            try:
                value = int(self.text(name))
            except ValueError:
                value = 0
        if low is not None:
            value = max(low, value)
        return min(high, value) if high is not None else value

    def number(self, name: str) -> float:
        """Return a decimal number.

        Raises:
            ApiError: missing or no number.
        """
        if not self.has(name):
            raise bad_request(f"{name} is empty")
        try:
            return float(self.text(name))
        except ValueError:
            raise bad_request(f"Can't parse {name}") from None

    def flag(self, name: str) -> bool:
        """Return a Boolean as telegram-bot-api reads it: true, yes or 1."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def parsed(self, name: str, what: str) -> Any:
        """Return a JSON-serialized parameter, None when missing.

        Raises:
            ApiError: "can't parse ... JSON object".
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {what} JSON object") from None

    def logged(self) -> dict[str, Any]:
        """Return the parameters for the log: as sent, each upload as ``attach://name``, each once."""
        shown = dict(self.values)
        written = json.dumps(self.values)
        for name in self.uploads:
            if f"attach://{name}" not in written:
                shown[name] = f"attach://{name}"
        return shown
