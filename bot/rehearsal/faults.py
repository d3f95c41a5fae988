"""Faults on order: the next calls that match go wrong in the way that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("timeout_before", "timeout_after", "disconnect", "429", "500", "403", "slow")
HANG_S = 30.0
"""How long a lost request hangs when no ``seconds`` are given."""


@dataclass(slots=True)
class Fault:
    """One order: ``count`` matching calls will suffer it; ``seconds`` is how long, or the retry_after of a 429."""

    kind: str
    count: int = 1
    method: str | None = None
    chat_id: int | None = None
    seconds: float | None = None


class Faults:
    """The orders that are still open, oldest first."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add an order."""
        self.orders.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        self.orders.clear()

    def strike(self, method: str, chat_id: str) -> Fault | None:
        """Return the fault that this call suffers, if any, and count it off."""
        for fault in self.orders:
            if fault.method is not None and fault.method.lower() != method.lower():
                continue
            if fault.chat_id is not None and str(fault.chat_id) != chat_id:
                continue
            fault.count -= 1
            if fault.count <= 0:
                self.orders.remove(fault)
            return fault
        return None
