"""Encryption of personal columns at rest.

Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`; several keys are accepted, the first one writes and
all of them read, so a key can be replaced without a day of darkness.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class NoKeyError(RuntimeError):
    """Personal data was to be read or written before the keys were loaded."""


class UnreadableError(RuntimeError):
    """A stored value cannot be read with any of the keys."""


class Keyring:
    """The keys of this process; empty until `load`."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None

    def load(self, keys: list[str]) -> None:
        """Take the keys in use.

        Args:
            keys: Fernet keys (32 bytes, URL-safe base64), the writing one first.

        Raises:
            ValueError: No key, or one that is not a Fernet key.
        """
        if not keys:
            raise ValueError("nessuna chiave di cifratura")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> bytes:
        """Encrypt one value."""
        if self._fernet is None:
            raise NoKeyError("le chiavi di cifratura non sono state caricate")
        return self._fernet.encrypt(text.encode("utf-8"))

    def open(self, sealed: bytes) -> str:
        """Decrypt one value.

        Raises:
            UnreadableError: None of the keys fits.
        """
        if self._fernet is None:
            raise NoKeyError("le chiavi di cifratura non sono state caricate")
        try:
            return self._fernet.decrypt(sealed).decode("utf-8")
        except InvalidToken as error:
            raise UnreadableError("un dato cifrato non si legge con nessuna delle chiavi") from error


keyring = Keyring()
"""One per process: SQLAlchemy's column types have no other way to reach the keys."""


class Sealed(TypeDecorator[str]):
    """A text column that is encrypted at rest."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else keyring.seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else keyring.open(bytes(value))
